using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;

namespace Headway.Tests.Jobs;

public sealed class A_sync_call_is_told_at_once
{
    private const string Features = """
        features:
          quick:   { contract: { mode: sync, caller: waits, acceptableWait: 1s }, handler: code, fallback: none, timeout: 100ms }
          deaf:    { contract: { mode: sync, caller: waits, acceptableWait: 1s }, handler: code, fallback: none, timeout: 100ms }
          patient: { contract: { mode: sync, caller: waits, acceptableWait: 20s }, handler: code, fallback: none, timeout: 20s }
          private: { contract: { mode: sync, caller: waits, acceptableWait: 20s, data: phi }, handler: code, fallback: none, timeout: 20s, retention: { payload: 30d, record: 30d } }
        """;

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "quick", "patient", "private" }) code.Add<Order, Order>(feature, _code.WorkAsync);
        code.Add<Order, Order>("deaf", (order, feature, _) => _code.WorkAsync(order, feature, CancellationToken.None));
    });

    [Fact]
    public async Task When_the_work_fails_it_is_not_tried_again()
    {
        _code.Failures = 1;
        await using var node = await StartAsync();

        var failed = (await node.CallAsync("patient")).ShouldBeOfType<Answer.Failed>();

        failed.Failure.Code.ShouldBe("handler-exception");
        (await node.EndOfAsync(failed.Job.Id)).State.ShouldBe(JobState.Failed);
        (await node.AuditOfAsync(failed.Job.Id)).ShouldBe(["failed"]);
        _code.Begun.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("quick")]
    [InlineData("deaf")]
    public async Task When_its_timeout_has_passed_even_if_the_work_does_not_listen(string feature)
    {
        _code.Blocks = true;
        await using var node = await StartAsync();

        var failed = (await node.CallAsync(feature)).ShouldBeOfType<Answer.Failed>();

        (failed.Failure.Code, failed.Failure.Kind).ShouldBe(("timeout", FailureKind.Timeout));
        _code.LetGo("a");
    }

    [Fact]
    public async Task When_the_caller_leaves_the_work_is_cancelled_and_recorded_as_abandoned()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        using var connection = new CancellationTokenSource();
        var call = node.CallAsync("patient", callerLeft: connection.Token);
        await _code.BeginsAsync();
        await connection.CancelAsync();

        (await call).ShouldBeOfType<Answer.Abandoned>();

        var job = (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs.ShouldHaveSingleItem();
        (job.State, job.Error!.Code).ShouldBe((JobState.Cancelled, "abandoned"));
        (await node.AuditOfAsync(job.Id)).ShouldBe(["abandoned"]);
    }

    [Fact]
    public async Task And_phi_is_opened_in_the_audit_trail_before_the_work_sees_it()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var call = node.CallAsync("private");
        await _code.BeginsAsync();
        var open = (await node.Engine.ListAsync(Caller.Local, new JobFilter { State = JobState.Running })).Jobs.ShouldHaveSingleItem();
        (await node.AuditOfAsync(open.Id)).ShouldBe(["opened"]);

        _code.LetGo("a");
        (await call).ShouldBeOfType<Answer.Done>().Job.Id.ShouldBe(open.Id);

        (await node.AuditOfAsync(open.Id)).ShouldBe(["opened", "served"]);
    }
}
