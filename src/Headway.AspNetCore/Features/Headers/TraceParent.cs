namespace Headway.AspNetCore.Features.Headers;

/// <summary>The `traceparent` header of W3C Trace Context. A broken one is left out, as the standard asks, and a new trace begins.</summary>
internal static class TraceParent
{
    private const int Length = 55;

    public static bool IsValid(string text)
    {
        // 00-{32 hex}-{16 hex}-{2 hex}; a later version may be longer, and its first 55 characters mean the same.
        if (text.Length < Length || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
        var version = text.AsSpan(0, 2);
        if (!IsHex(version) || version is "ff" || (version is "00" && text.Length != Length)) return false;
        if (text.Length > Length && text[Length] != '-') return false;
        return IsHex(text.AsSpan(3, 32)) && IsHex(text.AsSpan(36, 16)) && IsHex(text.AsSpan(53, 2))
            && text.AsSpan(3, 32).ContainsAnyExcept('0') && text.AsSpan(36, 16).ContainsAnyExcept('0');
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c)) return false;
        }

        return true;
    }
}
