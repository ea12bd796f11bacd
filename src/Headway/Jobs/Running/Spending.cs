using System.Buffers.Binary;
using Headway.Budgets;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>What was spent on models, and what may still be.</summary>
internal sealed class Spending(Database database, BudgetsInForce budgets)
{
    private const int MostRows = 200;

    private static readonly Sql Costs = Sql.At("Jobs/Storage/ReadCosts");
    private static readonly Sql State = Sql.At("Budgets/ReadBudget");

    /// <summary>The columns that costs can be counted by; fixed texts, never a caller's.</summary>
    private static readonly IReadOnlyDictionary<string, Sql> By = new Dictionary<string, Sql>(StringComparer.Ordinal)
    {
        ["feature"] = Grouped("d.feature"),
        ["key"] = Grouped("j.actor"),
        ["model"] = Grouped("c.model"),
    };

    public static IReadOnlyCollection<string> Groupings => [.. By.Keys];

    /// <summary>Of jobs accepted since then, the dearest first; null: no such grouping.</summary>
    public IReadOnlyList<CostRow>? CostsBy(string tenant, string by, DateTimeOffset since) => !By.TryGetValue(by, out var sql) ? null : database.Read(async session =>
    {
        var rows = new List<CostRow>();
        // Ids begin with the moment of acceptance, so the primary key is walked from there.
        var first = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(first, Math.Max(0, since.ToUnixTimeMilliseconds()) << 16);
        using var read = session.Use(sql).Bind(1, tenant).Bind(2, JobId.FromBytes(first)).Bind(3, MostRows);
        while (await read.StepAsync().ConfigureAwait(false)) rows.Add(new CostRow(read.Text(0)!, read.Int64(1), new Usage(read.Int64(2), read.Int64(3), Money.ToUsd(read.Int64(4)))));
        return rows;
    });

    public IReadOnlyList<BudgetState> BudgetsOf(string tenant) => database.Read(async session =>
    {
        var states = new List<BudgetState>();
        foreach (var limit in budgets.Of(tenant))
        {
            using var read = session.Use(State).Bind(1, limit.Scope).Bind(2, limit.Period);
            states.Add(await read.StepAsync().ConfigureAwait(false) ? new BudgetState(limit, read.Int64(0), read.Int64(1), read.Int64(2)) : new BudgetState(limit, 0, 0, 0));
        }
        return states;
    });

    private static Sql Grouped(string column) => Sql.Of($"{Costs.Name} by {column}", Costs.Text.Replace("{by}", column, StringComparison.Ordinal));
}

/// <summary>What the calls under one name cost together.</summary>
internal sealed record CostRow(string Name, long Calls, Usage Usage);

/// <summary>How a budget stands in its current period, in billionths of a US dollar.</summary>
internal sealed record BudgetState(BudgetLimit Limit, long Spent, long Reserved, long MaybePaid);
