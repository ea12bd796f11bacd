using Headway.Budgets;
using Headway.Handlers;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>What an attempt spent, and whom it disclosed data to. These are facts, whatever becomes of the job and whoever has it by then.</summary>
/// <remarks>
/// Invariant: each fact is written once. Those known when the attempt is settled go with the write that settles it, if the job is still the
/// attempt's. All others are written without a fence: of an attempt that was cancelled or lost its lease, and of work that went on after its
/// attempt had been settled without it.
/// </remarks>
internal sealed class Facts(Attempt attempt, Disclosures disclosures, Database database, AttemptEnds ends)
{
    private Known _written = new([], default, 0);

    public Known Look()
    {
        var calls = attempt.Spent.Calls;
        return new Known(calls, calls.Aggregate(default(Usage), static (sum, call) => sum + call.Usage), disclosures.Count);
    }

    /// <summary>The calls among these, for the write that settles the attempt.</summary>
    public CallsOfAttempt CallsOf(Known known) => new(attempt.Number, 0, known.Calls);

    /// <summary>The write that settled the attempt told of these.</summary>
    public void Written(Known known) => _written = known;

    /// <summary>Once the work has really ended.</summary>
    public async Task KeepRestAsync(Task ended)
    {
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await KeepRestAsync().ConfigureAwait(false);
    }

    /// <summary>Writes what is not written yet.</summary>
    public async Task KeepRestAsync()
    {
        var known = Look();
        if (known == _written) return;
        var spent = known.Spent - _written.Spent;
        var disclosed = disclosures.Events(_written.Disclosed, known.Disclosed);
        var calls = new CallsOfAttempt(attempt.Number, _written.Calls.Count, [.. known.Calls.Skip(_written.Calls.Count)]);
        // What is held back for a job that was cancelled meanwhile waits to be given back.
        if (calls.Calls.Count == 0 && disclosed.Count == 0 && !attempt.Budget.IsLimited) return;
        await ends.WriteAsync(attempt.Job, () => new RecordFacts(attempt.Job, spent, calls, disclosed, database.Now)).ConfigureAwait(false);
        _written = known;
    }

    /// <param name="Spent">What the calls cost together.</param>
    /// <param name="Disclosed">How many disclosures there were.</param>
    internal readonly record struct Known(IReadOnlyList<ModelCall> Calls, Usage Spent, int Disclosed);
}
