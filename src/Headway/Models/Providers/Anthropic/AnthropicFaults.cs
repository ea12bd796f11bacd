using System.Globalization;
using System.Text.RegularExpressions;
using Headway.Features;

namespace Headway.Models.Providers.Anthropic;

/// <summary>What a status or an error object means. Pure, so that its table of cases is a test.</summary>
/// <remarks>Source: platform.claude.com/docs/en/api/errors. Much of what has a status elsewhere is an `invalid_request_error` here and is told apart by its words.</remarks>
internal static partial class AnthropicFaults
{
    public static ModelFault OfStatus(ModelDefinition model, int status, TimeSpan? retryAfter, AnthropicError? error) =>
        Of(model, status, Text(status), retryAfter, error);

    /// <summary>An error where an answer belongs: in a 200, or in the middle of a stream.</summary>
    public static ModelFault OfError(ModelDefinition model, AnthropicError error) =>
        Of(model, StatusOf(error.Type), $"an error in place of an answer ({error.Type ?? "without a type"})", null, error);

    /// <summary>Nothing was sent: the request asks for what this API cannot give. Another model of the chain may have it.</summary>
    public static ModelFault OfObjection(ModelDefinition model, Objection objection) =>
        Faults.Of(model, "model-bad-request", FailureKind.Permanent, $"cannot be asked with {objection.Field}: {objection.Why}", place: objection.Field) with { NotAsked = true };

    /// <param name="place">What is told where only trying again can help.</param>
    private static ModelFault Of(ModelDefinition model, int status, string place, TimeSpan? retryAfter, AnthropicError? error)
    {
        var said = error?.Message;
        return status switch
        {
            >= 300 and < 400 => Faults.Redirected(model, status),
            401 or 403 => Faults.Unauthorized(model, status),
            402 => Faults.QuotaExhausted(model, said),
            404 => Faults.NotFound(model, said),
            408 or 409 or 425 => Faults.Unavailable(model, place, retryAfter, said),
            413 => Faults.ContextLength(model, said),
            429 when IsQuota(said) => Faults.QuotaExhausted(model, said),
            429 => Faults.RateLimited(model, retryAfter, said),
            >= 400 and < 500 when IsQuota(said) => Faults.QuotaExhausted(model, said),
            >= 400 and < 500 when IsFilter(said) => Faults.ContentFilter(model, said),
            >= 400 and < 500 when IsContextLength(said) => Faults.ContextLength(model, said),
            400 or 422 when Unsupported(said) is { } parameter => Faults.ParameterUnsupported(model, parameter, said),
            >= 400 and < 500 => Faults.BadRequest(model, status, said),
            _ => Faults.Unavailable(model, place, retryAfter, said),
        };
    }

    /// <summary>The status that an error would have had, had it come before the answer.</summary>
    private static int StatusOf(string? type) => type switch
    {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "conflict_error" => 409,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    };

    /// <summary>"Your credit balance is too low to access the Anthropic API.", "You have reached your specified API usage limits."</summary>
    private static bool IsQuota(string? said) => Says(said, "credit balance is too low") || Says(said, "reached your specified API usage limits");

    /// <summary>"Output blocked by content filtering policy"</summary>
    private static bool IsFilter(string? said) => Says(said, "content filtering policy");

    /// <summary>"prompt is too long: 208310 tokens &gt; 200000 maximum", "input length and `max_tokens` exceed context limit: …"</summary>
    private static bool IsContextLength(string? said) => Says(said, "prompt is too long") || Says(said, "exceed context limit") || Says(said, "input is too long");

    /// <summary>"`temperature` is deprecated for this model.", "top_k: Extra inputs are not permitted"</summary>
    private static string? Unsupported(string? said) => UnknownArgument().Match(said ?? "") is { Success: true } match ? match.Groups["name"].Value : null;

    [GeneratedRegex("^(?:`(?<name>[a-z_]+)` is deprecated for this model|(?<name>[a-z_]+)(?:\\.[a-z_.0-9]+)?: Extra inputs are not permitted)")]
    private static partial Regex UnknownArgument();

    private static bool Says(string? said, string words) => said?.Contains(words, StringComparison.OrdinalIgnoreCase) is true;

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
