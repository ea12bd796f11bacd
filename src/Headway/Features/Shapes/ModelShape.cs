namespace Headway.Features.Shapes;

/// <summary>The keys of a model.</summary>
internal static class ModelShape
{
    public static readonly Scalar<string> Provider = new WordChoice("openai", "azure", "anthropic", "rehearsal");

    /// <summary>Keys that only the rehearsal provider knows.</summary>
    public static readonly IReadOnlyList<string> RehearsalOnly = ["dimensions", "firstToken", "tokensPerSecond", "failures", "seed"];

    /// <summary>Keys that mean nothing where no network is used.</summary>
    public static readonly IReadOnlyList<string> NetworkOnly = ["baseUrl", "apiKey", "apiVersion", "headers"];

    /// <summary>The failures a rehearsal can play.</summary>
    private static readonly IReadOnlyList<(string Name, string Summary)> FailureKinds =
    [
        ("rateLimited", "Refused with 429 and Retry-After."),
        ("unavailable", "Refused with 503."),
        ("timeout", "Silence until the first-token limit."),
        ("cutStream", "The stream breaks in the middle."),
        ("invalidOutput", "An answer that does not satisfy the schema."),
        ("empty", "An answer with nothing in it."),
    ];

    public static readonly Keys Failures = new("rehearsal-failures", "The share of calls that fail, by failure.",
        [.. FailureKinds.Select(kind => new Key(kind.Name, Scalars.Percent, kind.Summary))]);

    public static readonly Keys Price = new("price", "US dollars per million tokens.",
        new("input", Scalars.Money, "For what is sent.") { Required = true },
        new("output", Scalars.Money, "For what is answered.") { Required = true },
        new("cachedInput", Scalars.Money, "For what is sent and the provider finds in its cache. Default: as input."));

    public static readonly Keys Limits = new("model-limits", "What the agreement with the provider grants.",
        new("requestsPerMinute", Scalars.Whole(1), "Calls a minute."),
        new("tokensPerMinute", Scalars.Whole(1), "Tokens a minute."),
        new("concurrency", Scalars.Whole(1, 10_000), "Calls at once."));

    public static readonly Keys Timeouts = new("timeouts", "Each bounds another way in which an upstream can be slow.",
        new("connect", Scalars.TimerDuration, "Until connected. Default 5s."),
        new("firstToken", Scalars.TimerDuration, "Until the first token. Default 30s."),
        new("idle", Scalars.TimerDuration, "Silence between two pieces of a stream. Default 15s."),
        new("total", Scalars.TimerDuration, "The whole call. Default 5m."));

    public static readonly Keys FirstToken = new("rehearsal-first-token", "The latency a rehearsal draws from: log-normal through these two points.",
        new("p50", Scalars.TimerDuration, "Half the calls are faster. Default 300ms."),
        new("p99", Scalars.TimerDuration, "One in a hundred is slower. Default 2s."));

    public static readonly Keys Model = new("model", "A named model.",
        new("provider", Provider, "The adapter that talks to it: openai (any OpenAI-compatible server), azure, anthropic or rehearsal.") { Required = true },
        new("baseUrl", Scalars.HttpUrl, "The server, up to and including /v1; azure: the address of the resource. Default: the provider's own."),
        new("apiVersion", Scalars.ApiVersion, "Azure: the dated version of its API, for addresses by deployment. Left out: its v1 API."),
        new("apiKey", Scalars.Text, "Sent as a bearer token, to azure as api-key, with anthropic as x-api-key. Comes from the environment: \"${NAME}\".") { Secret = true },
        new("model", Scalars.Text, "The name the provider knows it by."),
        new("headers", new Named(NameRule.Header, Scalars.Text), "Extra request headers. {{tenant}}, {{feature}}, {{job}} and {{model}} are filled for each call."),
        new("contextTokens", Scalars.Whole(1), "Tokens that input and answer may have together. Only requests that let the conversation be shortened (`truncation: auto`) go by it."),
        new("price", Price, Price.Summary),
        new("limits", Limits, Limits.Summary),
        new("timeouts", Timeouts, Timeouts.Summary),
        new("allowedData", HandlerShape.AllowedData, "Data classes the agreement with this provider covers. Default public and internal, which personal and phi include."),
        new("expose", Scalars.Flag, "Also callable as a feature under its own name. Default false."),
        new("budget", BudgetShape.Budget, "Of calls to an exposed model under its own name."),
        new("data", new Choice<DataClass>(), "The data class of calls to an exposed model. Default: that of `defaults`."),
        new("kind", new Choice<ModelKind>(), "What it makes: openai, azure and rehearsal have both. Default chat."),
        new("dimensions", Scalars.Whole(1, 4096), "Rehearsal: the length of an embedding. Default 8."),
        new("firstToken", FirstToken, FirstToken.Summary),
        new("tokensPerSecond", Scalars.Rate, "Rehearsal: the token rate. Default 60."),
        new("failures", Failures, Failures.Summary),
        new("seed", Scalars.Seed, "Rehearsal: the same seed draws the same latencies and failures. Default 1."));
}
