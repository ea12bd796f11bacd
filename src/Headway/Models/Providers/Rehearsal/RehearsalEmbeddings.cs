using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;

namespace Headway.Models.Providers.Rehearsal;

/// <summary>Embeddings in the form of the OpenAI API: one for each text of the input, the same for the same text.</summary>
internal static class RehearsalEmbeddings
{
    public static string Of(ModelDefinition model, ModelRequest request, RehearsalOptions options)
    {
        var texts = Texts(request.Body["input"]);
        var isBase64 = request.Body["encoding_format"]?.ToString() == "base64";
        var tokens = texts.Sum(text => Prices.Tokens(text.Length));
        return new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. texts.Select((text, index) => (JsonNode)new JsonObject
            {
                ["object"] = "embedding",
                ["index"] = index,
                ["embedding"] = Written(RehearsalDraw.Of(model, text, options).Embedding(options.Dimensions), isBase64),
            })]),
            ["model"] = model.Name,
            ["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens },
        }.ToJsonString();
    }

    /// <summary>A list of texts or of lists of tokens; a list of numbers is one text in tokens.</summary>
    private static string[] Texts(JsonNode? input) => input is JsonArray { Count: > 0 } list && list[0]?.GetValueKind() is not JsonValueKind.Number
        ? [.. list.Select(Text)]
        : [Text(input)];

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node?.ToJsonString() ?? "";

    /// <summary>Base64 is of single-precision numbers, lowest byte first.</summary>
    private static JsonNode Written(double[] vector, bool isBase64) => isBase64
        ? Convert.ToBase64String(MemoryMarshal.AsBytes<float>([.. vector.Select(value => (float)value)]))
        : new JsonArray([.. vector.Select(value => (JsonNode)value)]);
}
