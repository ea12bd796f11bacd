using System.Collections.Frozen;

namespace Headway.Features;

/// <summary>A named model: the provider that talks to it, its limits, timeouts, price, and which data may flow to it.</summary>
internal sealed record ModelDefinition
{
    public static readonly IReadOnlySet<DataClass> DefaultAllowedData = new[] { DataClass.Public, DataClass.Internal }.ToFrozenSet();

    public required string Name { get; init; }

    /// <summary>openai, azure, anthropic or rehearsal.</summary>
    public required string Provider { get; init; }
    public ModelKind Kind { get; init; }
    public Uri? BaseUrl { get; init; }

    /// <summary>Azure: the dated version of its API, which then is asked under the deployment's own address.</summary>
    public string? ApiVersion { get; init; }
    public string? ApiKey { get; init; }

    /// <summary>The name the provider knows it by.</summary>
    public string? Model { get; init; }

    /// <summary>Extra request headers; `{{tenant}}` and the like are filled for each call.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Tokens that input and answer may have together. Null: nobody has said.</summary>
    public int? ContextTokens { get; init; }
    public ModelPrice? Price { get; init; }
    public ModelLimits Limits { get; init; } = new();
    public ModelTimeouts Timeouts { get; init; } = new();
    public IReadOnlySet<DataClass> AllowedData { get; init; } = DefaultAllowedData;

    /// <summary>Also callable as a feature under its own name.</summary>
    public bool Expose { get; init; }

    /// <summary>The class of the data an exposed model is called with. Null: that of the file's defaults.</summary>
    public DataClass? Data { get; init; }

    /// <summary>Of calls to an exposed model under its own name.</summary>
    public BudgetOptions? Budget { get; init; }
    public RehearsalOptions? Rehearsal { get; init; }
    public Place Place { get; init; }
}

/// <summary>What a model makes.</summary>
internal enum ModelKind { Chat, Embedding }

/// <summary>USD per million tokens.</summary>
/// <param name="CachedInput">For input that the provider had in its cache; null: as any input.</param>
internal sealed record ModelPrice(decimal Input, decimal Output, decimal? CachedInput = null);

internal sealed record ModelLimits
{
    public int? RequestsPerMinute { get; init; }
    public int? TokensPerMinute { get; init; }
    public int? Concurrency { get; init; }

    public bool HasRates => RequestsPerMinute is not null || TokensPerMinute is not null;
    public bool IsNone => !HasRates && Concurrency is null;
}

/// <summary>Each bounds another way in which an upstream can be slow.</summary>
internal sealed record ModelTimeouts
{
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence between two pieces of a stream.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(15);
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>How the rehearsal provider behaves: a latency drawn from the declared distribution, a token rate, declared failures.</summary>
internal sealed record RehearsalOptions
{
    /// <summary>Length of an embedding.</summary>
    public int Dimensions { get; init; } = 8;
    public TimeSpan FirstTokenP50 { get; init; } = TimeSpan.FromMilliseconds(300);
    public TimeSpan FirstTokenP99 { get; init; } = TimeSpan.FromSeconds(2);
    public double TokensPerSecond { get; init; } = 60;

    /// <summary>Shares between 0 and 1, by failure: rateLimited, unavailable, timeout, cutStream, invalidOutput, empty.</summary>
    public IReadOnlyDictionary<string, double> Failures { get; init; } = new Dictionary<string, double>();
    public int Seed { get; init; } = 1;
}
