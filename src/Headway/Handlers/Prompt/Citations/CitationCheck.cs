using System.Text.Json;
using Headway.Features;
using Headway.Features.Schemas;
using Headway.Models;

namespace Headway.Handlers.Prompt.Citations;

/// <summary>Holds the citations of an answer against the input of its call.</summary>
internal sealed class CitationCheck(IReadOnlyList<ValuePath> paths, CitedInput input)
{
    public const string Code = "citation-missing";

    /// <summary>More are no answer that anybody reads, and each is a search through the whole input.</summary>
    private const int MostCitations = 256;

    /// <summary>A page and a half; what is longer is no citation but a copy.</summary>
    private const int LongestCitation = 8192;

    /// <summary>More of them help no model to mend its answer.</summary>
    private const int MostTold = 5;
    private const int LongestTold = 200;

    /// <summary>Null: every citation occurs in the input.</summary>
    /// <param name="json">An answer that satisfies its schema.</param>
    public ModelFault? Judge(ModelDefinition model, ReadOnlyMemory<byte> json, string text)
    {
        using var answer = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = ValueSchema.MaxDepth });
        var places = paths.SelectMany(path => path.In(answer.RootElement)).Take(MostCitations + 1).ToArray();
        if (places.Length > MostCitations)
            return Fault(model, text, $"has more than {MostCitations} citations", $"It has more than {MostCitations} citations. Give fewer.");

        var known = new Dictionary<string, string?>(StringComparer.Ordinal);
        var wrong = places.Select(place => (place.At, Cited: CitedAt(place), Why: WhyNot(place, known))).Where(place => place.Why is not null).Take(MostTold).ToArray();
        return wrong.Length == 0 ? null : Fault(model, text,
            $"cites what is not in the input: {string.Join("; ", wrong.Select(place => $"{place.At} {place.Why}"))}",
            $"These citations do not stand: {string.Join("; ", wrong.Select(place => $"{place.At} {place.Why}{Quoted(place.Cited)}"))}. Cite the input word for word, with … where you leave words out, or leave out what you cannot cite.");
    }

    private string? WhyNot(FoundValue place, Dictionary<string, string?> known)
    {
        if (place.Value is null) return "is missing";
        if (CitedAt(place) is not { } cited) return "is no text";
        if (known.TryGetValue(cited, out var why)) return why;
        why = cited.Length > LongestCitation ? $"is longer than {LongestCitation} characters"
            : Citation.Of(cited) is not { } citation ? "is empty"
            : input.Has(citation) ? null
            : "is not in the input";
        known.Add(cited, why);
        return why;
    }

    private static string? CitedAt(FoundValue place) => place.Value is { ValueKind: JsonValueKind.String } value ? CitedInput.TextOf(value) : null;

    private static string Quoted(string? cited) => cited is null or "" ? "" : $" (\"{(cited.Length > LongestTold ? cited[..LongestTold] + "…" : cited)}\")";

    // What was cited is told to the model, which has written it, and to nobody else: it may be taken from the input.
    private static ModelFault Fault(ModelDefinition model, string text, string said, string complaint) => Faults.Of(model, Code, FailureKind.InvalidOutput, said) with
    {
        Repair = new Repair(text, $"{complaint} Answer again with the corrected JSON value and nothing else."),
    };
}
