using Headway.Storage;

namespace Headway.Budgets;

/// <summary>Spends from what is held back for a job, and has more held back, durably, before a call that needs it.</summary>
/// <remarks>
/// Invariant: what the attempt has spent, and the most that its open calls can cost, never exceed what is held back for the job. Calls may overlap;
/// the gate lets one at a time compare and extend.
/// </remarks>
/// <param name="limits">The budgets as the feature file has them now.</param>
/// <param name="spent">What the attempt has spent so far.</param>
#pragma warning disable CA1001 // A semaphore whose wait handle is never asked for holds nothing to give back.
internal sealed class ReservedBudget(Database database, JobId job, Func<IReadOnlyList<BudgetLimit>> limits, UsageMeter spent) : AttemptBudget
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _open;
    private long? _held;

    public override bool IsLimited => true;

    public override async ValueTask<BudgetRefusal?> OpenAsync(long largest, CancellationToken stop)
    {
        await _gate.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            _held ??= await database.ReadAsync(session => Ledger.HeldAsync(session, job)).ConfigureAwait(false);
            var lacking = Money.ToNano(spent.Total.Usd) + Interlocked.Read(ref _open) + largest - _held.Value;
            if (lacking > 0)
            {
                if (await database.WriteAsync(new ReserveBudget(job, limits(), lacking)).ConfigureAwait(false) is { } refusal) return refusal;
                _held += lacking;
            }
            Interlocked.Add(ref _open, largest);
            return null;
        }
        finally
        {
            _gate.Release();
        }
    }

    public override void Close(long largest) => Interlocked.Add(ref _open, -largest);
}

/// <summary>Holds money back for a job, on top of what is held for it already. The verdict is the refusal, or null.</summary>
internal sealed class ReserveBudget(JobId job, IReadOnlyList<BudgetLimit> limits, long nano) : Write<BudgetRefusal?>
{
    internal override IReadOnlyList<Claim> Claims => [Claim.On(job)];

    protected override ValueTask<BudgetRefusal?> ApplyAsync(Session session) => Ledger.TryReserveAsync(session, job, limits, nano);
}
