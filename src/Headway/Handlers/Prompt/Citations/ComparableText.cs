using System.Globalization;
using System.Text;

namespace Headway.Handlers.Prompt.Citations;

/// <summary>Text in the form in which citations are compared: what looks alike to a reader is alike, and nothing else.</summary>
/// <remarks>
/// Folded are compatibility forms (the ligature of fi, wide letters, composed accents), case, white space, quotation marks, dashes and the ellipsis; taken out
/// is what is not seen (soft hyphens, zero-width and direction marks, variation selectors). Letters, digits, accents and other punctuation stay.
/// </remarks>
internal static class ComparableText
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28;

    public static string Of(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Mark(rune) is { } mark)
                Append(folded, new Rune(mark));
            else if (Decompositions.Of(rune) is { } parts)
                foreach (var part in parts.EnumerateRunes()) Append(folded, Mark(part) is { } inner ? new Rune(inner) : part);
            else
                Append(folded, rune);
        }

        return folded.ToString().TrimEnd(' ');
    }

    /// <summary>Whether the character belongs to the letter before it, so that no text ends between the two.</summary>
    public static bool IsAccent(char character) => character >= '\u0300' && CharUnicodeInfo.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark;

    private static char? Mark(Rune rune) => rune.Value switch
    {
        '"' or '\'' or '`' or 0xAB or 0xBB or 0xB4 or 0x2B9 or 0x2BA or 0x2BB or 0x2BC or 0x2C8 or (>= 0x2018 and <= 0x201F) or (>= 0x2032 and <= 0x2037) or 0x2039 or 0x203A or (>= 0x300C and <= 0x300F) or (>= 0x301D and <= 0x301F) => '\'',
        '-' or (>= 0x2010 and <= 0x2015) or 0x2043 or 0x2212 or 0x2E3A or 0x2E3B or 0xFE58 or 0xFE63 or 0xFF0D => '-',
        0x2044 or 0x2215 => '/',
        _ => null,
    };

    private static void Append(StringBuilder folded, Rune rune)
    {
        var category = Rune.GetUnicodeCategory(rune);
        if (Rune.IsWhiteSpace(rune))
        {
            if (folded.Length > 0 && folded[^1] != ' ') folded.Append(' ');
            return;
        }

        if (category is UnicodeCategory.Format or UnicodeCategory.Control || rune.Value is >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF) return;
        // A doubled dash is a longer dash, a doubled quotation mark a fuller one.
        if (rune.Value is '-' or '\'' && folded.Length > 0 && folded[^1] == rune.Value) return;
        if (category is UnicodeCategory.NonSpacingMark && rune.IsBmp) AppendAccent(folded, (char)rune.Value);
        else if (!Joined(folded, rune.Value)) folded.Append(rune.Value == 'ς' ? "σ" : Rune.ToLowerInvariant(rune).ToString());
    }

    /// <summary>No letter of any language has more (Unicode, Stream-Safe Text Format); what goes on for longer is not sorted, which would take its square.</summary>
    private const int MostAccents = 30;

    // Accents of one letter in one order, whatever order they were written in.
    private static void AppendAccent(StringBuilder folded, char accent)
    {
        var at = folded.Length;
        while (at > 0 && folded.Length - at < MostAccents && folded[at - 1] > accent && IsAccent(folded[at - 1])) at--;
        folded.Insert(at, accent);
    }

    /// <summary>Letters of Hangul that follow each other are one syllable.</summary>
    private static bool Joined(StringBuilder folded, int point)
    {
        if (point is < LeadBase or > 0x11FF || folded.Length == 0) return false;
        var (last, vowel, tail) = (folded[^1], point - VowelBase, point - TailBase);
        if (last - LeadBase is >= 0 and < Leads && vowel is >= 0 and < Vowels) folded[^1] = (char)(HangulBase + ((((last - LeadBase) * Vowels) + vowel) * Tails));
        else if (last - HangulBase is >= 0 and < Leads * Vowels * Tails && (last - HangulBase) % Tails == 0 && tail is > 0 and < Tails) folded[^1] = (char)(last + tail);
        else return false;
        return true;
    }
}
