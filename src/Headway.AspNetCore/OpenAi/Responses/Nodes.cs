using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>Looks into JSON of which nothing is certain, and tells what is wrong with it by its place.</summary>
internal static class Nodes
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 512 };

    public static JsonNode? Of(this JsonNode? node, string name) => node is JsonObject members ? members[name] : null;

    public static string? Text(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static bool? Flag(this JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public static double? Number(this JsonNode? node) => node is JsonValue value && value.GetValueKind() is JsonValueKind.Number && value.TryGetValue<double>(out var number) ? number : null;

    public static long? Whole(this JsonNode? node) => node is JsonValue value && value.GetValueKind() is JsonValueKind.Number && value.TryGetValue<long>(out var number) ? number : null;

    /// <summary>The text of a string, and the JSON of anything else.</summary>
    public static string TextOrJson(this JsonNode node) => node.Text() ?? node.ToJsonString(Plain);

    public static byte[] Bytes(this JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Plain);

    public static Problem Wrong(string param, string detail) => new(ProblemKind.InputInvalid, detail) { Param = param };
}
