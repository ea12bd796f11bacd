using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Budgets;
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

    public const int BytesPerToken = 3;

    /// <summary>The longest answer that is asked for where nobody says one and a budget has to be kept.</summary>
    public const int LongestUnsaid = 4096;

    /// <summary>No provider bills a picture as more.</summary>
    public const int TokensOfPicture = 4096;

    /// <summary>The most that a call can cost, in billionths of a US dollar: a token is at least one byte of text.</summary>
    public static long Largest(ModelDefinition model, ModelRequest request) =>
        Money.ToNano(Of(model, MostTokensOf(request.Body), Answers(request) * (request.MaxTokens ?? LongestUnsaid)).Usd);

    /// <summary>The same, before the request is made: of the bytes that go into it.</summary>
    public static long Largest(ModelDefinition model, long bytes, int? maxTokens) => Money.ToNano(Of(model, bytes, maxTokens ?? LongestUnsaid).Usd);

    /// <summary>
    /// What a call is thought to use of a limit of tokens: a token for three bytes of text, which is much for prose and right for JSON, code and other
    /// scripts, and the longest answer. The most it could use by its bytes would keep three quarters of every minute idle. What is not used
    /// is given back when the call ends, and what is used beyond is charged then.
    /// </summary>
    public static long Expected(ModelDefinition model, ModelRequest request)
    {
        if (model.Limits.TokensPerMinute is not { } limit) return 0;
        // Whoever names no longest answer must still be able to ask where little is granted.
        var answer = Answers(request) * (request.MaxTokens ?? (request.Body["messages"] is null ? 0 : Math.Min(LongestUnsaid, limit / 4)));
        return InputTokens(request.Body) + answer;
    }

    /// <summary>How many answers are asked for at once: each is paid.</summary>
    private static long Answers(ModelRequest request) => request.Body["n"] is JsonValue value && value.TryGetValue<int>(out var n) ? Math.Clamp(n, 1, MostAnswers) : 1;

    public const int MostAnswers = 128;

    /// <summary>More tokens than this no call can use; a count beyond it, or below nothing, is a mistake that money must not follow.</summary>
    private const long MostOfACall = 100_000_000;

    /// <summary>Whether what an upstream says that it used can be true.</summary>
    public static bool CanBe(long inputTokens, long outputTokens) => inputTokens is >= 0 and <= MostOfACall && outputTokens is >= 0 and <= MostOfACall;

    /// <summary>What one turn adds to the input of a request, in bytes of text.</summary>
    public static long BytesOfTurn(JsonNode? turn) => MostTokensOfTurn(turn);

    /// <summary>What the input of a request is thought to be, by the measure of <see cref="Expected"/>.</summary>
    /// <param name="more">Bytes of what it only names.</param>
    public static long InputTokens(JsonObject body, long more = 0) => (MostTokensOf(body) + more + BytesPerToken - 1) / BytesPerToken;

    /// <summary>For an upstream that does not say what it used.</summary>
    public static Usage Estimate(ModelDefinition model, ModelRequest request, long answerCharacters) =>
        Of(model, Tokens(Characters(request.Body["messages"]) + Characters(request.Body["input"])), Tokens(answerCharacters), estimated: true);

    public static long Tokens(long characters) => (characters + CharactersPerToken - 1) / CharactersPerToken;

    private static long MostTokensOf(JsonObject body) => body.Sum(member => MostOf(member.Key, member.Value is JsonArray turns && member.Key == "messages" ? turns.Sum(MostTokensOfTurn) : MostTokens(member.Value)));

    private static long MostTokensOfTurn(JsonNode? turn) => turn is JsonObject said
        ? said.Sum(member => MostOf(member.Key, member.Value is JsonArray parts && member.Key == "content" ? parts.Sum(MostTokensOfPart) : MostTokens(member.Value)))
        : MostTokens(turn);

    // Only where a picture stands is a data URL one; anywhere else it is a text like any other, and paid as such.
    private static long MostTokensOfPart(JsonNode? part) => part is JsonObject said && said["type"]?.ToString() == "image_url"
        ? TokensOfPicture + (said["image_url"] is JsonObject image && image["url"]?.ToString().StartsWith("data:image/", StringComparison.Ordinal) is true ? 0 : MostTokens(part))
        : MostTokens(part);

    private static long MostOf(string name, long value) => name.Length + 4 + value;

    // What came as JSON is counted where it lies: a string of each prompt would be made for nothing else.
    private static long MostTokens(JsonNode? node) => node switch
    {
        JsonArray list => list.Sum(MostTokens),
        JsonObject part => part.Sum(member => MostOf(member.Key, MostTokens(member.Value))),
        JsonValue value when value.TryGetValue<JsonElement>(out var element) && element.ValueKind is JsonValueKind.String
            && JsonMarshal.GetRawUtf8Value(element) is var raw && !raw.Contains((byte)'\\') => raw.Length - 2,
        JsonValue value when value.TryGetValue<string>(out var text) => Encoding.UTF8.GetByteCount(text),
        _ => 8,
    };

    /// <summary>Text only: an image in a data URL is not paid by its characters.</summary>
    private static long Characters(JsonNode? node) => node switch
    {
        JsonArray list => list.Sum(Characters),
        JsonObject part => Characters(part["content"]) + Characters(part["text"]),
        JsonValue value when value.TryGetValue<string>(out var text) => text.Length,
        _ => 0,
    };
}
