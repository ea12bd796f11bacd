using Headway.Storage;

namespace Headway.Budgets;

/// <summary>The statements of the budgets. Each is part of the transaction of the change that it pays for.</summary>
/// <remarks>
/// Invariants. For each budget `reserved` is the sum of its reservations. A reservation is made only where spent + reserved + amount ≤ limit, by one
/// statement on a row that is locked, so no number of callers can pass it together. Money leaves `reserved` only by being spent or given back in the transaction that
/// ends its work; after a crash it is spent, because nobody can know that it was not.
/// </remarks>
internal static class Ledger
{
    private static readonly Sql Find = Sql.At("Budgets/FindBudget");
    private static readonly Sql Reserve = Sql.At("Budgets/ReserveBudget");
    private static readonly Sql Lock = Sql.At("Budgets/LockBudgets");
    private static readonly Sql Hold = Sql.At("Budgets/HoldReservation");
    private static readonly Sql ReadHeld = Sql.At("Budgets/ReadReservations");
    private static readonly Sql SpendSql = Sql.At("Budgets/SpendBudget");
    private static readonly Sql SpendOutright = Sql.At("Budgets/SpendOutright");
    private static readonly Sql Lower = Sql.At("Budgets/LowerReservation");
    private static readonly Sql Delete = Sql.At("Budgets/DeleteReservations");

    /// <summary>Holds an amount back in every budget, or in none. Null: held.</summary>
    public static async ValueTask<BudgetRefusal?> TryReserveAsync(Session session, JobId owner, IReadOnlyList<BudgetLimit> limits, long nano)
    {
        if (session.Dialect is SqlDialect.Postgres)
        {
            foreach (var limit in limits) session.Use(Lock).Bind(1, limit.Scope).Bind(2, limit.Period).Send();
        }
        var budgets = new List<long>(limits.Count);
        foreach (var limit in limits)
        {
            // A budget that is used up takes nothing more, not even work that is thought to be free: the statement says so itself, because on
            // PostgreSQL others reserve at the same time.
            if (await ReserveAsync(session, limit, nano).ConfigureAwait(false) is { } budget)
            {
                budgets.Add(budget);
                continue;
            }
            foreach (var taken in budgets) Pay(session, taken, 0, nano, unknown: 0);
            return new BudgetRefusal(limit, Math.Max(0, limit.Nano - await UsedAsync(session, limit).ConfigureAwait(false)), nano);
        }
        foreach (var budget in budgets) session.Use(Hold).Bind(1, owner).Bind(2, budget).Bind(3, nano).Send();
        return null;
    }

    /// <summary>What is held back for an owner: the least over its budgets. Zero: nothing.</summary>
    public static async ValueTask<long> HeldAsync(Session session, JobId owner)
    {
        var rows = await RowsAsync(session, owner).ConfigureAwait(false);
        return rows.Count == 0 ? 0 : rows.Min(row => row.Nano);
    }

    /// <summary>Work goes on: what it has cost so far is spent, the rest stays held.</summary>
    public static async ValueTask SpendAsync(Session session, JobId owner, long nano)
    {
        if (nano == 0) return;
        foreach (var (budget, held) in await RowsAsync(session, owner).ConfigureAwait(false))
        {
            var released = Math.Min(nano, held);
            Pay(session, budget, nano, released, unknown: 0);
            session.Use(Lower).Bind(1, released).Bind(2, owner).Bind(3, budget).Send();
        }
    }

    /// <summary>What an owner spent for whom nothing is held back, not even nothing, because its work had ended before: spent from the budgets as they are now. Whoever holds something pays from that.</summary>
    public static async ValueTask SpendUnheldAsync(Session session, JobId owner, IReadOnlyList<BudgetLimit> limits, long nano)
    {
        if (nano == 0 || limits.Count == 0 || (await RowsAsync(session, owner).ConfigureAwait(false)).Count > 0) return;
        if (session.Dialect is SqlDialect.Postgres)
        {
            foreach (var limit in limits) session.Use(Lock).Bind(1, limit.Scope).Bind(2, limit.Period).Send();
        }
        foreach (var limit in limits) session.Use(SpendOutright).Bind(1, limit.Scope).Bind(2, limit.Period).Bind(3, nano).Send();
    }

    /// <summary>Work has ended: what it cost is spent, the rest is given back.</summary>
    public static async ValueTask SettleAsync(Session session, JobId owner, long nano)
    {
        var rows = await RowsAsync(session, owner).ConfigureAwait(false);
        foreach (var (budget, held) in rows) Pay(session, budget, nano, held, unknown: 0);
        if (rows.Count > 0) session.Use(Delete).Bind(1, owner).Send();
    }

    /// <summary>Nobody can know what was paid: all that was held counts as spent.</summary>
    /// <returns>How much that is.</returns>
    public static async ValueTask<long> SettleUnknownAsync(Session session, JobId owner)
    {
        var rows = await RowsAsync(session, owner).ConfigureAwait(false);
        foreach (var (budget, held) in rows)
        {
            Pay(session, budget, held, held, unknown: held);
            session.Use(Lower).Bind(1, held).Bind(2, owner).Bind(3, budget).Send();
        }
        return rows.Count == 0 ? 0 : rows.Max(row => row.Nano);
    }

    /// <summary>A piece of what an owner holds was used for other work, which has ended.</summary>
    public static async ValueTask SettlePieceAsync(Session session, JobId owner, long piece, long nano)
    {
        foreach (var (budget, held) in await RowsAsync(session, owner).ConfigureAwait(false))
        {
            var released = Math.Min(piece, held);
            Pay(session, budget, nano, released, unknown: 0);
            session.Use(Lower).Bind(1, released).Bind(2, owner).Bind(3, budget).Send();
        }
    }

    private static void Pay(Session session, long budget, long nano, long released, long unknown) =>
        session.Use(SpendSql).Bind(1, nano).Bind(2, released).Bind(3, unknown).Bind(4, budget).Send();

    private static async ValueTask<long?> ReserveAsync(Session session, BudgetLimit limit, long nano)
    {
        using var reserve = session.Use(Reserve).Bind(1, limit.Scope).Bind(2, limit.Period).Bind(3, nano).Bind(4, limit.Nano);
        return await reserve.StepAsync().ConfigureAwait(false) ? reserve.Int64(0) : null;
    }

    private static async ValueTask<long> UsedAsync(Session session, BudgetLimit limit)
    {
        using var find = session.Use(Find).Bind(1, limit.Scope).Bind(2, limit.Period);
        return await find.StepAsync().ConfigureAwait(false) ? find.Int64(0) : 0;
    }

    private static async ValueTask<List<(long Budget, long Nano)>> RowsAsync(Session session, JobId owner)
    {
        var rows = new List<(long, long)>();
        using var read = session.Use(ReadHeld).Bind(1, owner);
        while (await read.StepAsync().ConfigureAwait(false)) rows.Add((read.Int64(0), read.Int64(1)));
        return rows;
    }
}
