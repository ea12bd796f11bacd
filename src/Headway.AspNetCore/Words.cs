using System.Globalization;

namespace Headway.AspNetCore;

/// <summary>How values of ours read in what callers are told.</summary>
internal static class Words
{
    private const int LongestQuote = 80;

    /// <summary>As the feature file and the wire write it: `ownUi` is `own-ui`, `Sync` is `sync`.</summary>
    public static string Of<T>(T value) where T : struct, Enum
    {
        var name = value.ToString();
        return string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? "-" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>What a caller sent, in quotes and cut short: answers do not grow with input.</summary>
    public static string Quote(string text) => text.Length <= LongestQuote ? $"\"{text}\"" : $"\"{text.AsSpan(0, LongestQuote)}…\"";

    /// <summary>" Did you mean …?" when one of the known names is near, else nothing.</summary>
    public static string Suggest(string text, IEnumerable<string> known)
    {
        if (text.Length > LongestQuote) return "";
        var nearest = known.Select(name => (name, distance: Distance(text, name))).OrderBy(pair => pair.distance).FirstOrDefault();
        return nearest.name is { } found && nearest.distance <= Math.Max(2, found.Length / 3) ? $" Did you mean {found}?" : "";
    }

    // Levenshtein, one row at a time; names are short.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
