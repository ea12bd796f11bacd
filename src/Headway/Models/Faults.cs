using System.Globalization;
using Headway.Features;

namespace Headway.Models;

/// <summary>Every way in which a model can fail, with its stable code, its words and its cure. No provider invents others.</summary>
internal static class Faults
{
    /// <summary>The input is longer than the model takes.</summary>
    public const string ContextLengthCode = "model-context-length";

    /// <summary>An upstream's own words are quoted up to this length.</summary>
    private const int MaxQuote = 300;

    /// <summary>A silence that was cut short below this is no sign that a model is down: callers with little time must not take it from all others.</summary>
    private static readonly TimeSpan Hasty = TimeSpan.FromSeconds(1);

    /// <param name="after">The limit that passed.</param>
    /// <param name="declared">The model's own; longer where it was given up for another model's sake.</param>
    public static ModelFault Timeout(ModelDefinition model, Limit limit, TimeSpan after, TimeSpan declared)
    {
        var within = Seconds(after) + (after < declared ? ", half of the time that was left, so that another model can be asked" : "");
        var fault = limit switch
        {
            Limit.Connect => Of(model, "model-connect-timeout", FailureKind.Timeout, $"could not be reached within {within}: is baseUrl right, is its network up? (timeouts.connect)"),
            Limit.FirstToken => Of(model, "model-first-token-timeout", FailureKind.Timeout, $"gave no first token within {within} (timeouts.firstToken)"),
            Limit.Idle => Of(model, "model-idle-timeout", FailureKind.Timeout, $"fell silent for {within} in the middle of its answer (timeouts.idle)"),
            _ => Of(model, "model-timeout", FailureKind.Timeout, $"did not finish within {within} (timeouts.total)"),
        };
        return fault with { Hasty = after < declared && after < Hasty };
    }

    /// <param name="why">What kind of error it was, such as ConnectionError; part of the fingerprint.</param>
    public static ModelFault Unreachable(ModelDefinition model, string why) =>
        Of(model, "model-unreachable", FailureKind.Unavailable, $"could not be reached ({why}): is baseUrl right, is it up?", place: why);

    public static ModelFault RateLimited(ModelDefinition model, TimeSpan? retryAfter, string? said) =>
        Of(model, "model-rate-limited", FailureKind.RateLimited, $"takes no more calls for the moment{(retryAfter is { } wait ? $", try again in {Seconds(wait)}" : "")}{Quote(model, said)}", retryAfter);

    public static ModelFault QuotaExhausted(ModelDefinition model, string? said) =>
        Of(model, "model-quota-exhausted", FailureKind.Unavailable, $"has used up its quota or credit: top it up with the provider{Quote(model, said)}");

    public static ModelFault Unavailable(ModelDefinition model, string place, TimeSpan? retryAfter, string? said) =>
        Of(model, "model-unavailable", FailureKind.Unavailable, $"answered {place}{Quote(model, said)}", retryAfter, place);

    /// <summary>The upstream's words are left out: they may hold part of the key.</summary>
    public static ModelFault Unauthorized(ModelDefinition model, int status) =>
        Of(model, "model-unauthorized", FailureKind.Permanent, $"refused the key ({status}): check apiKey and what it may do", place: Text(status));

    public static ModelFault NotFound(ModelDefinition model, string? said) =>
        Of(model, "model-not-found", FailureKind.Permanent, $"is not known to its provider: check baseUrl and model ({model.Model}){Quote(model, said)}");

    public static ModelFault Redirected(ModelDefinition model, int status) =>
        Of(model, "model-redirected", FailureKind.Permanent, $"answered with a redirect ({status}), which is not followed because it would carry data elsewhere: set baseUrl to the final address", place: Text(status));

    public static ModelFault ContextLength(ModelDefinition model, string? said) =>
        Of(model, ContextLengthCode, FailureKind.Permanent, $"cannot take an input this long: shorten it or name a model with a larger context{Quote(model, said)}") with { OfInput = true };

    public static ModelFault ContentFilter(ModelDefinition model, string? said) =>
        Of(model, "model-content-filter", FailureKind.Permanent, $"stopped at its provider's content filter{Quote(model, said)}") with { OfInput = true };

    public static ModelFault Refused(ModelDefinition model, string? said) =>
        Of(model, "model-refused", FailureKind.Permanent, $"refused to answer{Quote(model, said)}") with { OfInput = true };

    public static ModelFault BadRequest(ModelDefinition model, int status, string? said) =>
        Of(model, "model-bad-request", FailureKind.Permanent, $"does not accept the request ({status}){Quote(model, said)}", place: Text(status)) with { OfInput = true };

