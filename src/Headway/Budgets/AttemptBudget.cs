namespace Headway.Budgets;

/// <summary>What an attempt may spend on calls of models. Each call asks first, with the most that it can cost.</summary>
internal abstract class AttemptBudget
{
    /// <summary>No budget counts: nothing is asked.</summary>
    public static readonly AttemptBudget Unlimited = new NoLimit();

    /// <summary>Whether a budget counts, so that the longest answer must be bounded.</summary>
    public abstract bool IsLimited { get; }

    /// <summary>Null: the call may be made, and its cost is held back. Close it when its cost is known.</summary>
    /// <param name="largest">The most it can cost, in billionths of a US dollar.</param>
    public abstract ValueTask<BudgetRefusal?> OpenAsync(long largest, CancellationToken stop);

    /// <summary>The call has ended, and what it cost is among what the attempt has spent.</summary>
    public abstract void Close(long largest);

    private sealed class NoLimit : AttemptBudget
    {
        public override bool IsLimited => false;

        public override ValueTask<BudgetRefusal?> OpenAsync(long largest, CancellationToken stop) => ValueTask.FromResult<BudgetRefusal?>(null);

        public override void Close(long largest)
        {
        }
    }
}
