using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;

namespace Headway.Tests.Jobs;

public sealed class A_job_that_fails
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 3, backoff: 10ms..20ms } }
        """;

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code => code.Add<Order, Order>("work", _code.WorkAsync));

    [Fact]
    public async Task Is_tried_again_and_its_history_tells_of_each_attempt()
    {
        _code.Failures = 2;
        await using var node = await StartAsync();

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id);

        job.State.ShouldBe(JobState.Succeeded);
        job.Attempt.ShouldBe(3);
        var attempts = await node.Engine.AttemptsAsync(Caller.Local, job.Id);
        attempts.Select(attempt => attempt.Outcome).ShouldBe(["failed", "failed", "succeeded"]);
        attempts[0].Failure!.Code.ShouldBe("handler-exception");
        (await node.AuditOfAsync(job.Id)).ShouldBe(["submitted", "started", "started", "started", "completed"]);
    }

    [Fact]
    public async Task Is_a_dead_letter_after_its_last_attempt_and_keeps_everything()
    {
        _code.Failures = 3;
        await using var node = await StartAsync();

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id);

        job.State.ShouldBe(JobState.Dead);
        job.Error!.Code.ShouldBe("handler-exception");
        job.Error.Message.ShouldContain("secret of a");
        job.Error.Fingerprint.ShouldNotContain("secret");
        (await node.Engine.AttemptsAsync(Caller.Local, job.Id)).Count.ShouldBe(3);
        (await node.AuditOfAsync(job.Id)).Last().ShouldBe("died");
        (await node.Engine.ListAsync(Caller.Local, new JobFilter { State = JobState.Dead })).Jobs.ShouldHaveSingleItem().Id.ShouldBe(job.Id);
    }

    [Fact]
    public async Task Can_be_replayed_and_keeps_id_and_history()
    {
        _code.Failures = 3;
        await using var node = await StartAsync();
        var id = (await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id)).Id;

        (await node.Engine.ReplayAsync(Caller.Local, id)).ShouldBeOfType<Answer.Accepted>();

        var job = await node.EndOfAsync(id);
        job.State.ShouldBe(JobState.Succeeded);
        job.Attempt.ShouldBe(4);
        (await node.Engine.AttemptsAsync(Caller.Local, id)).Select(attempt => attempt.Outcome).ShouldBe(["failed", "failed", "failed", "succeeded"]);
        (await node.AuditOfAsync(id)).ShouldContain("replayed");
        (await node.Engine.ReplayAsync(Caller.Local, id)).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("job-not-dead");
    }

    [Fact]
    public async Task Is_dead_as_expired_when_nobody_started_it_before_its_deadline()
    {
        await using var node = await StartAsync();
        var now = DateTimeOffset.UtcNow;

        var job = await node.AcceptedAsync(node.Call("work") with { StartAt = now.AddHours(1), Deadline = now.AddMilliseconds(50) });

        var ended = await node.EndOfAsync(job.Id);
        (ended.State, ended.Error!.Code).ShouldBe((JobState.Dead, "expired"));
        _code.Begun.ShouldBeEmpty();
    }

    [Fact]
    public async Task Can_be_replayed_after_its_deadline_and_the_old_one_is_over()
    {
        await using var node = await StartAsync();
        var now = DateTimeOffset.UtcNow;
        var id = (await node.AcceptedAsync(node.Call("work") with { StartAt = now.AddHours(1), Deadline = now.AddMilliseconds(50) })).Id;
        (await node.EndOfAsync(id)).Error!.Code.ShouldBe("expired");

        await node.Engine.ReplayAsync(Caller.Local, id);

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task Says_what_it_waits_for_while_it_backs_off()
    {
        _code.Failures = 1;
        await using var node = await Node.StartAsync(Features.Replace("10ms..20ms", "10m..20m", StringComparison.Ordinal), code => code.Add<Order, Order>("work", _code.WorkAsync));
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;

        await foreach (var entry in node.Engine.Events(Caller.Local, id, null, CancellationToken.None)!)
        {
            if (entry.Kind == "status" && System.Text.Encoding.UTF8.GetString(entry.Data.Span).Contains("scheduled", StringComparison.Ordinal)) break;
        }

        var job = (await node.Engine.FindAsync(Caller.Local, id))!;
        job.State.ShouldBe(JobState.Scheduled);
        job.WaitingFor!.Code.ShouldBe("backoff");
        job.WaitingFor.Until!.Value.ShouldBeGreaterThan(job.Created.AddMinutes(4));
    }
}
