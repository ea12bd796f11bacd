using System.Text.Json.Nodes;
using Headway.Features;

namespace Headway.Models;

/// <summary>What a call costs.</summary>
internal static class Prices
{
    private const int TokensPerPrice = 1_000_000;

    /// <summary>English prose has about four characters a token; good enough for a sum that is marked as an estimate.</summary>
    private const int CharactersPerToken = 4;

    /// <param name="cachedTokens">So many of the input tokens came from the provider's cache.</param>
    public static Usage Of(ModelDefinition model, long inputTokens, long outputTokens, bool estimated = false, long cachedTokens = 0)
    {
        var cached = Math.Clamp(cachedTokens, 0, Math.Max(0, inputTokens));
        var usd = model.Price is { } price
            ? (((inputTokens - cached) * price.Input) + (cached * (price.CachedInput ?? price.Input)) + (outputTokens * price.Output)) / TokensPerPrice
            : 0m;
        return new Usage(inputTokens, outputTokens, usd) { Estimated = estimated };
    }

    /// <summary>For an upstream that does not say what it used.</summary>
    public static Usage Estimate(ModelDefinition model, ModelRequest request, long answerCharacters) =>
        Of(model, Tokens(Characters(request.Body["messages"]) + Characters(request.Body["input"])), Tokens(answerCharacters), estimated: true);

    public static long Tokens(long characters) => (characters + CharactersPerToken - 1) / CharactersPerToken;

    /// <summary>Text only: an image in a data URL is not paid by its characters.</summary>
    private static long Characters(JsonNode? node) => node switch
    {
        JsonArray list => list.Sum(Characters),
        JsonObject part => Characters(part["content"]) + Characters(part["text"]),
        JsonValue value when value.TryGetValue<string>(out var text) => text.Length,
        _ => 0,
    };
}
