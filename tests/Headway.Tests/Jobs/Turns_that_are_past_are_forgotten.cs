using System.Collections.Concurrent;
using System.Diagnostics;
using Headway.Jobs.Storage;
using Headway.Jobs.Upkeep;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Jobs;

public sealed class Turns_that_are_past_are_forgotten
{
    private static async Task<int> RunAsync(TurnPruner pruner, int passes)
    {
        var did = 0;
        for (var pass = 0; pass < passes; pass++)
        {
            if ((await pruner.RunOnceAsync(DateTimeOffset.UnixEpoch, CancellationToken.None)).Did is not null) did++;
        }
        return did;
    }

    private static long Rank(TurnField field, JobId job) => field.Number($"SELECT rank FROM queue WHERE job = {TestDatabase.Id(job)}");

    private static long Kept(TurnField field) => field.Number("SELECT count(*) FROM turns");

    [Fact]
    public async Task Those_of_tenants_that_came_once_when_nothing_is_under_way_and_no_turn_is_given_twice()
    {
        await using var field = await TurnField.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 450).Select(n => field.AcceptAsync($"tenant-{n}")));
        await field.AcceptManyAsync(5, "tenant-7", priority: 2);
        var last = field.Number("SELECT max(rank) FROM queue WHERE state = 1") - Turns.Behind(2);
        (await field.ClaimAsync(1_000)).Count.ShouldBe(455);
        var pruner = new TurnPruner(field.Database, kept: 0);
        // What runs may still be charged.
        await RunAsync(pruner, 4);
        Kept(field).ShouldBe(451);
        await field.EndAllAsync();

        (await RunAsync(pruner, 4)).ShouldBe(3);

        Kept(field).ShouldBe(0);
        Rank(field, await field.AcceptAsync("tenant-7", priority: 2)).ShouldBeGreaterThanOrEqualTo(last + Turns.Whole + Turns.Behind(2));
    }

    [Fact]
    public async Task Those_that_a_pool_in_use_has_left_far_behind()
    {
        await using var field = await TurnField.OpenAsync();
        await field.AcceptManyAsync(3, "early");
        await field.AcceptManyAsync(1_500, "busy");
        await field.ClaimAsync(1_100);
        await field.AcceptAsync("just-now");

        (await RunAsync(new TurnPruner(field.Database, kept: 0), 1)).ShouldBe(1);

        field.Number("SELECT count(*) FROM turns WHERE tenant = 'early'").ShouldBe(0);
        field.Number("SELECT count(DISTINCT tenant) FROM turns").ShouldBe(2);
        Rank(field, await field.AcceptAsync("early")).ShouldBe(field.Number("SELECT turn FROM pools"));
    }

    [Fact]
    public async Task But_not_where_there_are_few()
    {
        await using var field = await TurnField.OpenAsync();
        await field.AcceptAsync("early");
        await field.ClaimAsync(1);
        await field.EndAllAsync();

        (await RunAsync(new TurnPruner(field.Database), 2)).ShouldBe(0);
    }

    [Fact]
    public async Task Nor_those_of_a_tenant_that_waits()
    {
        await using var field = await TurnField.OpenAsync();
        await field.AcceptManyAsync(50, "loud");
        var pruner = new TurnPruner(field.Database, kept: 0);

        (await RunAsync(pruner, 2)).ShouldBe(0);

        Rank(field, await field.AcceptAsync("loud")).ShouldBe(50 * Turns.Whole);
    }

    [Fact]
    public async Task Nor_is_a_debt_forgotten_while_others_use_the_pool()
    {
        await using var field = await TurnField.OpenAsync();
        await field.AcceptAsync("dear");
        await field.AcceptManyAsync(40, "cheap");
        await field.ClaimAsync(30);
        await RunAsync(new TurnPruner(field.Database, kept: 0), 2);

        await field.Database.WriteAsync(new ChargeTurns([(field.Pool, "dear", 90 * Turns.Whole)]));

        Rank(field, await field.AcceptAsync("dear")).ShouldBe(91 * Turns.Whole);
    }

    [Fact]
    public async Task And_where_a_tenant_with_limits_goes_on_once_nothing_of_it_waits()
    {
        await using var field = await TurnField.OpenAsync();
        for (var n = 0; n < 3; n++) await field.AcceptAsync("limited", gate: "limited");
        await field.AcceptManyAsync(60, "free");
        await field.ClaimAsync(40, limits: tenant => tenant == "limited" ? 1 : null);
        await field.ClaimAsync(1, limits: tenant => tenant == "limited" ? 1 : null);
        field.Number("SELECT count(*) FROM gate_turns").ShouldBe(1);
        var pruner = new TurnPruner(field.Database, kept: 0);
        await RunAsync(pruner, 2);
        field.Number("SELECT count(*) FROM gate_turns").ShouldBe(1);
        await field.ClaimAsync(100, limits: _ => null);

        await RunAsync(pruner, 2);

        field.Number("SELECT count(*) FROM gate_turns").ShouldBe(0);
    }

    /// <summary>A call that has read what was charged, and has not committed what it charges by it.</summary>
    [PostgresFact]
    public async Task Not_while_somebody_charges_by_what_he_has_read()
    {
        await using var field = await TurnField.OpenAsync();
        await field.AcceptManyAsync(10, "early");
        await field.AcceptManyAsync(1_200, "busy");
        await field.ClaimAsync(1_200);
        var pruner = new TurnPruner(field.Database, kept: 0);
        var did = -1;
        await using var other = Database.Open(field.Address, TimeProvider.System, NullLogger.Instance, boundary =>
        {
            if (boundary == "AcceptJob:before-commit") did = RunAsync(pruner, 1).GetAwaiter().GetResult();
        });

        // In another lane than what is charged to it: nothing but reading it ties the two.
        var job = field.New("early", priority: 2);
        await other.WriteAsync(new AcceptJob(job, null));
        var next = await field.AcceptAsync("early", priority: 2);

        did.ShouldBe(0);
        Rank(field, next).ShouldBe(Rank(field, job.Origin.Id) + Turns.Whole);
        await field.ClaimAsync(100);
        await field.EndAllAsync();
        // It rests for a beat.
        (await RunAsync(pruner, 2)).ShouldBe(1);
    }

    /// <summary>Tenants come and go, all at once, and every turn of each is later than all that it had before.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_turn_goes_back_and_no_job_is_stranded_whoever_comes_meanwhile(int seed)
    {
        await using var field = await TurnField.OpenAsync();
        await using var second = TestDatabase.IsPostgres ? Database.Open(field.Address, TimeProvider.System, NullLogger.Instance) : null;
        using var over = new CancellationTokenSource();
        var seen = new ConcurrentQueue<JobId>();
        var pruned = 0;

        var ends = new ConcurrentDictionary<(int Tenant, int Lane), long>();

        async Task TenantAsync(int number, int wave)
        {
            var random = new Random((seed * 100) + (wave * 10) + number);
            for (var round = 0; round < 8; round++)
            {
                var (lane, nodes) = (random.Next(3) * 4, new[] { field.Database, second ?? field.Database });
                var jobs = Enumerable.Range(0, random.Next(1, 6)).Select(_ => field.New($"tenant-{number}", lane)).ToList();
                await Task.WhenAll(jobs.Select(job => nodes[round % 2].WriteAsync(new AcceptJob(job, null))));
                List<long> turns = [.. jobs.Select(job => Rank(field, job.Origin.Id) - Turns.Behind(lane)).Order()];
                turns.Distinct().Count().ShouldBe(jobs.Count);
                turns[0].ShouldBeGreaterThanOrEqualTo(ends.GetValueOrDefault((number, lane), long.MinValue));
                ends[(number, lane)] = turns[^1] + Turns.Whole;
                foreach (var job in jobs) seen.Enqueue(job.Origin.Id);
            }
        }

        Task UntilOverAsync(Func<Task> again) => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested) await again();
        });

        async Task EndSomeAsync()
        {
            await field.ClaimAsync(20);
            var some = new List<JobId>();
            while (some.Count < 100 && seen.TryDequeue(out var job)) some.Add(job);
            if (some.Count > 0) await field.Database.WriteAsync(new Change($"DELETE FROM queue WHERE job IN ({string.Join(',', some.Select(TestDatabase.Id))})"));
        }

        var pruners = new[] { new TurnPruner(field.Database, kept: 0), new TurnPruner(second ?? field.Database, kept: 0) };
        var others = pruners.Select(pruner => UntilOverAsync(async () => Interlocked.Add(ref pruned, await RunAsync(pruner, 1)))).Append(UntilOverAsync(EndSomeAsync)).ToList();
        for (var wave = 0; wave < 10; wave++)
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() => TenantAsync(number, wave)))).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            // Nothing is under way, and what may be forgotten is while the next come; or all of it is, first.
            var began = Stopwatch.StartNew();
            while (field.Number("SELECT count(*) FROM queue") > 0 || (wave % 2 == 0 && Kept(field) > 0))
            {
                began.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
                await Task.Yield();
            }
        }
        await over.CancelAsync();
        await Task.WhenAll(others);

        pruned.ShouldBeGreaterThan(0);
        var left = field.Number("SELECT count(*) FROM queue WHERE state = 1");
        (await field.ClaimAsync(10_000)).Count.ShouldBe((int)left);
        await field.EndAllAsync();
        await RunAsync(pruners[0], 3);
        Kept(field).ShouldBe(0);
    }
}
