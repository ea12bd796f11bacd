using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.Anthropic;

/// <summary>What of a request cannot be asked of the Messages API. The first is told; one is enough to not ask.</summary>
internal sealed class Objections
{
    /// <summary>Names and types come from the caller, and a failure is no place for content.</summary>
    private const int Longest = 200;

    /// <summary>Null: the request can be asked.</summary>
    public Objection? First { get; private set; }

    /// <param name="field">Where, in the words of the OpenAI API: `messages[2].content`.</param>
    /// <param name="why">What stands in the way, and the cure.</param>
    public void Add(string field, string why) => First ??= new Objection(Short(field), Short(why));

    private static string Short(string text) => text.Length > Longest ? text[..Longest] + "…" : text;
}

internal sealed record Objection(string Field, string Why);

/// <summary>Reading a body that nobody has checked: what is not of the kind that belongs there is as if it were missing.</summary>
internal static class Loosely
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string? Text(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static JsonObject? Object(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    /// <summary>For a model to read: quotes and letters as they are.</summary>
    public static string Json(this JsonNode? node) => node?.ToJsonString(Plain) ?? "null";

    public static JsonNode? Member(this JsonNode? node, string name) => (node as JsonObject)?[name];
}
