using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Puts together what a stream sends in pieces, known or not: texts are joined, items of lists are matched by their index or id, anything else is as it was said last.</summary>
internal sealed class WireMerge
{
    /// <summary>Some servers repeat these in every piece; they are names, not pieces of a text.</summary>
    private static readonly HashSet<string> Names = ["role", "id", "type", "name", "finish_reason", "format", "signature"];

    // A text grows by thousands of pieces: it becomes part of its object when all have come.
    private readonly Dictionary<(JsonObject In, string Name), StringBuilder> _texts = [];

    public void Merge(JsonObject whole, JsonElement piece)
    {
        foreach (var member in piece.EnumerateObject())
            Merge(whole, member.Name, member.Value);
    }

    public void Merge(JsonObject whole, string name, JsonElement piece)
    {
        var known = whole[name];
        switch (piece.ValueKind)
        {
            case JsonValueKind.Null when whole.ContainsKey(name):
                break;
            case JsonValueKind.String when Names.Contains(name):
                if (known is null || !piece.ValueEquals(""))
                    whole[name] = piece.GetString();
                break;
            case JsonValueKind.String:
                if (!_texts.TryGetValue((whole, name), out var text))
                    _texts.Add((whole, name), text = new StringBuilder());
                // Its place among the others is that of its first piece.
                whole[name] ??= "";
                text.Append(piece.GetString());
                break;
            case JsonValueKind.Object when known is JsonObject members:
                Merge(members, piece);
                break;
            case JsonValueKind.Object:
                var made = new JsonObject();
                whole[name] = made;
                Merge(made, piece);
                break;
            case JsonValueKind.Array:
                if (known is not JsonArray items)
                    whole[name] = items = [];
                Merge(items, name, piece);
                break;
            default:
                whole[name] = JsonNode.Parse(piece.GetRawText());
                break;
        }
    }

    /// <summary>Goes on with a text that has begun.</summary>
    public void Append(JsonObject whole, string name, string piece) => _texts[(whole, name)].Append(piece);

    /// <summary>Makes the joined texts part of what was put together.</summary>
    public void Settle()
    {
        foreach (var ((whole, name), text) in _texts)
            whole[name] = text.ToString();
    }

    private void Merge(JsonArray items, string name, JsonElement pieces)
    {
        foreach (var piece in pieces.EnumerateArray())
        {
            if (piece.ValueKind is not JsonValueKind.Object)
            {
                items.Add(JsonNode.Parse(piece.GetRawText()));
                continue;
            }

            if (Find(items, name, piece) is not { } item)
                items.Add(item = []);
            Merge(item, piece);
        }
    }

    /// <summary>A call of a tool that goes on needs neither index nor id; a whole one without an index has an id of its own.</summary>
    private static JsonObject? Find(JsonArray items, string name, JsonElement piece)
    {
        var known = items.OfType<JsonObject>();
        if (piece.TryGetProperty("index", out var index) && index.ValueKind is JsonValueKind.Number)
            return known.FirstOrDefault(item => item["index"]?.ToJsonString() == index.GetRawText());
        if (piece.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String)
            return known.FirstOrDefault(item => item["id"]?.ToString() == id.GetString());
        return name == "tool_calls" ? known.LastOrDefault() : null;
    }
}
