using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Jobs.Upkeep;
using Headway.Reconciliation;
using Headway.Tests.Jobs;
using Headway.Tests.Jobs.Workers;
using Headway.Tests.Storage;
using Headway.Upstream;

namespace Headway.Tests.Reconciliation;

/// <summary>Each kind of gap is made by force, found, and mended where it can be.</summary>
public sealed class Each_gap_is_found : IAsyncDisposable
{
    private const string Features = """
        features:
          work:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 2 } }
          quick: { contract: { mode: sync, caller: waits, acceptableWait: 2s, data: phi }, handler: code, fallback: none, timeout: 10m, retention: 30d }
          away:  { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: worker }
        """;

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // It stands still: no duty finds what a test has made before the test does.
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private Node _node = null!;

    private async Task<Engine> StartAsync()
    {
        _node = await Node.StartAsync(Features, Code, _time);
        return _node.Engine;
    }

    private void Code(CodeHandlers code)
    {
        code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order));
        code.Add<Order, Order>("quick", async (order, _, stop) =>
        {
            _begun.TrySetResult();
            await _goOn.Task.WaitAsync(stop);
            return order;
        });
    }

    public async ValueTask DisposeAsync()
    {
        _goOn.TrySetResult();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task What_an_older_node_queued_for_workers_without_its_tenant_is_told_it_and_is_no_gap()
    {
        var engine = await StartAsync();
        var job = await _node.AcceptedAsync(_node.Call("away"));
        await engine.Database.WriteAsync(new Change("UPDATE queue SET tenant = NULL"));
        var worker = new PullWorker("w1", Caller.Local.Tenant);
        (await worker.ClaimAsync(engine, "away")).ShouldBeEmpty();

        (await StepQueueAsync()).ShouldBe(0);

        PullWorker.IdOf((await worker.ClaimAsync(engine, "away")).ShouldHaveSingleItem()).ShouldBe(job.Id);
    }

    [Fact]
    public async Task A_job_that_is_late_is_an_open_gap_until_it_ends()
    {
        var engine = await StartAsync();
        var job = await _node.AcceptedAsync(_node.Call("work") with { StartAt = _time.GetUtcNow().AddHours(1) });
        await StepQueueAsync();
        (await OpenAsync()).ShouldBeEmpty("it has time");

        await StepQueueAsync(minutes: 2);
        await StepQueueAsync(minutes: 3);

        var gap = (await OpenAsync()).ShouldHaveSingleItem("it is one, however often it is found");
        (gap.Kind, gap.Job, gap.Feature, gap.Did).ShouldBe(("overdue", job.Id, "work", "waiting"));
        (await engine.Oversight.Gaps.ListAsync("other", null, true, null, 10)).ShouldBeEmpty("it is another tenant's");

        await engine.CancelAsync(Caller.Local, job.Id, CancellationToken.None);
        await engine.Oversight.Gaps.TidyAsync();
        (await OpenAsync()).ShouldBeEmpty();
        (await AllAsync()).ShouldHaveSingleItem().Ended.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_job_without_its_place_is_queued_again_and_done()
    {
        var engine = await StartAsync();
        var job = await _node.AcceptedAsync(_node.Call("work") with { StartAt = _time.GetUtcNow().AddHours(1) });
        await ForceAsync($"DELETE FROM queue WHERE job = {TestDatabase.Id(job.Id)}");

        (await StepRecordsAsync()).Found.ShouldBe(1);

        (await _node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
        await _node.ResultOfAsync(job.Id);
        (await AllAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(gap => gap.Kind.ShouldBe("misplaced"), gap => gap.Did.ShouldBe("mended"));
        (await StepRecordsAsync()).Found.ShouldBe(0);
        (await engine.AuditAsync(Caller.Local, job.Id)).Select(entry => entry.Action).ShouldBe(["submitted", "started", "completed", "delivered"]);
    }

    [Fact]
    public async Task A_place_without_a_job_under_way_is_removed()
    {
        await StartAsync();
        var job = await _node.AcceptedAsync(_node.Call("work") with { StartAt = _time.GetUtcNow().AddHours(1) });
        await ForceAsync($"DELETE FROM jobs WHERE id = {TestDatabase.Id(job.Id)}");

        (await StepQueueAsync()).ShouldBe(1);

        _node.Number("SELECT count(*) FROM queue").ShouldBe(0);
        (await AllAsync()).ShouldHaveSingleItem().Kind.ShouldBe("stray");
    }

    [Fact]
    public async Task A_call_that_was_opened_and_never_closed_is_closed_as_unknown()
    {
        var engine = await StartAsync();
        var call = engine.CallAsync(_node.Call("quick"), CancellationToken.None);
        await _begun.Task;
        var job = (await engine.ListAsync(Caller.Local, new())).Jobs.ShouldHaveSingleItem().Id;
        await ForceAsync("DELETE FROM queue");

        (await StepRecordsAsync()).Found.ShouldBe(1);

        var closed = (await engine.FindAsync(Caller.Local, job))!;
        (closed.State, closed.Error!.Code).ShouldBe((JobState.Failed, "unknown"));
        (await engine.AuditAsync(Caller.Local, job)).Select(entry => (entry.Action, entry.Outcome)).ShouldBe([("opened", null), ("failed", "unknown")]);
        (await AllAsync()).ShouldHaveSingleItem().Kind.ShouldBe("unclosed");
        _goOn.SetResult();
        await call;
        (await engine.FindAsync(Caller.Local, job))!.State.ShouldBe(JobState.Failed);
    }

    [Fact]
    public async Task A_pool_that_nobody_works_for_is_told_at_the_second_look_and_over_when_somebody_comes()
    {
        var engine = await StartAsync();
        await _node.AcceptedAsync(_node.Call("away"));
        var watch = engine.Oversight.Reconciler.Workers;

        (await watch.LookAsync()).ShouldBe(0);
        (await watch.LookAsync()).ShouldBe(1);
        (await OpenAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(gap => gap.Kind.ShouldBe("no-worker"), gap => gap.What.ShouldBe("away@1"), gap => gap.Job.ShouldBeNull());

        await ForceAsync("DELETE FROM queue");
        (await watch.LookAsync()).ShouldBe(0);
        (await OpenAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_of_which_no_event_tells_is_told_and_none_is_invented()
    {
        var engine = await StartAsync();
        var job = await _node.EndOfAsync((await _node.AcceptedAsync(_node.Call("work"))).Id);
        await _node.ResultOfAsync(job.Id);
        await ForceAsync(TestDatabase.IsPostgres ? "ALTER TABLE audit_events DISABLE TRIGGER USER" : "DROP TRIGGER audit_events_remain");
        await ForceAsync($"DELETE FROM audit_events WHERE job = {TestDatabase.Id(job.Id)} AND action = 'completed'");

        (await StepRecordsAsync()).Found.ShouldBe(1);
        (await StepRecordsAsync()).Found.ShouldBe(1);

        (await OpenAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(gap => gap.Kind.ShouldBe("unaudited"), gap => gap.Job.ShouldBe(job.Id));
        (await engine.AuditAsync(Caller.Local, job.Id)).Select(entry => entry.Action).ShouldBe(["submitted", "started", "delivered"]);
    }

    [Fact]
    public async Task What_a_duty_mends_is_told_as_a_gap()
    {
        var engine = await StartAsync();
        await using var loop = new DutyLoop([new Mender()], TimeProvider.System, new Random(1), Microsoft.Extensions.Logging.Abstractions.NullLogger<DutyLoop>.Instance)
        {
            Told = mended => engine.Oversight.Gaps.NoteAsync([new Gap(mended.Kind, mended.What) { Amount = mended.Amount, Did = GapDeeds.Mended }]),
        };
        loop.Start();

        await Until.IsSoAsync(async () => (await AllAsync()).Count > 0);
        (await AllAsync())[0].ShouldSatisfyAllConditions(gap => gap.Kind.ShouldBe("lost-lease"), gap => gap.Amount.ShouldBe(3), gap => gap.Did.ShouldBe("mended"));
    }

    [Fact]
    public async Task Sound_jobs_of_every_end_are_no_gaps()
    {
        var engine = await StartAsync();
        await _node.ResultOfAsync((await _node.EndOfAsync((await _node.AcceptedAsync(_node.Call("work"))).Id)).Id);
        var cancelled = await _node.AcceptedAsync(_node.Call("work") with { StartAt = _time.GetUtcNow().AddHours(1) });
        await engine.CancelAsync(Caller.Local, cancelled.Id, CancellationToken.None);
        var expired = await _node.AcceptedAsync(_node.Call("work") with { StartAt = _time.GetUtcNow().AddHours(2), Deadline = _time.GetUtcNow().AddHours(1) });
        await engine.Database.WriteAsync(new ExpireJobs(_time.GetUtcNow().AddHours(2).ToUnixTimeMilliseconds(), 10, _ => 1));
        (await engine.FindAsync(Caller.Local, expired.Id))!.State.ShouldBe(JobState.Dead);
        _goOn.SetResult();
        await engine.CallAsync(_node.Call("quick"), CancellationToken.None);
        await _node.AcceptedAsync(_node.Call("work") with { StartAt = _time.GetUtcNow().AddHours(1) });

        (await StepRecordsAsync()).ShouldBe((0, null));
        (await StepQueueAsync()).ShouldBe(0);
        (await AllAsync()).ShouldBeEmpty();
    }

    private Task<(int Found, JobId? Next)> StepRecordsAsync() => _node.Engine.Oversight.Reconciler.Records.StepAsync(_time.GetUtcNow().AddMinutes(5), RecordWalk.First);

    private async Task<int> StepQueueAsync(int minutes = 0) => (await _node.Engine.Oversight.Reconciler.Queue.StepAsync(_time.GetUtcNow().AddMinutes(minutes).ToUnixTimeMilliseconds())).Found;

    private Task<bool> ForceAsync(string sql) => _node.Engine.Database.WriteAsync(new Change(sql));

    private ValueTask<IReadOnlyList<Gap>> OpenAsync() => _node.Engine.Oversight.Gaps.ListAsync("default", null, false, null, 10);

    private ValueTask<IReadOnlyList<Gap>> AllAsync() => _node.Engine.Oversight.Gaps.ListAsync("default", null, true, null, 10);

    private sealed class Mender : Duty
    {
        public override TimeSpan Every => TimeSpan.FromMilliseconds(20);

        public override Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop) => Task.FromResult(new DutyReport("did") { Mended = new Mended(Mended.LostLease, "lease 7", 3) });
    }
}
