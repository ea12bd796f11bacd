using Headway.Audit;
using Headway.Budgets;
using Headway.Features;
using Headway.Models.Failover;
using Headway.Models.Limits;
using Microsoft.Extensions.Logging;

namespace Headway.Models;

/// <summary>
/// Asks the models of a chain in order until one gives an answer that stands. What follows a failure is decided by <see cref="FailoverRule"/>:
/// the same model again, the next one, or the end. It moves to the right only, and never once output was shown that cannot be taken back.
/// </summary>
internal sealed class ModelChain(ModelCatalog catalog, IReadOnlyList<string> names)
{
    private readonly ModelCaller _caller = new(catalog);

    public async Task<ChainReply> AskAsync(ModelRequest request, ChainTerms terms, CancellationToken stop)
    {
        var spent = new Usage();
        var faults = new List<ModelFault>();
        for (var i = Math.Clamp(terms.FirstModel, 0, names.Count - 1); i < names.Count; i++)
        {
            var (end, step) = await AskModelAsync(i, request, terms, isFallback: i > 0, stop).ConfigureAwait(false);
            spent += end.Usage;
            if (end.Fault is not { } fault)
                return new ChainReply(end.Answer, null, spent);
            if (fault.OfInput || terms.IsBound)
                return new ChainReply(null, fault.Failure, spent);
            faults.Add(fault);
            if (step is NextStep.End)
                break;
            catalog.Logger.LogWarning("Model {Model} failed with {Code}; {Next} is asked next", names[i], fault.Failure.Code, names[i + 1]);
        }

        return new ChainReply(null, Verdict(faults), spent);
    }

    /// <summary>One model, as often as the rule allows. The usage is that of all its calls.</summary>
    private async Task<(CallEnd End, NextStep Step)> AskModelAsync(int index, ModelRequest request, ChainTerms terms, bool isFallback, CancellationToken stop)
    {
        var spent = new Usage();
        var (calls, repaired) = (0, false);
        request = WithoutRefused(names[index], request, isFallback);
        while (true)
        {
            if (terms is { TakeBack: { } takeBack } && terms.Shown()) await takeBack(stop).ConfigureAwait(false);
            var hasNext = HasNext(index, terms);
            var patience = FailoverRule.Patience(hasNext, Left(terms));
            var question = request with { Try = calls + 1, Silence = limit => FailoverRule.Silence(limit, hasNext && !terms.IsBound, Left(terms)) };
            var end = await _caller.CallAsync(names[index], question, terms, patience, stop).ConfigureAwait(false);
            spent += end.Usage;
            if (end.Fault is not { } fault)
                return (end with { Usage = spent }, NextStep.Stop);
            if (!fault.NotAsked)
                calls++;
            // A parameter that is not in the request was set by us (the token limit, by one of its two names), so it is ours to change for the first model, too.
            if (fault.Unsupported is { } parameter && MayLeaveOut(request, parameter, isFallback) && !terms.IsBound)
            {
                if (FailoverRule.MayAdapt(calls) && Adaptation.Without(request, parameter) is { } adapted)
                {
                    if (catalog.Find(names[index]) is { } model) catalog.HealthOf(model).Refused.Note(parameter);
                    request = adapted;
                    continue;
                }

                // It took the place of a model that failed for another reason: the request is not at fault, only unfit for this one.
                if (isFallback) fault = fault with { OfInput = false };
            }

            var step = Decide(index, fault, calls, repaired, terms);
            if (step is not NextStep.Again again)
                return (new CallEnd(null, fault, spent), step);
            if (fault.Repair is { } repair)
                (request, repaired) = (request.After(repair), true);
            if (again.Pause > TimeSpan.Zero)
                // Rounded up: timers cut a wait down to whole milliseconds, and a model that rests until then would be looked at over and over in the last one.
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(again.Pause.TotalMilliseconds)), catalog.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>What this model has refused before costs no call again.</summary>
    private ModelRequest WithoutRefused(string name, ModelRequest request, bool isFallback)
    {
        if (catalog.Find(name) is not { } model) return request;
        foreach (var parameter in catalog.HealthOf(model).Refused.Known)
            if (MayLeaveOut(request, parameter, isFallback) && Adaptation.Without(request, parameter) is { } adapted) request = adapted;
        return request;
    }

    private static bool MayLeaveOut(ModelRequest request, string parameter, bool isFallback) => isFallback || !request.Body.ContainsKey(parameter);

    private NextStep Decide(int index, ModelFault fault, int calls, bool repaired, ChainTerms terms)
    {
        var retries = catalog.Find(names[index]) is { } model ? catalog.HealthOf(model).Retries : null;
        var situation = new Situation
        {
            Calls = calls,
            Repaired = repaired,
            HasNext = HasNext(index, terms),
            Shown = terms.IsBound,
            Left = Left(terms),
            MayRetry = retries?.HasRoom is true,
            Chance = catalog.Random.NextDouble(),
        };
        var step = FailoverRule.Decide(fault, situation);
        // Asking again is paid from the budget; another call may have taken the last of it in this moment.
        var isRetry = step is NextStep.Again && !fault.NotAsked && fault.Repair is null;
        if (isRetry && !retries!.TrySpend())
            step = FailoverRule.Decide(fault, situation with { MayRetry = false });
        // Those that may not be asked are passed by in name, so that the failure tells of them.
        return step is NextStep.End && !fault.OfInput && !situation.Shown && situation.Left > TimeSpan.Zero && index + 1 < names.Count ? NextStep.Next : step;
    }

    private TimeSpan Left(ChainTerms terms) => terms.Until - catalog.Time.GetUtcNow();

    // A model with a line of its own is no way around this one's.
    private bool HasNext(int index, ChainTerms terms) => names.Skip(index + 1).Any(name =>
        catalog.Find(name) is { } next && next.AllowedData.Contains(terms.Data) && catalog.HealthOf(next).IsUp && catalog.Gates?.For(next) is not { Waiting: > 0 });

    /// <summary>A key that is refused must not hide that another model would be free in ten seconds: what can be tried again counts.</summary>
    private static Failure Verdict(List<ModelFault> faults)
    {
        var told = (faults.FindLast(fault => fault.Failure.Retryable) ?? faults[^1]).Failure;
        var others = faults.Where(fault => fault.Failure != told).ToArray();
        if (others.Length == 0)
            return told;
        return told with
        {
            Message = $"{told.Message} The chain was tried: {string.Join(" ", others.Select(fault => fault.Failure.Message))}",
            RetryAfter = faults.Where(fault => fault.Failure.Retryable).All(fault => fault.Failure.RetryAfter is not null)
                ? faults.Min(fault => fault.Failure.RetryAfter)
                : null,
        };
    }
}

/// <summary>Under which conditions a chain is asked.</summary>
internal sealed record ChainTerms
{
    /// <summary>Index of the model that is asked first.</summary>
    public int FirstModel { get; init; }

