namespace ResearchAgent.Library;

/// <summary>The library: a folder of Markdown documents, read anew for each question, so that what was added this morning is found.</summary>
internal sealed class Shelf(string folder)
{
    private const int MostFound = 4, MostRead = 5, MostTopics = 4, LookedAt = 12;

    /// <summary>The passages of a topic that fit best, the best first; where the library has no such topic, those of all.</summary>
    public async Task<IReadOnlyList<Passage>> SearchAsync(Search search, CancellationToken stop) =>
        [.. (await OpenAsync(stop)).Search(search.Query, MostFound, search.Topic).Select(found => new Passage(found.Source, found.Text))];

    /// <summary>Which topics of the library touch the question, and what to search for in each.</summary>
    public async Task<Plan> DraftAsync(string question, CancellationToken stop)
    {
        var topics = (await OpenAsync(stop)).Search(question, LookedAt).Select(found => found.Topic).Distinct().Take(MostTopics);
        return new Plan([.. topics.Select(topic => new Search(topic, string.Join(' ', Index.Words(question).Distinct())))]);
    }

    /// <summary>What was found, and the rest of the documents it was found in: at most five passages, the found ones first. Of each the sentence that is nearest to the question is a draft of what it says.</summary>
    public async Task<IReadOnlyList<Passage>> ReadAroundAsync(Lead lead, CancellationToken stop)
    {
        var index = await OpenAsync(stop);
        var neighbours = lead.Passages.Select(passage => passage.Source).Distinct().SelectMany(index.Of).Select(part => new Passage(part.Source, part.Text));
        var asked = Index.Words(lead.Question).ToHashSet();
        return [.. lead.Passages.Concat(neighbours).Distinct().Take(MostRead).Select(passage => passage with { Says = Sentences(passage.Quote).MaxBy(sentence => Index.Words(sentence).Distinct().Count(asked.Contains)) })];
    }

    /// <summary>Those whose words stand in the document that they name.</summary>
    public async Task<IReadOnlyList<Passage>> HeldAsync(IReadOnlyList<Passage> passages, CancellationToken stop)
    {
        var index = await OpenAsync(stop);
        return [.. passages.Where(passage => index.Of(passage.Source).Any(part => Plain(part.Text).Contains(Plain(passage.Quote), StringComparison.OrdinalIgnoreCase)))];
    }

    private async Task<Index> OpenAsync(CancellationToken stop)
    {
        var parts = new List<Part>();
        foreach (var file in Directory.GetFiles(folder, "*.md").Order(StringComparer.Ordinal)) parts.AddRange(Part.Of(file, await File.ReadAllTextAsync(file, stop)));
        return new Index(parts);
    }

    private static IEnumerable<string> Sentences(string text) => text.Split(". ").Select(sentence => sentence.TrimEnd('.') + '.');

    private static string Plain(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>A paragraph of a document, and where it is from.</summary>
internal sealed record Part(string Source, string Title, string Topic, string Text)
{
    private const string TopicMark = "topic: ";

    public static IEnumerable<Part> Of(string file, string text)
    {
        var blocks = text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var title = blocks.First(block => block.StartsWith('#')).TrimStart('#', ' ');
        var topic = blocks.First(block => block.StartsWith(TopicMark, StringComparison.Ordinal))[TopicMark.Length..];
        return blocks.Where(block => !block.StartsWith('#') && !block.StartsWith(TopicMark, StringComparison.Ordinal))
            .Select(block => new Part(Path.GetFileNameWithoutExtension(file), title, topic, block.Replace('\n', ' ')));
    }
}
