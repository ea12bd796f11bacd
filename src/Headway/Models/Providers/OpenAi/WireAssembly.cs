using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Makes of the chunks of a stream the body that the same server would have answered whole, unknown fields included; and the reverse for a server that does not stream.</summary>
internal sealed class WireAssembly
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Of chunks alone: the padding against guessing lengths, and the name of their form.</summary>
    private static readonly HashSet<string> OfChunks = ["object", "obfuscation", "choices"];

    private readonly JsonObject _whole = new() { ["id"] = "", ["object"] = "chat.completion" };
    private readonly SortedDictionary<int, JsonObject> _choices = [];
    private readonly WireMerge _merge = new();

    // What stands around the choices is the same in nearly every chunk of hundreds, and is read once.
    private readonly List<(byte[] Name, byte[] Value)> _said = [];

    /// <summary>What is passed on as it came is read by others, too, and members that are there twice each of them reads otherwise.</summary>
    private static readonly JsonDocumentOptions InOneWay = new() { AllowDuplicateProperties = false };

    /// <exception cref="JsonException">It can be read in two ways.</exception>
    public void Add(ReadOnlyMemory<byte> chunk)
    {
        using var parsed = JsonDocument.Parse(chunk, InOneWay);
        foreach (var member in parsed.RootElement.EnumerateObject())
        {
            if (member.NameEquals("choices"u8) && member.Value.ValueKind is JsonValueKind.Array)
            {
                foreach (var choice in member.Value.EnumerateArray())
                    AddChoice(choice);
            }
            else if (IsNew(member) && !OfChunks.Contains(member.Name) && Says(member.Value))
            {
                _whole[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
        }
    }

    /// <summary>A piece of the first choice's text, which has begun.</summary>
    public void Add(string text) => _merge.Append((JsonObject)_choices[0]["message"]!, "content", text);

    private bool IsNew(JsonProperty member)
    {
        var name = JsonMarshal.GetRawUtf8PropertyName(member);
        var value = JsonMarshal.GetRawUtf8Value(member.Value);
        for (var i = 0; i < _said.Count; i++)
        {
            if (!name.SequenceEqual(_said[i].Name)) continue;
            if (value.SequenceEqual(_said[i].Value)) return false;
            _said[i] = (_said[i].Name, value.ToArray());
            return true;
        }

        _said.Add((name.ToArray(), value.ToArray()));
        return true;
    }

    public ReadOnlyMemory<byte> End()
    {
        _merge.Settle();
        foreach (var turn in _choices.Values.Select(choice => (JsonObject)choice["message"]!))
        {
            turn.TryAdd("role", "assistant");
            turn.TryAdd("content", null);
            foreach (var call in (turn["tool_calls"] as JsonArray ?? []).OfType<JsonObject>())
                call.Remove("index");
        }

        _whole["choices"] = new JsonArray([.. _choices.Values]);
        return JsonSerializer.SerializeToUtf8Bytes(_whole, Plain);
    }

    public static bool IsReadInOneWay(ReadOnlyMemory<byte> whole)
    {
        try
        {
            using var parsed = JsonDocument.Parse(whole, InOneWay);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A whole answer in the form of one chunk.</summary>
    public static ReadOnlyMemory<byte> ChunkOf(ReadOnlyMemory<byte> whole)
    {
        var chunk = (JsonObject)JsonNode.Parse(whole.Span)!;
        chunk["object"] = "chat.completion.chunk";
        foreach (var choice in chunk["choices"]!.AsArray().OfType<JsonObject>())
        {
            if (choice["message"] is not JsonObject turn)
                continue;
            choice.Remove("message");
            choice["delta"] = turn;
            var calls = turn["tool_calls"] as JsonArray ?? [];
            for (var i = 0; i < calls.Count; i++)
                (calls[i] as JsonObject)?.TryAdd("index", i);
        }

        return JsonSerializer.SerializeToUtf8Bytes(chunk, Plain);
    }

    private void AddChoice(JsonElement choice)
    {
        var index = choice.TryGetProperty("index", out var at) && at.TryGetInt32(out var said) ? said : 0;
        if (!_choices.TryGetValue(index, out var known))
            _choices.Add(index, known = new JsonObject { ["index"] = index, ["message"] = new JsonObject(), ["finish_reason"] = null });
        foreach (var member in choice.EnumerateObject())
        {
            if (member.Name is "delta" or "logprobs")
                _merge.Merge(known, member.Name == "delta" ? "message" : member.Name, member.Value);
            else if (member.Name != "index" && Says(member.Value))
                known[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        }
    }

    /// <summary>What a later chunk leaves open does not undo what an earlier one said: Azure's first chunk is all empty, and so is the usage of all but the last.</summary>
    private static bool Says(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => false,
        JsonValueKind.String => !value.ValueEquals(""),
        JsonValueKind.Number => value.GetRawText() != "0",
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => true,
    };
}
