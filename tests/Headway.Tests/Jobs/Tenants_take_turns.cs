using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Jobs;

/// <summary>Who waits with whom for the slots of one pool.</summary>
public sealed class Tenants_take_turns
{
    [Fact]
    public async Task A_backlog_of_100_000_delays_the_single_job_of_another_by_one_turn_of_the_pool()
    {
        await using var field = await TurnField.OpenAsync();
        await field.BacklogAsync("loud", 100_000);
        (await field.ClaimAsync(16)).Count.ShouldBe(16);

        await field.AcceptAsync("quiet");

        (await field.ClaimAsync(16)).ShouldContain("quiet");
    }

    [Fact]
    public async Task Tenants_that_all_wait_are_served_by_weight()
    {
        await using var field = await TurnField.OpenAsync();
        var weights = new Dictionary<string, int> { ["a"] = 1, ["b"] = 1, ["c"] = 2, ["d"] = 5, ["e"] = 7 };
        foreach (var (tenant, weight) in weights) await field.AcceptManyAsync(weight * 220, tenant, weight: weight);

        var served = weights.Keys.ToDictionary(tenant => tenant, _ => 0);
        for (var claims = 0; claims < 3_200; claims += 16)
        {
            foreach (var tenant in await field.ClaimAsync(16)) served[tenant]++;
        }

        TurnField.Jain([.. weights.Select(tenant => (double)served[tenant.Key] / tenant.Value)]).ShouldBeGreaterThan(0.99);
    }

    [Fact]
    public async Task Those_accepted_in_one_group_take_one_turn_each()
    {
        await using var field = await TurnField.OpenAsync();
        string[] tenants = ["a", "b", "c"];

        await Task.WhenAll(tenants.Select(tenant => field.AcceptManyAsync(200, tenant)));

        field.Number("SELECT count(*) FROM queue").ShouldBe(600);
        field.Number("SELECT count(DISTINCT rank) FROM queue").ShouldBe(200);
        field.Number("SELECT max(rank) FROM queue").ShouldBe(199 * Turns.Whole);
    }

    [Fact]
    public async Task One_that_was_idle_has_saved_up_nothing()
    {
        await using var field = await TurnField.OpenAsync();
        await field.AcceptAsync("idle");
        for (var round = 0; round < 40; round++)
        {
            await field.AcceptManyAsync(10, "busy");
            await field.ClaimAsync(11);
        }

        await field.AcceptManyAsync(100, "idle");
        await field.AcceptManyAsync(100, "busy");
        var served = await field.ClaimAsync(60);

        served.Count(tenant => tenant == "idle").ShouldBeInRange(28, 32);
    }

    [Fact]
    public async Task One_that_used_an_idle_pool_owes_nothing_for_it()
    {
        await using var field = await TurnField.OpenAsync();
        for (var round = 0; round < 200; round++)
        {
            await field.AcceptAsync("early");
            await field.ClaimAsync(4);
        }

        await field.AcceptManyAsync(50, "late");
        await field.AcceptManyAsync(50, "early");

        (await field.ClaimAsync(40)).Count(tenant => tenant == "early").ShouldBeInRange(18, 22);
    }

    [Fact]
    public async Task An_urgent_job_passes_the_backlog_of_its_tenant()
    {
        await using var field = await TurnField.OpenAsync();
        await field.AcceptManyAsync(2_000, "a", priority: 3);
        await field.ClaimAsync(100);

        await field.AcceptAsync("a", priority: 8, name: "urgent");

        (await field.ClaimAsync(1)).ShouldBe(["urgent"]);
    }

    [Fact]
    public async Task Urgent_jobs_are_paid_for_by_their_tenant()
    {
        await using var field = await TurnField.OpenAsync();
        var served = new Dictionary<string, int> { ["mixed"] = 0, ["plain"] = 0 };
        await field.AcceptManyAsync(20, "mixed");
        await field.AcceptManyAsync(20, "plain");
        for (var claims = 0; claims < 1_000; claims++)
        {
            var tenant = (await field.ClaimAsync(1)).Single();
            served[tenant]++;
            await field.AcceptAsync(tenant, priority: tenant == "mixed" && claims % 2 == 0 ? 9 : 5);
        }

        // The head start is had once, and is forty turns; what passes its tenant's own twenty that wait is paid for by those that come after them.
        served["plain"].ShouldBeInRange(500 - 60, 500 + 60);
    }

