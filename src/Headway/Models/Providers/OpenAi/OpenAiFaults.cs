using System.Globalization;
using System.Text.RegularExpressions;
using Headway.Features;

namespace Headway.Models.Providers.OpenAi;

/// <summary>What a status or an error object means. Pure, so that its table of cases is a test.</summary>
internal static partial class OpenAiFaults
{
    public static ModelFault OfStatus(ModelDefinition model, int status, TimeSpan? retryAfter, OpenAiError? error)
    {
        var said = error?.Message;
        return status switch
        {
            >= 300 and < 400 => Faults.Redirected(model, status),
            401 or 403 when !IsFilter(error) => Faults.Unauthorized(model, status),
            402 => Faults.QuotaExhausted(model, said),
            404 => Faults.NotFound(model, said),
            408 or 409 or 425 => Faults.Unavailable(model, status.ToString(CultureInfo.InvariantCulture), retryAfter, said),
            413 => Faults.ContextLength(model, said),
            429 when error is { Code: "insufficient_quota" } or { Type: "insufficient_quota" } => Faults.QuotaExhausted(model, said),
            429 => Faults.RateLimited(model, retryAfter, said),
            >= 400 and < 500 when IsFilter(error) => Faults.ContentFilter(model, said),
            >= 400 and < 500 when IsContextLength(error) => Faults.ContextLength(model, said),
            400 or 422 when Unsupported(error) is { } parameter => Faults.ParameterUnsupported(model, parameter, said),
            >= 400 and < 500 => Faults.BadRequest(model, status, said),
            _ => Faults.Unavailable(model, status.ToString(CultureInfo.InvariantCulture), retryAfter, said),
        };
    }

    /// <summary>An error where an answer belongs: in a 200, or in the middle of a stream.</summary>
    public static ModelFault OfError(ModelDefinition model, OpenAiError error)
    {
        if (int.TryParse(error.Code, CultureInfo.InvariantCulture, out var status) && status is >= 400 and < 600)
            return OfStatus(model, status, null, error);
        return (error.Code ?? error.Type) switch
        {
            "rate_limit_exceeded" or "rate_limit_error" or "requests" or "tokens" => Faults.RateLimited(model, null, error.Message),
            "insufficient_quota" => Faults.QuotaExhausted(model, error.Message),
            "invalid_api_key" or "authentication_error" or "permission_error" => Faults.Unauthorized(model, 200),
            "model_not_found" => Faults.NotFound(model, error.Message),
            _ when IsFilter(error) => Faults.ContentFilter(model, error.Message),
            _ when IsContextLength(error) => Faults.ContextLength(model, error.Message),
            _ when Unsupported(error) is { } parameter => Faults.ParameterUnsupported(model, parameter, error.Message),
            _ when error.Type is "invalid_request_error" => Faults.BadRequest(model, 200, error.Message),
            var code => Faults.Unavailable(model, $"an error in place of an answer ({code ?? "without a code"})", null, error.Message),
        };
    }

    private static bool IsFilter(OpenAiError? error) => error?.Code is "content_filter" or "content_policy_violation" or "ResponsibleAIPolicyViolation";

    /// <summary>The parameter that the server does not know or not with this value; null where something else is wrong.</summary>
    private static string? Unsupported(OpenAiError? error)
    {
        if (error is null)
            return null;
        if (error.Code is "unsupported_parameter" or "unknown_parameter" or "unsupported_value" && error.Param is { Length: > 0 } named)
            return named;
        return UnknownArgument().Match(error.Message ?? "") is { Success: true } said ? said.Groups["name"].Value : null;
    }

    /// <summary>Servers that do not fill in `param` say it in words.</summary>
    [GeneratedRegex("(?:Unrecognized request argument supplied|Unsupported parameter|Unknown parameter): '?(?<name>[a-z_]+)", RegexOptions.IgnoreCase)]
    private static partial Regex UnknownArgument();

    private static bool IsContextLength(OpenAiError? error) => error?.Code is "context_length_exceeded" or "string_above_max_length"
        || error?.Message?.Contains("maximum context length", StringComparison.OrdinalIgnoreCase) is true;
}
