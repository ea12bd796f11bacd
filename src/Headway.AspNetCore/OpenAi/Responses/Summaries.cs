using System.Text;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>The summary of a conversation as the `encrypted_content` of a compaction item. Whoever sends it may say what they like anyway, so nothing is signed.</summary>
internal static class Summaries
{
    private const string Prefix = "summary.";

    /// <summary>What a model is asked for behind the conversation.</summary>
    public const string Ask = """
        Sum up this conversation, so that it can be gone on from the summary alone. Keep what was decided, what is still open, names, numbers, results of tools
        and how the answers are wanted, word for word where words matter. Write only the summary.
        """;

    public static string Seal(string summary) => Prefix + Convert.ToBase64String(Encoding.UTF8.GetBytes(summary));

    /// <summary>Null: it is none, or one of another maker.</summary>
    public static string? Open(string? text)
    {
        if (text?.StartsWith(Prefix, StringComparison.Ordinal) is not true) return null;
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(text[Prefix.Length..])) is { Length: > 0 } summary ? summary : null;
        }
        catch (Exception broken) when (broken is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>As it is told to a model.</summary>
    public static string Told(string? text) => $"Summary of the conversation so far:\n{Open(text)}";
}
