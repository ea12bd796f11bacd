namespace ResearchAgent.Library;

/// <summary>Ranks passages by BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009), with the customary k1 of 1.2 and b of 0.75.</summary>
internal sealed class Index
{
    private const double K1 = 1.2, B = 0.75;

    // Words that say nothing of what a text is about.
    private static readonly HashSet<string> Empty = new(
        ["a", "an", "and", "are", "as", "at", "be", "been", "by", "did", "do", "does", "for", "from", "had", "has", "have", "how", "in", "is", "it", "its", "of", "on", "or", "that", "the", "their", "them", "then", "there", "they", "this", "to", "was", "well", "were", "what", "when", "where", "which", "who", "why", "will", "with"],
        StringComparer.Ordinal);

    private readonly IReadOnlyList<(Part Part, string[] Words)> _parts;
    private readonly Dictionary<string, int> _holders;
    private readonly double _usualLength;

    public Index(IEnumerable<Part> parts)
    {
        _parts = [.. parts.Select(part => (part, Words($"{part.Title} {part.Topic} {part.Text}").ToArray()))];
        _holders = _parts.SelectMany(part => part.Words.Distinct()).CountBy(word => word).ToDictionary(StringComparer.Ordinal);
        _usualLength = _parts.Count == 0 ? 1 : _parts.Average(part => part.Words.Length);
    }

    /// <summary>The best first; equally good ones in the order of the shelf.</summary>
    /// <param name="topic">Only passages of this topic, if there are any.</param>
    public IEnumerable<Part> Search(string query, int most, string? topic = null)
    {
        var words = Words(query).Distinct().ToArray();
        var within = _parts.Any(entry => entry.Part.Topic == topic) ? _parts.Where(entry => entry.Part.Topic == topic) : _parts;
        return within.Select(entry => (entry.Part, Score: Score(entry.Words, words))).Where(found => found.Score > 0).OrderByDescending(found => found.Score).Take(most).Select(found => found.Part);
    }

    /// <summary>The passages of one document, in its order.</summary>
    public IEnumerable<Part> Of(string source) => _parts.Where(entry => entry.Part.Source == source).Select(entry => entry.Part);

    /// <summary>Words in lower case, without those that say nothing, and without the plural's s.</summary>
    public static IEnumerable<string> Words(string text) =>
        new string([.. text.ToLowerInvariant().Select(letter => char.IsLetterOrDigit(letter) ? letter : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(word => !Empty.Contains(word)).Select(word => word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) ? word[..^1] : word);

    private double Score(string[] words, string[] query) => query.Sum(asked =>
    {
        var here = words.Count(word => word == asked);
        if (here == 0) return 0;
        var rare = Math.Log(1 + ((_parts.Count - _holders[asked] + 0.5) / (_holders[asked] + 0.5)));
        return rare * here * (K1 + 1) / (here + (K1 * (1 - B + (B * words.Length / _usualLength))));
    });
}
