using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.Rehearsal;

/// <summary>What a rehearsal may quote: the fields and sentences of the caller's input.</summary>
internal sealed class RehearsalSource
{
    /// <summary>Shorter texts are fields; longer ones are prose and are quoted by the sentence.</summary>
    private const int LongestField = 60;

    private readonly JsonNode? _input;
    private readonly List<(string Name, JsonValue Value)> _fields = [];

    private RehearsalSource(string name, JsonNode? input)
    {
        _input = input;
        Collect(name, input);
        Sentences = [.. Quotes()];
    }

    /// <summary>Every scalar of the input with the name of the property it stands under, in the order of the input.</summary>
    public IReadOnlyList<(string Name, JsonValue Value)> Fields => _fields;

    public IReadOnlyList<string> Sentences { get; }

    /// <summary>The input as it came; for a caller that has none, what the last turn of the user says.</summary>
    public static RehearsalSource Of(ModelRequest request)
    {
        JsonNode? input = null;
        try
        {
            input = request.Input.IsEmpty ? null : JsonNode.Parse(request.Input.Span);
        }
        catch (JsonException)
        {
            // Not JSON: what was sent to the model is left to quote from.
        }

        if (input is null or JsonObject { Count: 0 } || input is JsonObject chat && chat["messages"] is JsonArray)
            input = TextOf((request.Body["messages"] as JsonArray)?.LastOrDefault(turn => (string?)turn?["role"] == "user")?["content"]);
        return new RehearsalSource("input", input);
    }

    /// <summary>The source for the item at <paramref name="place"/> of a list of that name: the item of the input's own list, if it has one.</summary>
    public RehearsalSource From(string name, int place)
    {
        var list = ListOf(_input, name);
        if (list is not null)
            return place < list.Count ? new RehearsalSource(name, list[place]) : this;
        var named = _fields.Where(field => Words.Same(field.Name, name)).ToArray();
        return place < named.Length ? new RehearsalSource(name, named[place].Value) : this;
    }

    /// <summary>How many items of that name the input has.</summary>
    public int CountOf(string name) => ListOf(_input, name)?.Count ?? _fields.Count(field => Words.Same(field.Name, name));

    private static JsonArray? ListOf(JsonNode? node, string name) => node switch
    {
        JsonObject members => members.Where(member => member.Value is JsonArray && Words.Same(member.Key, name)).Select(member => (JsonArray?)member.Value).FirstOrDefault()
            ?? members.Select(member => ListOf(member.Value, name)).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static JsonValue? TextOf(JsonNode? content) => content switch
    {
        JsonValue text => text,
        JsonArray parts => JsonValue.Create(string.Join(' ', parts.Select(part => (string?)part?["text"]).OfType<string>())),
        _ => null,
    };

    private void Collect(string name, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (key, value) in members)
                    Collect(key, value);
                return;
            case JsonArray items:
                foreach (var item in items)
                    Collect(name, item);
                return;
            case JsonValue value when !string.IsNullOrWhiteSpace(value.ToString()):
                _fields.Add((name, value));
                return;
        }
    }

    private IEnumerable<string> Quotes()
    {
        var brief = new List<string>();
        foreach (var (name, value) in _fields)
        {
            var text = value.ToString().ReplaceLineEndings(" ").Trim();
            if (text.Length <= LongestField && !text.EndsWith('.'))
            {
                brief.Add($"{name}: {text}");
                continue;
            }

            foreach (var sentence in Split(text))
                yield return sentence;
        }

        foreach (var line in brief.Chunk(4))
            yield return string.Join("; ", line) + ".";
    }

    private static IEnumerable<string> Split(string text)
    {
        var from = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var ends = text[i] is '.' or '!' or '?' && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1]));
            if (!ends && i + 1 < text.Length)
                continue;
            var sentence = text[from..(i + 1)].Trim();
            if (sentence.Length > 0)
                yield return sentence;
            from = i + 1;
        }
    }
}
