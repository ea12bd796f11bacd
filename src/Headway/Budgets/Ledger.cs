using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Budgets;

/// <summary>The statements of the budgets. Each is part of the transaction of the change that it pays for.</summary>
/// <remarks>
/// Invariants. For each budget `reserved` is the sum of its reservations. A reservation is made only where spent + reserved + amount ≤ limit, in the
/// one writer, so no number of callers can pass it together. Money leaves `reserved` only by being spent or given back in the transaction that
/// ends its work; after a crash it is spent, because nobody can know that it was not.
/// </remarks>
internal static class Ledger
{
    private static readonly Sql Find = Sql.At("Budgets/FindBudget");
    private static readonly Sql Open = Sql.At("Budgets/OpenBudget");
    private static readonly Sql Reserve = Sql.At("Budgets/ReserveBudget");
    private static readonly Sql Hold = Sql.At("Budgets/HoldReservation");
    private static readonly Sql ReadHeld = Sql.At("Budgets/ReadReservations");
    private static readonly Sql SpendSql = Sql.At("Budgets/SpendBudget");
    private static readonly Sql Lower = Sql.At("Budgets/LowerReservation");
    private static readonly Sql Delete = Sql.At("Budgets/DeleteReservations");

    /// <summary>Holds an amount back in every budget, or in none. Null: held.</summary>
    public static BudgetRefusal? TryReserve(SqliteSession session, JobId owner, IReadOnlyList<BudgetLimit> limits, long nano)
    {
        Span<long> budgets = stackalloc long[limits.Count];
        for (var i = 0; i < limits.Count; i++)
        {
            var (id, used) = FindOrOpen(session, limits[i]);
            var left = limits[i].Nano - used;
            // A budget that is used up takes nothing more, not even work that is thought to be free.
            if (nano > left || left <= 0) return new BudgetRefusal(limits[i], Math.Max(0, left), nano);
            budgets[i] = id;
        }
        foreach (var budget in budgets)
        {
            session.Use(Reserve).Bind(1, nano).Bind(2, budget).Execute();
            session.Use(Hold).Bind(1, owner).Bind(2, budget).Bind(3, nano).Execute();
        }
        return null;
    }

    /// <summary>What is held back for an owner: the least over its budgets. Zero: nothing.</summary>
    public static long Held(SqliteSession session, JobId owner)
    {
        var rows = Rows(session, owner);
        return rows.Count == 0 ? 0 : rows.Min(row => row.Nano);
    }

    /// <summary>Work goes on: what it has cost so far is spent, the rest stays held.</summary>
    public static void Spend(SqliteSession session, JobId owner, long nano)
    {
        if (nano == 0) return;
        foreach (var (budget, held) in Rows(session, owner))
        {
            var released = Math.Min(nano, held);
            Pay(session, budget, nano, released, unknown: 0);
            session.Use(Lower).Bind(1, released).Bind(2, owner).Bind(3, budget).Execute();
        }
    }

    /// <summary>Work has ended: what it cost is spent, the rest is given back.</summary>
    public static void Settle(SqliteSession session, JobId owner, long nano)
    {
        var rows = Rows(session, owner);
        foreach (var (budget, held) in rows) Pay(session, budget, nano, held, unknown: 0);
        if (rows.Count > 0) session.Use(Delete).Bind(1, owner).Execute();
    }

    /// <summary>Nobody can know what was paid: all that was held counts as spent.</summary>
    /// <returns>How much that is.</returns>
    public static long SettleUnknown(SqliteSession session, JobId owner)
    {
        var rows = Rows(session, owner);
        foreach (var (budget, held) in rows)
        {
            Pay(session, budget, held, held, unknown: held);
            session.Use(Lower).Bind(1, held).Bind(2, owner).Bind(3, budget).Execute();
        }
        return rows.Count == 0 ? 0 : rows.Max(row => row.Nano);
    }

    /// <summary>A piece of what an owner holds was used for other work, which has ended.</summary>
    public static void SettlePiece(SqliteSession session, JobId owner, long piece, long nano)
    {
        foreach (var (budget, held) in Rows(session, owner))
        {
            var released = Math.Min(piece, held);
            Pay(session, budget, nano, released, unknown: 0);
            session.Use(Lower).Bind(1, released).Bind(2, owner).Bind(3, budget).Execute();
        }
    }

    private static void Pay(SqliteSession session, long budget, long nano, long released, long unknown) =>
        session.Use(SpendSql).Bind(1, nano).Bind(2, released).Bind(3, unknown).Bind(4, budget).Execute();

    private static (long Id, long Used) FindOrOpen(SqliteSession session, BudgetLimit limit)
    {
        using (var find = session.Use(Find).Bind(1, limit.Scope).Bind(2, limit.Period))
        {
            if (find.Step()) return (find.Int64(0), find.Int64(1));
        }
        session.Use(Open).Bind(1, limit.Scope).Bind(2, limit.Period).Execute();
        return (session.LastRowId, 0);
    }

    private static List<(long Budget, long Nano)> Rows(SqliteSession session, JobId owner)
    {
        var rows = new List<(long, long)>();
        using var read = session.Use(ReadHeld).Bind(1, owner);
        while (read.Step()) rows.Add((read.Int64(0), read.Int64(1)));
        return rows;
    }
}
