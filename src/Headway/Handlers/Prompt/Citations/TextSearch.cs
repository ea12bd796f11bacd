namespace Headway.Handlers.Prompt.Citations;

/// <summary>Finds a text in another in time that grows with the two together, whatever they are: both come from outside (Knuth, Morris and Pratt).</summary>
internal sealed class TextSearch
{
    private readonly string _sought;

    /// <summary>For each beginning of the text: how long a shorter beginning it ends with.</summary>
    private readonly int[] _borders;

    public TextSearch(string sought)
    {
        ArgumentException.ThrowIfNullOrEmpty(sought);
        _sought = sought;
        _borders = new int[sought.Length + 1];
        _borders[0] = -1;
        for (int i = 0, border = -1; i < sought.Length; _borders[++i] = ++border)
            while (border >= 0 && sought[i] != sought[border]) border = _borders[border];
    }

    /// <summary>Where the first occurrence at or after <paramref name="from"/> ends; -1: there is none. It never ends between a letter and its accent.</summary>
    public int EndIn(string text, int from)
    {
        var matched = 0;
        for (var i = from; i < text.Length;)
        {
            if (matched == 0)
            {
                // The usual case, and the fast one: far from any occurrence.
                var next = text.AsSpan(i).IndexOf(_sought[0]);
                if (next < 0) return -1;
                i += next;
            }

            while (matched >= 0 && text[i] != _sought[matched]) matched = _borders[matched];
            (i, matched) = (i + 1, matched + 1);
            if (matched < _sought.Length) continue;
            if (i == text.Length || !ComparableText.IsAccent(text[i])) return i;
            matched = _borders[matched];
        }

        return -1;
    }
}