    [Fact]
    public async Task The_least_urgent_job_is_not_passed_for_ever()
    {
        await using var field = await TurnField.OpenAsync();
        await field.AcceptAsync("patient", priority: 0);
        var passed = 0;
        while (true)
        {
            await field.AcceptManyAsync(4, "urgent", priority: 9);
            var served = await field.ClaimAsync(4);
            if (served.Contains("patient")) break;
            passed += served.Count;
        }

        // Nine steps of ten turns.
        passed.ShouldBeInRange(80, 100);
    }

    [Fact]
    public async Task Who_takes_ten_times_as_long_gets_a_tenth_as_many_turns()
    {
        await using var field = await TurnField.OpenAsync();
        var served = new Dictionary<string, int> { ["long"] = 0, ["short"] = 0 };
        // Each has always some that wait, as one who submits the next when one has ended.
        await field.AcceptManyAsync(4, "long");
        await field.AcceptManyAsync(4, "short");
        for (var claims = 0; claims < 2_200; claims++)
        {
            var tenant = (await field.ClaimAsync(1)).Single();
            served[tenant]++;
            if (tenant == "long") await field.Database.WriteAsync(new ChargeTurns([(field.Pool, tenant, 9 * Turns.Whole)]));
            await field.AcceptAsync(tenant);
        }

        TurnField.Jain([served["long"] * 10, served["short"]]).ShouldBeGreaterThan(0.99);
    }

    [Fact]
    public async Task What_comes_back_at_once_takes_its_turns_among_others()
    {
        await using var field = await TurnField.OpenAsync();
        for (var i = 0; i < 300; i++) await field.AcceptAsync("storm", due: 5);
        await field.Database.WriteAsync(new Change("UPDATE queue SET attempt = 1, rank = -1000000000"));
        (await field.Database.WriteAsync(new PromoteDue(10, 1_000, _ => 1))).Count.ShouldBe(300);

        await field.AcceptAsync("quiet");

        (await field.ClaimAsync(4)).ShouldContain("quiet");
    }

    [Fact]
    public async Task A_retry_waits_for_no_backlog_of_its_own_tenant()
    {
        await using var field = await TurnField.OpenAsync();
        var retried = await field.AcceptAsync("a", name: "again", due: 5);
        await field.AcceptManyAsync(1_000, "a");
        await field.Database.WriteAsync(new Change("UPDATE queue SET attempt = 1 WHERE state = 0"));

        await field.Database.WriteAsync(new PromoteDue(10, 1_000, _ => 1));

        retried.ShouldNotBe(default);
        (await field.ClaimAsync(2)).ShouldContain("again");
    }

