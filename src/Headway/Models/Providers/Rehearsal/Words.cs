using System.Globalization;
using System.Net;

namespace Headway.Models.Providers.Rehearsal;

/// <summary>When two names mean the same, and when a text has a form.</summary>
internal static class Words
{
    /// <summary>`heartRate`, `heart_rate` and `Heart rate` are one name.</summary>
    public static bool Same(string one, string other) => Plain(one).Equals(Plain(other), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the text has the word, not only its letters.</summary>
    public static bool Contain(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0 && word.Length > 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + word.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
                return true;
        }

        return false;
    }

    public static bool HasForm(string text, string format) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date-time" => text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "time" => text.Contains(':', StringComparison.Ordinal) && text.Length <= 20 && char.IsAsciiDigit(text[0]),
        "email" => text.Contains('@', StringComparison.Ordinal) && !text.Contains(' ', StringComparison.Ordinal),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "ipv4" or "ipv6" => IPAddress.TryParse(text, out _),
        "hostname" => Uri.CheckHostName(text) is UriHostNameType.Dns,
        "uuid" => Guid.TryParseExact(text, "D", out _),
        _ => true,
    };

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit));
}
