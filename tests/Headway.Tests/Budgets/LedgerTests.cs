using Headway.Budgets;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Budgets;

public sealed class LedgerTests : IAsyncLifetime
{
    private const long Dollar = 1_000_000_000;
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private Database _database = null!;

    public ValueTask InitializeAsync()
    {
        _database = Database.Open(TestDatabase.At(Path.Combine(_folder, "ledger.db")), TimeProvider.System, NullLogger.Instance);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Two_hundred_callers_with_one_dollar_left_cannot_overspend()
    {
        IReadOnlyList<BudgetLimit> limits = [Limit("tenant:default/month", Dollar), Limit("feature:chat/day", 10 * Dollar)];
        var jobs = Enumerable.Range(0, 200).Select(_ => JobId.New(Now)).ToArray();

        var refusals = await Task.WhenAll(jobs.Select(job => Task.Run(() => _database.WriteAsync(new ReserveBudget(job, limits, Dollar / 50)))));

        refusals.Count(refusal => refusal is null).ShouldBe(50);
        refusals.OfType<BudgetRefusal>().ShouldAllBe(refusal => refusal.Limit.Scope == "tenant:default/month" && refusal.Left == 0);
        State().ShouldBe([("feature:chat/day", 0, Dollar), ("tenant:default/month", 0, Dollar)]);
    }

    [Fact]
    public async Task A_refusal_holds_nothing_back_in_any_budget()
    {
        IReadOnlyList<BudgetLimit> limits = [Limit("tenant:default/month", 10 * Dollar), Limit("feature:chat/day", Dollar)];

        (await ReserveAsync(JobId.New(Now), limits, 2 * Dollar)).ShouldNotBeNull().Limit.Scope.ShouldBe("feature:chat/day");

        State().ShouldAllBe(budget => budget.Spent == 0 && budget.Reserved == 0);
    }

    [Fact]
    public async Task What_is_not_spent_is_given_back_and_what_nobody_knows_is_spent()
    {
        IReadOnlyList<BudgetLimit> limits = [Limit("tenant:default/month", Dollar)];
        var (ended, lost) = (JobId.New(Now), JobId.New(Now));
        await ReserveAsync(ended, limits, Dollar / 2);
        await ReserveAsync(lost, limits, Dollar / 4);

        await ApplyAsync(session => Ledger.SettleAsync(session, ended, Dollar / 10));
        await ApplyAsync(async session => await Ledger.SettleUnknownAsync(session, lost));

        State().ShouldBe([("tenant:default/month", (Dollar / 10) + (Dollar / 4), 0)]);
        Number("SELECT maybe_paid FROM budgets").ShouldBe(Dollar / 4);
    }

    [Fact]
    public async Task A_new_period_begins_with_nothing_spent()
    {
        await ReserveAsync(JobId.New(Now), [Limit("tenant:default/month", Dollar)], Dollar);

        (await ReserveAsync(JobId.New(Now), [Limit("tenant:default/month", Dollar)], 1)).ShouldNotBeNull();
        (await ReserveAsync(JobId.New(Now), [Limit("tenant:default/month", Dollar) with { Period = 1 }], 1)).ShouldBeNull();
    }

    [Fact]
    public async Task An_attempt_holds_more_back_before_a_call_that_needs_it_and_calls_that_overlap_share_nothing()
    {
        IReadOnlyList<BudgetLimit> limits = [Limit("tenant:default/month", Dollar)];
        var (job, spent) = (JobId.New(Now), new UsageMeter());
        await ReserveAsync(job, limits, Dollar / 4);
        var budget = new ReservedBudget(_database, job, () => limits, spent);

        (await budget.OpenAsync(Dollar / 4, CancellationToken.None)).ShouldBeNull();
        Held(job).ShouldBe(Dollar / 4);
        (await budget.OpenAsync(Dollar / 2, CancellationToken.None)).ShouldBeNull();
        Held(job).ShouldBe(3 * Dollar / 4);
        (await budget.OpenAsync(Dollar / 2, CancellationToken.None)).ShouldNotBeNull().Left.ShouldBe(Dollar / 4);

        spent.Add(new ModelCall("fast", null, Now, new Usage(1, 1, 0.1m), null));
        budget.Close(Dollar / 2);
        (await budget.OpenAsync(Dollar / 2, CancellationToken.None)).ShouldBeNull();
        Held(job).ShouldBe((Dollar / 10) + (3 * Dollar / 4));
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_the_sums_agree_and_no_limit_is_passed() =>
        Property.Check(random => _database.WriteAsync(new Change(session => PlayAsync(session, random))).GetAwaiter().GetResult(), cases: 30);

    private static async ValueTask PlayAsync(Session session, Random random)
    {
        await session.RunAsync("DELETE FROM reservations; DELETE FROM budgets");
        var limits = new[] { Limit("a", 1_000), Limit("b", 1_500) };
        var jobs = Enumerable.Range(0, 8).Select(_ => JobId.New(Now)).ToArray();
        for (var i = 0; i < 60; i++)
        {
            var job = jobs[random.Next(jobs.Length)];
            var held = await Ledger.HeldAsync(session, job);
            switch (random.Next(5))
            {
                case 0 or 1: await Ledger.TryReserveAsync(session, job, random.Next(2) == 0 ? limits : [limits[0]], random.Next(400)); break;
                // Work never costs more than is held: that is what reserving is for.
                case 2: await Ledger.SpendAsync(session, job, random.Next((int)held + 1)); break;
                case 3: await Ledger.SettleAsync(session, job, random.Next((int)held + 1)); break;
                default: await Ledger.SettleUnknownAsync(session, job); break;
            }
            await CheckAsync(session);
        }
    }

    private static async ValueTask CheckAsync(Session session)
    {
        using var rows = session.Prepare("SELECT b.scope, b.spent, b.reserved, coalesce((SELECT sum(nano) FROM reservations WHERE budget = b.id), 0) FROM budgets b");
        while (await rows.StepAsync())
        {
            rows.Int64(2).ShouldBe(rows.Int64(3));
            (rows.Int64(1) + rows.Int64(2)).ShouldBeLessThanOrEqualTo(rows.Text(0) == "a" ? 1_000 : 1_500);
        }
    }

    private static BudgetLimit Limit(string scope, long nano) => new(scope, 0, nano, Now.AddMonths(1));

    private Task<BudgetRefusal?> ReserveAsync(JobId job, IReadOnlyList<BudgetLimit> limits, long nano) => _database.WriteAsync(new ReserveBudget(job, limits, nano));

    private long Held(JobId job) => _database.Read(session => Ledger.HeldAsync(session, job));

    private List<(string Scope, long Spent, long Reserved)> State() => _database.Read(session =>
    {
        var budgets = new List<(string, long, long)>();
        using var read = session.Prepare("SELECT scope, spent, reserved FROM budgets ORDER BY scope");
        while (read.Step()) budgets.Add((read.Text(0)!, read.Int64(1), read.Int64(2)));
        return budgets;
    });

    private long Number(string sql) => _database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64(0);
    });

    private Task<bool> ApplyAsync(Func<Session, ValueTask> change) => _database.WriteAsync(new Change(change));

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Change(Func<Session, ValueTask> change) : Write<bool>
    {
        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            await change(session);
            return true;
        }
    }
}
