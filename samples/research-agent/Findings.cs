namespace ResearchAgent;

/// <summary>What is asked.</summary>
internal sealed record Enquiry(string Question);

/// <summary>What is to be searched for, topic by topic.</summary>
internal sealed record Plan(IReadOnlyList<Search> Searches);

internal sealed record Search(string Topic, string Query);

/// <summary>A paragraph of a document, word for word.</summary>
/// <param name="Source">The document's file, without its ending.</param>
/// <param name="Says">What it says on the question: a draft until a model has put it into words.</param>
internal sealed record Passage(string Source, string Quote, string? Says = null);

/// <summary>What a sub-agent is given.</summary>
internal sealed record Lead(string Question, string Topic, IReadOnlyList<Passage> Passages);

internal sealed record Choice(IReadOnlyList<Passage> Passages);

/// <summary>What became of a topic.</summary>
/// <param name="Missing">Why there is nothing: a stable code.</param>
internal sealed record Findings(string Topic, IReadOnlyList<Passage> Passages, string? Missing = null);
