using System.Text.RegularExpressions;

namespace Headway.Handlers.Prompt.Citations;

/// <summary>A text that somebody says was said. Where it leaves words out (`…`, `...`, `[…]`), its pieces occur in this order.</summary>
internal sealed partial class Citation
{
    private readonly TextSearch[] _pieces;

    [GeneratedRegex(@"[\[(] ?\.{3,} ?[\])]|\.{3,}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Omission { get; }

    private Citation(TextSearch[] pieces) => _pieces = pieces;

    /// <summary>Null: it has no letter and no digit, so it cites nothing.</summary>
    public static Citation? Of(string text)
    {
        var pieces = Omission.Split(ComparableText.Of(text)).Select(piece => piece.Trim(' ')).Where(piece => piece.Any(char.IsLetterOrDigit) || piece.Any(char.IsSurrogate)).ToArray();
        return pieces.Length == 0 ? null : new Citation([.. pieces.Select(piece => new TextSearch(piece))]);
    }

    /// <param name="text">In the form of <see cref="ComparableText"/>.</param>
    public bool OccursIn(string text)
    {
        // The first place of each is the best: whatever follows has the most room then.
        var end = 0;
        foreach (var piece in _pieces)
            if ((end = piece.EndIn(text, end)) < 0) return false;
        return true;
    }
}
