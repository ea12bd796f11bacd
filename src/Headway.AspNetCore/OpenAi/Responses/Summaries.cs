using System.Text.Json.Nodes;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Jobs;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>The summary of a conversation as the `encrypted_content` of a compaction item: sealed for the tenant that it was made for.</summary>
internal sealed class Summaries(EngineHost host)
{
    private const string Prefix = "summary.";

    /// <summary>What a model is asked for behind the conversation.</summary>
    public const string Ask = """
        Sum up this conversation, so that it can be gone on from the summary alone. Keep what was decided, what is still open, names, numbers, results of tools
        and how the answers are wanted, word for word where words matter. Write only the summary.
        """;

    public static bool MayBeOne(string? text) => text?.StartsWith(Prefix, StringComparison.Ordinal) is true;

    /// <param name="subject">Of the conversation.</param>
    public async Task<string> SealAsync(Caller caller, string? subject, Job job, DataClass data, string summary, CancellationToken stop) =>
        Prefix + Convert.ToBase64String(await host.Engine.Summaries.SealAsync(caller.Tenant, subject, job.Id, data, summary, stop));

    /// <summary>The items as a model is told them: with what their summaries say.</summary>
    /// <param name="next">Who is told.</param>
    /// <param name="earlier">So many of them, the first, are of earlier responses.</param>
    public async Task<(Problem? Problem, IReadOnlyList<JsonNode?> Items)> OpenAsync(Caller caller, FeatureVersion next, IReadOnlyList<JsonNode?> items, int earlier)
    {
        if (items.All(item => item.Of("type").Text() != "compaction")) return (null, items);
        var told = items.ToList();
        for (var i = 0; i < told.Count; i++)
        {
            if (told[i].Of("type").Text() != "compaction") continue;
            var place = i < earlier ? "previous_response_id" : $"input[{i - earlier}].encrypted_content";
            var summary = Decode(told[i].Of("encrypted_content").Text()) is { } bytes ? await host.Engine.Summaries.OpenAsync(caller.Tenant, bytes) : null;
            if (summary is null) return (Unknown(place), []);
            if (summary.Data > next.Contract.Data) return (Forbidden(place, summary.Data, next), []);
            told[i] = new JsonObject { ["type"] = "compaction", ["summary"] = summary.Text };
        }

        return (null, told);
    }

    /// <summary>As it is told to a model.</summary>
    public static string Told(string? summary) => $"Summary of the conversation so far:\n{summary}";

    public static Problem Unknown(string place) => Nodes.Wrong(place,
        $"`{place}` is no summary that was made by POST /v1/responses/compact here, or was altered, so what it stands for would be lost. Send the items themselves.");

    private static Problem Forbidden(string place, DataClass data, FeatureVersion next) => Nodes.Wrong(place,
        $"`{place}` sums up {Words.Of(data)} data, and {next.Feature} is declared for {Words.Of(next.Contract.Data)} data. Go on with a model or feature that is declared for it, or send what may be told as items.");

    private static byte[]? Decode(string? text)
    {
        if (!MayBeOne(text)) return null;
        var bytes = new byte[text!.Length];
        return Convert.TryFromBase64Chars(text.AsSpan(Prefix.Length), bytes, out var length) ? bytes[..length] : null;
    }
}
