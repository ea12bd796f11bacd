using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>A call of a tool that a model asks for, as its answer has it.</summary>
internal sealed class AskedCall
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    private AskedCall(string id, string name, JsonObject? arguments, JsonNode wire) => (Id, Name, Arguments, Wire) = (id, name, arguments, wire);

    public string Id { get; }
    public string Name { get; }

    /// <summary>Null: they are no JSON object.</summary>
    public JsonObject? Arguments { get; }

    /// <summary>The call as it goes back to the model in its own turn, with everything it carried.</summary>
    public JsonNode Wire { get; }

    /// <param name="taken">Ids of the conversation so far: where the model gave none, or one twice, it gets one.</param>
    public static AskedCall Of(JsonNode? asked, HashSet<string> taken)
    {
        var wire = (JsonObject?)(asked as JsonObject)?.DeepClone() ?? [];
        var function = wire["function"] as JsonObject ?? [];
        var id = wire["id"]?.ToString() ?? "";
        for (var i = taken.Count; id.Length == 0 || !taken.Add(id); i++) id = string.Create(CultureInfo.InvariantCulture, $"call_{i}");
        var name = function["name"]?.ToString() ?? "";
        var arguments = Read(function["arguments"]?.ToString());
        wire["id"] = id;
        wire["type"] = "function";
        // What cannot be read is told to the model in words; some APIs would refuse the whole conversation for it.
        if (arguments is null or { Count: 0 }) function["arguments"] = "{}";
        if (name.Length == 0) function["name"] = "unnamed";
        if (function.Parent is null) wire["function"] = function;
        return new AskedCall(id, name, arguments, wire);
    }

    /// <summary>The arguments as the library takes them.</summary>
    public Dictionary<string, JsonElement> Elements() => Arguments!.ToDictionary(member => member.Key, member => JsonSerializer.SerializeToElement(member.Value), StringComparer.Ordinal);

    /// <summary>The same for the same tool and arguments, however they were written.</summary>
    public string Digest(BoxedTool tool)
    {
        var text = new StringBuilder().Append(tool.Server).Append('/').Append(tool.Tool).Append('\n');
        Write(text, Arguments);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 12));
    }

    private static JsonObject? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return [];
        try
        {
            var read = JsonNode.Parse(text, documentOptions: Strict) as JsonObject;
            // Half of a character (`\ud83d` alone) is found only where a text is looked at; nobody behind this could read it either.
            _ = read?.ToJsonString();
            return read;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                text.Append('{');
                foreach (var (name, value) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    text.Append(JsonSerializer.Serialize(name)).Append(':');
                    Write(text, value);
                    text.Append(',');
                }

                text.Append('}');
                return;
            case JsonArray items:
                text.Append('[');
                foreach (var item in items)
                {
                    Write(text, item);
                    text.Append(',');
                }

                text.Append(']');
                return;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                return;
        }
    }
}
