namespace Headway;

/// <summary>Tokens and money of one attempt or job.</summary>
internal readonly record struct Usage(long InputTokens, long OutputTokens, decimal Usd)
{
    /// <summary>The upstream did not say: counted from the length of the texts.</summary>
    public bool Estimated { get; init; }

    public static Usage operator -(Usage a, Usage b) =>
        new(a.InputTokens - b.InputTokens, a.OutputTokens - b.OutputTokens, a.Usd - b.Usd) { Estimated = a.Estimated || b.Estimated };

    public static Usage operator +(Usage a, Usage b) =>
        new(a.InputTokens + b.InputTokens, a.OutputTokens + b.OutputTokens, a.Usd + b.Usd) { Estimated = a.Estimated || b.Estimated };
}

/// <summary>One call of a model and what it cost.</summary>
/// <param name="Model">As the feature file calls it.</param>
/// <param name="ProviderModel">As the provider says it, where it does.</param>
/// <param name="ErrorCode">Null: it answered.</param>
internal sealed record ModelCall(string Model, string? ProviderModel, DateTimeOffset At, Usage Usage, string? ErrorCode)
{
    /// <summary>Of a workflow: the step that made it, as its journal calls it.</summary>
    public string? Step { get; init; }
}

/// <summary>Adds up what an attempt costs while it runs; calls may overlap.</summary>
internal sealed class UsageMeter
{
    private static readonly AsyncLocal<string?> Step = new();

    private readonly Lock _gate = new();
    private readonly List<ModelCall> _calls = [];

    /// <summary>From now on, in what the caller calls and awaits, calls are made by this step.</summary>
    public static void Enter(string step) => Step.Value = step;
    private Usage _total;

    public Usage Total
    {
        get
        {
            lock (_gate) return _total;
        }
    }

    /// <summary>In the order in which they ended.</summary>
    public IReadOnlyList<ModelCall> Calls
    {
        get
        {
            lock (_gate) return _calls.Count == 0 ? [] : [.. _calls];
        }
    }

    public void Add(ModelCall call)
    {
        lock (_gate)
        {
            _calls.Add(Step.Value is { } step ? call with { Step = step } : call);
            _total += call.Usage;
        }
    }
}