    /// <summary>No further model is asked after this.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The class of the data in the request.</summary>
    public required DataClass Data { get; init; }
    public required DisclosureLog Disclosures { get; init; }

    /// <summary>Whose turn it is where calls wait for a model's limits.</summary>
    public string Tenant { get; init; } = TenantOptions.Default;

    /// <summary>Told what a call waits for.</summary>
    public AttemptWaits Waits { get; init; } = new();

    /// <summary>Told what each call cost as soon as that is known, however the chain ends.</summary>
    public UsageMeter Spent { get; init; } = new();

    /// <summary>Asked before each call whether it may be paid.</summary>
    public AttemptBudget Budget { get; init; } = AttemptBudget.Unlimited;

    /// <summary>Where pieces go; null: nobody looks at them.</summary>
    public PieceSink? Show { get; init; }

    /// <summary>Show nothing before the answer is whole, so that another model can take over until then (`stream: hold`).</summary>
    public bool Hold { get; init; }

    /// <summary>Whether the caller has seen anything of the answer.</summary>
    public Func<bool> Shown { get; init; } = static () => false;

    /// <summary>Tells whoever looks that what was shown counts no more and the answer begins anew. Null: the caller cannot be told, who has it before his eyes.</summary>
    public Func<CancellationToken, ValueTask>? TakeBack { get; init; }

    /// <summary>Something was shown that cannot be taken back: nobody else can answer any more.</summary>
    public bool IsBound => TakeBack is null && Shown();

    /// <summary>What is wrong with a complete answer; null: it stands.</summary>
    public Func<ModelDefinition, ModelAnswer, ModelFault?> Judge { get; init; } = static (_, _) => null;
}

/// <summary>The answer or the failure of a chain, and what all its calls cost together.</summary>
internal sealed record ChainReply(ModelAnswer? Answer, Failure? Failure, Usage Usage);
