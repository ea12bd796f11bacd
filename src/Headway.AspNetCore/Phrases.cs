using Headway.Features;

namespace Headway.AspNetCore;

/// <summary>Turns of phrase in what callers are told.</summary>
internal static class Phrases
{
    private const int LongestQuote = 80;

    /// <summary>What a caller sent, in quotes and cut short: answers do not grow with input.</summary>
    public static string Quote(string text) => text.Length <= LongestQuote ? $"\"{text}\"" : $"\"{text.AsSpan(0, LongestQuote)}…\"";

    /// <summary>" Did you mean …?" when one of the known names is near, else nothing.</summary>
    public static string Suggest(string text, IEnumerable<string> known)
        => text.Length <= LongestQuote && Spelling.Nearest(text, known) is { } nearest ? $" Did you mean {nearest}?" : "";
}
