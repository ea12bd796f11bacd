namespace Headway.Models.Providers.Rehearsal;

/// <summary>Prose of a rehearsal: says first what it is, then quotes.</summary>
internal static class RehearsalText
{
    private const int MostSentences = 4;

    public static string Of(string model, RehearsalSource source, RehearsalDraw draw)
    {
        var opening = $"This is a rehearsal: no model was asked ('{model}' quotes the input). ";
        var sentences = source.Sentences;
        if (sentences.Count == 0)
            return opening + "The input has no text to quote.";
        var first = sentences.Count <= MostSentences ? 0 : draw.Next(sentences.Count - MostSentences + 1);
        return opening + string.Join(' ', sentences.Skip(first).Take(MostSentences));
    }
}