    [Fact]
    public async Task A_turn_that_is_cancelled_is_given_back()
    {
        await using var field = await TurnField.OpenAsync();
        var jobs = await field.AcceptManyAsync(500, "a");
        foreach (var job in jobs)
        {
            (await field.Database.WriteAsync(new CancelJob(job, "a", 1, (_, _, _) => new Ending { State = JobState.Cancelled, Finished = long.MaxValue / 2, Audit = [] }))).ShouldBe(Cancelled.Ended);
        }

        await field.AcceptManyAsync(50, "b");
        await field.AcceptManyAsync(50, "a");

        (await field.ClaimAsync(40)).Count(tenant => tenant == "a").ShouldBeInRange(18, 22);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_turn_that_is_given_back_counts_for_no_lane_that_did_not_pay_it(bool expires)
    {
        await using var field = await TurnField.OpenAsync();
        await field.AcceptManyAsync(100, "a");
        var unpaid = await field.AcceptManyAsync(100, "a", priority: 0);
        if (expires)
        {
            await field.Database.WriteAsync(new Change("INSERT INTO definitions (hash, feature, version, pool, data, json, created) VALUES (" + (TestDatabase.IsPostgres ? "'\\x01'" : "x'01'") + ", 'f', 1, 1, 0, '{}', 0)"));
            await field.Database.WriteAsync(new Change("UPDATE queue SET deadline = 5 WHERE job IN (SELECT id FROM jobs WHERE priority = 0)"));
            (await field.Database.WriteAsync(new ExpireJobs(10, 500, _ => 1))).Jobs.Count.ShouldBe(100);
        }
        else
        {
            foreach (var job in unpaid) (await field.Database.WriteAsync(new CancelJob(job, "a", 1, (_, _, _) => new Ending { State = JobState.Cancelled, Finished = long.MaxValue / 2, Audit = [] }))).ShouldBe(Cancelled.Ended);
        }

        await field.AcceptManyAsync(100, "a");

        field.Number("SELECT count(DISTINCT rank) FROM queue").ShouldBe(200);
    }

    [Fact]
    public async Task Who_is_claimed_at_once_has_the_earliest_turn_and_is_charged_for_it()
    {
        await using var field = await TurnField.OpenAsync();
        await field.BacklogAsync("loud", 1_000);
        await field.ClaimAsync(16);

        (await field.IsClaimedAtOnceAsync("loud")).ShouldBeFalse();
        (await field.IsClaimedAtOnceAsync("quiet")).ShouldBeTrue();
        // Its second turn comes with the next of the other, and not before.
        (await field.IsClaimedAtOnceAsync("quiet")).ShouldBeFalse();
        (await field.ClaimAsync(4)).ShouldContain("quiet");
    }

    [PostgresFact]
    public async Task Nodes_that_accept_at_once_lose_no_charge_and_do_not_wait_for_each_other()
    {
        await using var field = await TurnField.OpenAsync();
        await using var other = Database.Open(field.Address, TimeProvider.System, NullLogger.Instance);
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? field.Database : other).WriteAsync(new AcceptJob(field.New($"t{i % 4}"), null))));
        }

        field.Number("SELECT sum(charged)::bigint FROM turns").ShouldBe(400 * Turns.Whole);
        field.Number("SELECT count(*) FROM turns").ShouldBeLessThanOrEqualTo(8);
        // Each tenant took a hundred turns; what two nodes gave out in the same moment they may have given twice.
        field.Number("SELECT max(rank) FROM queue").ShouldBeInRange(90 * Turns.Whole, 110 * Turns.Whole);
    }

    [Fact]
    public async Task What_attempts_took_is_charged_beyond_a_turn_each()
    {
        await using var field = await TurnField.OpenAsync();
        var file = new FeatureFile
        {
            Path = "headway.yaml",
            Models = new Dictionary<string, ModelDefinition>(),
            Features = new Dictionary<string, Feature>(),
            Tenants = new Dictionary<string, TenantOptions> { ["heavy"] = new() { Weight = 2 } },
        };
        var costs = new AttemptCosts(field.Database, new TenantTerms(() => file));
        var usual = TimeSpan.FromSeconds(2);

        costs.Note(field.Pool, "first", usual, usual: null);
        costs.Note(field.Pool, "slow", usual * 3, usual);
        costs.Note(field.Pool, "slow", usual * 3, usual);
        costs.Note(field.Pool, "quick", usual / 2, usual);
        costs.Note(field.Pool, "heavy", usual * 5, usual);
        costs.Note(field.Pool, "stuck", usual * 100_000, usual);
        (await costs.WriteAsync()).ShouldBe(4);
        (await costs.WriteAsync()).ShouldBe(0);

        long Of(string tenant) => field.Number($"SELECT coalesce(sum(charged), 0) FROM turns WHERE tenant = '{tenant}'");
        (Of("slow"), Of("quick"), Of("heavy"), Of("stuck"), Of("first")).ShouldBe((4 * Turns.Whole, -Turns.Whole / 2, 2 * Turns.Whole, 99 * Turns.Whole, 0L));
    }

    [Fact]
    public async Task A_tenant_at_its_limit_holds_up_nobody_and_is_passed_by_one_look()
    {
        await using var field = await TurnField.OpenAsync();
        await field.BacklogAsync("capped", 100_000, gate: "capped");
        int? Limits(string tenant) => tenant == "capped" ? 3 : null;
        (await field.ClaimAsync(16, Limits)).Count.ShouldBe(3);
        (await field.ClaimAsync(16, Limits)).ShouldBeEmpty();

        await field.AcceptManyAsync(20, "free");
        await field.AcceptAsync("counted", gate: "counted");

        var served = await field.ClaimAsync(16, Limits);
        served.Count.ShouldBe(16);
        served.ShouldContain("counted");
        served.ShouldNotContain("another");
        await field.EndAllAsync();
        (await field.ClaimAsync(16, Limits)).Count(name => name == "another").ShouldBe(3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task A_tenant_that_was_held_back_by_its_limit_has_saved_up_nothing(int slots)
    {
        await using var field = await TurnField.OpenAsync();
        await field.BacklogAsync("capped", 1_000, gate: "capped");
        await field.AcceptManyAsync(600, "free");
        int? most = 0;
        for (var claims = 0; claims < 400; claims += 10) (await field.ClaimAsync(10, _ => most)).Count.ShouldBe(10);

        most = null;
        var served = new List<string>();
        while (served.Count < 200) served.AddRange(await field.ClaimAsync(slots, _ => most));

        // Half of them, and what a tenant may keep.
        served.Count(name => name == "another").ShouldBeInRange(90, 120);
    }

    [Fact]
    public async Task Gates_are_opened_some_at_a_time()
    {
        await using var field = await TurnField.OpenAsync();
        await field.BacklogAsync("capped", 2_500, gate: "capped");

        foreach (var some in new[] { 1_000, 1_000, 500, 0 }) (await field.Database.WriteAsync(new OpenGates(1_000, _ => 1))).Count.ShouldBe(some);

        (await field.ClaimAsync(16)).Count.ShouldBe(16);
    }

    [Fact]
    public void Whatever_comes_the_order_is_that_of_the_rule() => Property.Check(chance => Storied(chance).GetAwaiter().GetResult(), cases: 6);

    // Random arrivals of tenants with weights and priorities, claims and costs, beside the rule in memory.
    private static async Task Storied(Random chance)
    {
        await using var field = await TurnField.OpenAsync();
        var (rule, claimed) = (new TurnRule(), 0);
        for (var step = 0; step < 250; step++)
        {
            var tenant = $"t{chance.Next(4)}";
            switch (chance.Next(6))
            {
                case < 4:
                    var (priority, weight) = (chance.Next(10), 1 + (tenant[1] - '0'));
                    rule.Accept(await field.AcceptAsync(tenant, priority, weight), tenant, priority, Turns.Charge(weight));
                    break;
                case 4:
                    var expected = rule.Claim(chance.Next(1, 6));
                    (await field.ClaimAsync(expected.Count == 0 ? 1 : expected.Count)).Count.ShouldBe(expected.Count);
                    foreach (var job in expected) field.Number($"SELECT state FROM queue WHERE job = {TestDatabase.Id(job)}").ShouldBe((long)JobState.Running);
                    claimed += expected.Count;
                    break;
                default:
                    var charge = chance.NextInt64(-Turns.Whole / 8, 5 * Turns.Whole);
                    rule.Charge(tenant, charge);
                    await field.Database.WriteAsync(new ChargeTurns([(field.Pool, tenant, charge)]));
                    break;
            }
        }
        field.Number("SELECT count(*) FROM queue WHERE state = 2").ShouldBe(claimed);
    }
}

/// <summary>The rule of turns without a database: for each tenant and lane when its turns end, moved by all that is charged to it and to the lanes above.</summary>
file sealed class TurnRule
{
    private readonly Dictionary<(string Tenant, int Lane), long> _ends = [];
    private readonly List<(JobId Job, long Rank)> _waiting = [];
    private long _now;

    public void Accept(JobId job, string tenant, int priority, long charge)
    {
        var start = Math.Max(_now, Ends(tenant, priority));
        Push(tenant, priority - 1, charge);
        _ends[(tenant, priority)] = start + charge;
        _waiting.Add((job, start + ((5 - priority) * 10 * Turns.Whole)));
    }

    public void Charge(string tenant, long charge) => Push(tenant, 10, charge);

    public List<JobId> Claim(int most)
    {
        var next = _waiting.OrderBy(job => job.Rank).ThenBy(job => job.Job.Value.ToString("N"), StringComparer.Ordinal).Take(most).ToList();
        foreach (var job in next)
        {
            _now = Math.Max(_now, job.Rank);
            _waiting.Remove(job);
        }
        return next.ConvertAll(job => job.Job);
    }

    private long Ends(string tenant, int lane) => _ends.Where(end => end.Key.Tenant == tenant && end.Key.Lane >= lane).Select(end => end.Value).DefaultIfEmpty(long.MinValue).Max();

    private void Push(string tenant, int highest, long charge)
    {
        foreach (var key in _ends.Keys.Where(key => key.Tenant == tenant && key.Lane <= highest).ToList()) _ends[key] += charge;
    }
}
