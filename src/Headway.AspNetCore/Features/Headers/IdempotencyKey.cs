using System.Text;

namespace Headway.AspNetCore.Features.Headers;

/// <summary>The `Idempotency-Key` header: plain, or as a string of structured fields (RFC 9651), which both name the same key.</summary>
internal static class IdempotencyKey
{
    public const int Longest = 255;
    public const string Rule = "It is 1 to 255 printable ASCII characters, plain or in double quotes.";

    public static bool TryParse(string text, out string key)
    {
        key = text;
        if (text.StartsWith('"') && !TryUnquote(text, out key)) return false;
        return key.Length is >= 1 and <= Longest && !key.AsSpan().ContainsAnyExceptInRange(' ', '~');
    }

    private static bool TryUnquote(string text, out string key)
    {
        key = "";
        if (text.Length < 2 || text[^1] != '"') return false;
        var inside = text.AsSpan(1, text.Length - 2);
        var plain = new StringBuilder(inside.Length);
        for (var i = 0; i < inside.Length; i++)
        {
            if (inside[i] == '"') return false;
            if (inside[i] == '\\' && (++i == inside.Length || inside[i] is not ('"' or '\\'))) return false;
            plain.Append(inside[i]);
        }

        key = plain.ToString();
        return true;
    }
}
