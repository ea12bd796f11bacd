using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.Rehearsal;

/// <summary>Puts texts of the input where an answer must cite it: a feature with citations can be rehearsed too.</summary>
internal static class RehearsalCitations
{
    /// <summary>Where a sentence is too long for the schema, its beginning is not.</summary>
    private static readonly IReadOnlyList<int> Lengths = [400, 40, 10];

    /// <summary>The value, with citations where that satisfies the schema.</summary>
    public static JsonNode? In(JsonNode? value, ModelRequest request, RehearsalSource source)
    {
        if (value is null || request.Citations.Count == 0) return value;
        var text = source.Fields.Where(field => field.Value.GetValueKind() is JsonValueKind.String).Select(field => field.Value.ToString()).MaxBy(field => field.Length);
        if (text is null) return value;
        foreach (var length in Lengths)
        {
            var cited = value.DeepClone();
            foreach (var path in request.Citations) Put(cited, path.Steps, Beginning(text, length), source);
            if (request.Schema!.Validate(Encoding.UTF8.GetBytes(cited.ToJsonString())).Count == 0) return cited;
        }

        return value;
    }

    // Never the half of a character.
    private static string Beginning(string text, int length) => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    // What was filled in from the input already is a citation, and belongs to the item that it stands in.
    private static bool IsCited(JsonNode? value, RehearsalSource source) =>
        value is JsonValue text && text.ToString() is { Length: > 0 } cited && source.Fields.Any(field => field.Value.GetValueKind() is JsonValueKind.String && field.Value.ToString().Contains(cited, StringComparison.Ordinal));

    private static void Put(JsonNode? node, IEnumerable<string?> steps, string text, RehearsalSource source)
    {
        var rest = steps.Skip(1).ToArray();
        foreach (var (place, value) in Places(node, steps.FirstOrDefault()).ToArray())
        {
            if (rest.Length > 0) Put(value, rest, text, source);
            else if (IsCited(value, source)) continue;
            else if (place is int index) node!.AsArray()[index] = text;
            else node!.AsObject()[(string)place] = text;
        }
    }

    private static IEnumerable<(object Place, JsonNode? Value)> Places(JsonNode? node, string? step) => (node, step) switch
    {
        (JsonObject members, { } name) when members.ContainsKey(name) => [(name, members[name])],
        (JsonArray items, null) => items.Select((item, i) => ((object)i, item)),
        _ => [],
    };
}
