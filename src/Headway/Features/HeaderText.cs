using System.Buffers;
using System.Text;

namespace Headway.Features;

/// <summary>Any text as the value of a header.</summary>
internal static class HeaderText
{
    private static readonly SearchValues<char> Printable = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code).Where(character => character is not ('%' or '"'))]);

    /// <summary>A header is printable ASCII; what callers name may be anything. Other characters are percent-encoded as UTF-8, and so is the percent sign, so that it can be undone.</summary>
    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Printable)) return text;
        var written = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsBmp && Printable.Contains((char)rune.Value)) written.Append((char)rune.Value);
            else written.Append(Uri.EscapeDataString(rune.ToString()));
        }
        return written.ToString();
    }
}