    /// <summary>The feature's author or the caller asks for what this model does not have.</summary>
    public static ModelFault ParameterUnsupported(ModelDefinition model, string parameter, string? said) =>
        Of(model, "model-parameter-unsupported", FailureKind.Permanent, $"does not know the parameter '{parameter}' of the request: leave it out, or name a model that has it{Quote(model, said)}", place: parameter) with
        {
            OfInput = true,
            Unsupported = parameter,
        };

    public static ModelFault WrongKind(ModelDefinition model, string what) =>
        Of(model, "model-kind", FailureKind.Permanent, $"{what}: name another model, or set its kind") with { NotAsked = true };

    public static ModelFault NotJson(ModelDefinition model, string mediaType) =>
        Of(model, "model-not-json", FailureKind.Unavailable, $"answered {mediaType} where JSON or an event stream belongs: is baseUrl right, does a proxy stand between?", place: mediaType);

    public static ModelFault Malformed(ModelDefinition model, string where) =>
        Of(model, "model-malformed", FailureKind.Unavailable, $"sent {where} that cannot be read", place: where);

    public static ModelFault Cut(ModelDefinition model, string where) =>
        Of(model, "model-answer-cut", FailureKind.Unavailable, $"broke off {where}", place: where);

    public static ModelFault Empty(ModelDefinition model) =>
        Of(model, "model-empty-answer", FailureKind.InvalidOutput, "answered nothing");

    public static ModelFault TooLarge(ModelDefinition model, long most) =>
        Of(model, "model-answer-too-large", FailureKind.Permanent, $"answered more than {most / 1024 / 1024} MiB");

    public static ModelFault OutputTooLong(ModelDefinition model, Exception full) => Of(model, "output-too-long", FailureKind.Permanent, $"said too much. {full.Message}");

    public static ModelFault Truncated(ModelDefinition model, int? maxTokens) =>
        Of(model, "model-answer-truncated", FailureKind.Permanent, maxTokens is { } most
            ? $"reached the limit of {most} tokens before it came to an end: raise maxTokens or ask for less"
            : "reached its own limit of tokens before it came to an end: ask for less") with
        {
            // With a limit of ours every model would be cut at the same length.
            OfInput = maxTokens is not null,
        };

    public static ModelFault DataNotAllowed(ModelDefinition model, DataClass data) =>
        Of(model, "data-not-allowed", FailureKind.Permanent, $"may not see {Text(data)} data: add it to its allowedData if the agreement with the provider covers it, or name another model");

    /// <param name="why">Which limit of the feature file, in words.</param>
    public static ModelFault LimitReached(ModelDefinition model, string why, TimeSpan retryAfter) =>
        Of(model, "model-limit", FailureKind.RateLimited, $"was not asked, for {why}: try again in {Seconds(retryAfter)}, or raise limits in the feature file if its provider grants more", retryAfter) with { NotAsked = true };

    /// <summary>Another model of the chain may be granted more.</summary>
    public static ModelFault OverLimit(ModelDefinition model, long tokens) =>
        Of(model, "model-over-limit", FailureKind.Permanent,
            $"was not asked: the call may use {tokens.ToString(CultureInfo.InvariantCulture)} tokens, more than limits.tokensPerMinute grants in a whole minute; shorten the input or lower maxTokens") with
        {
            NotAsked = true,
        };

    /// <summary>Another model of the chain may be cheap enough.</summary>
    public static ModelFault BudgetExhausted(ModelDefinition model, string why, TimeSpan untilNext) =>
        Of(model, "budget-exhausted", FailureKind.Permanent, $"was not asked: {why.TrimEnd('.')}", untilNext) with { NotAsked = true };

    public static ModelFault Unknown(string name) => new(new Failure
    {
        Code = "model-unknown",
        Kind = FailureKind.Permanent,
        Message = $"The feature file has no model '{name}' any more: put it back, or take it out of the feature.",
        Fingerprint = Failure.Print("model-unknown", name),
    });

    public static ModelFault NoProvider(ModelDefinition model) =>
        Of(model, "model-provider-unknown", FailureKind.Permanent, $"names the provider '{model.Provider}', which this program does not have");

    public static ModelFault Of(ModelDefinition model, string code, FailureKind kind, string what, TimeSpan? retryAfter = null, string? place = null) => new(new Failure
    {
        Code = code,
        Kind = kind,
        Message = $"Model '{model.Name}' {what}.",
        RetryAfter = retryAfter,
        Fingerprint = place is null ? Failure.Print(code, model.Name) : Failure.Print(code, model.Name, place),
    });

    private static string Quote(ModelDefinition model, string? said)
    {
        if (string.IsNullOrWhiteSpace(said))
            return "";
        var clean = model.ApiKey is { Length: > 0 } key ? said.Replace(key, "***", StringComparison.Ordinal) : said;
        clean = clean.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return $". It said: {(clean.Length > MaxQuote ? clean[..MaxQuote] + "…" : clean)}";
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);

    private static string Text(DataClass data) => data.ToString().ToLowerInvariant();
}
