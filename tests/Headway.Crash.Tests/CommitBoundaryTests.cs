using System.Net;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;

namespace Headway.Crash.Tests;

/// <summary>A node that dies right before or right after one of its commits, found by its successor.</summary>
public sealed class CommitBoundaryTests : IDisposable
{
    private readonly DataFolder _data = new();
    private readonly Ledger _ledger;

    public CommitBoundaryTests() => _ledger = new Ledger(Path.Combine(_data.Root, "ledger"));

    [Theory]
    [InlineData("AcceptJob:before-commit", false)]
    [InlineData("AcceptJob:after-commit", true)]
    public async Task An_acceptance_that_was_never_answered_is_wholly_there_or_not_at_all(string point, bool kept)
    {
        await DieAsync(point, 1, async node => await Calls.TryAsync(() => node.CallAsync("quick", key: "the-key")));
        States().Count.ShouldBe(kept ? 1 : 0);

        // The caller cannot know which it was. The same key finds the job or makes it: one either way.
        await FinishAsync(async node => Keep("quick", await node.AcceptedAsync("quick", key: "the-key"), "the-key"));
        States().Single().ShouldBe("5");
    }

    [Theory]
    [InlineData("EndJob:before-commit", 2)]
    [InlineData("EndJob:after-commit", 1)]
    public async Task An_accepted_job_is_ended_once_by_whoever_comes_next(string point, int attempts)
    {
        // It may die before its answer has left; the same key asks again.
        await DieAsync(point, 1, async node => await Calls.TryAsync(() => node.CallAsync("quick", key: "the-key")));
        await FinishAsync(async node => Keep("quick", await node.AcceptedAsync("quick", key: "the-key"), "the-key"));
        States().Single().ShouldBe("5");
        AttemptCount().ShouldBe(attempts.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("ClaimJobs:before-commit", 1)]
    [InlineData("ClaimJobs:after-commit", 2)]
    public async Task A_job_that_was_being_claimed_is_ended_once_by_whoever_comes_next(string point, int attempts)
    {
        // Alone it would be claimed as it is accepted; lines go through the queue.
        await DieAsync(point, 1, async node => await Calls.TryAsync(() => node.SubmitAsync("quick", "{}")));
        await FinishAsync();
        States().Single().ShouldBe("5");
        AttemptCount().ShouldBe(attempts.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("AcceptJob:before-commit")]
    [InlineData("AcceptJob:after-commit")]
    [InlineData("EndJob:before-commit")]
    [InlineData("EndJob:after-commit")]
    public async Task A_hybrid_call_that_was_claimed_as_it_was_accepted_ends_once(string point)
    {
        await DieAsync(point, 1, async node => await Calls.TryAsync(() => node.CallAsync("either", key: "the-key")));
        await FinishAsync(async node => Keep("either", await node.AcceptedAsync("either", key: "the-key"), "the-key"));
        States().Single().ShouldBe("5");
    }

    [Theory]
    [InlineData("RetryJob:before-commit")]
    [InlineData("RetryJob:after-commit")]
    public async Task A_failure_is_counted_once_or_as_a_crash(string point)
    {
        await DieAsync(point, 1, async node => await Calls.TryAsync(() => node.CallAsync("doomed", key: "the-key")));
        await FinishAsync(async node => Keep("doomed", await node.AcceptedAsync("doomed", key: "the-key"), "the-key"));
        var outcomes = Checker.Ask(_data, "SELECT outcome FROM attempts ORDER BY number");
        outcomes.ShouldBe(point.Contains("before", StringComparison.Ordinal) ? ["crashed", "failed", "failed"] : ["failed", "failed"]);
    }

    [Theory]
    [InlineData("CancelJob:before-commit", false)]
    [InlineData("CancelJob:after-commit", true)]
    public async Task A_cancellation_that_was_never_answered_is_final_or_never_was(string point, bool kept)
    {
        await DieAsync(point, 1, async node =>
        {
            var job = await node.AcceptedAsync("slow", """{"takes":3000}""");
            Keep("slow", job);
            await Calls.TryAsync(() => node.Http.PostAsync($"/v1/jobs/{job}/cancel", null));
        });
        await FinishAsync();
        States().Single().ShouldBe(kept ? "8" : "5");
    }

    [Theory]
    [InlineData("AcceptJob:before-commit", 0)]
    [InlineData("AcceptJob:after-commit", 1)]
    [InlineData("AppendOutput:before-commit", 1)]
    [InlineData("AppendOutput:after-commit", 1)]
    [InlineData("EndJob:before-commit", 1)]
    [InlineData("EndJob:after-commit", 1)]
    public async Task A_stream_is_told_as_lost_or_ended_but_never_both(string point, int jobs)
    {
        await DieAsync(point, 1, async node =>
        {
            if (await Calls.TryAsync(() => node.CallAsync("tokens", """{"takes":20,"count":20}""", until: HttpCompletionOption.ResponseHeadersRead)) is { } answer)
            {
                Keep("tokens", answer.JobOf()!);
                await foreach (var _ in ServerEvent.ReadAsync(answer)) { }
            }
        });
        await FinishAsync();
        var states = States();
        states.Count.ShouldBe(jobs);
        states.ShouldAllBe(state => state == (point == "EndJob:after-commit" ? "5" : "6"));
    }

    [Theory]
    [InlineData("AcceptJob:before-commit", HttpStatusCode.OK)]
    [InlineData("AcceptJob:after-commit", HttpStatusCode.BadGateway)]
    [InlineData("EndJob:before-commit", HttpStatusCode.BadGateway)]
    [InlineData("EndJob:after-commit", HttpStatusCode.OK)]
    public async Task A_sync_call_with_a_key_is_answered_as_it_was_recorded(string point, HttpStatusCode again)
    {
        await DieAsync(point, 1, async node => await Calls.TryAsync(() => node.CallAsync("patient", key: "the-key")));
        await FinishAsync(async node =>
        {
            (await OnceOverAsync(node, "patient", "the-key")).ShouldBe(again);
        });
        States().Single().ShouldBe(again == HttpStatusCode.OK ? "5" : "6");
    }

    /// <summary>The checker holds the chain against every event once the next node has stopped.</summary>
    [Theory]
    [InlineData("AppendLinks:before-commit")]
    [InlineData("AppendLinks:after-commit")]
    public async Task Events_that_were_being_chained_have_one_link_each(string point)
    {
        await DieAsync(point, 1, async node => await Calls.TryAsync(() => node.CallAsync("quick", key: "the-key")));
        await FinishAsync(async node => Keep("quick", await node.AcceptedAsync("quick", key: "the-key"), "the-key"));
        States().Single().ShouldBe("5");
    }

    [Theory]
    [InlineData("SignCheckpoint:before-commit")]
    [InlineData("SignCheckpoint:after-commit")]
    [InlineData("AddSigningKey:before-commit")]
    [InlineData("AddSigningKey:after-commit")]
    public async Task A_chain_that_was_being_signed_is_signed_by_whoever_comes_next(string point)
    {
        // A clean stop signs, so that is where it dies.
        await DieAsync(point, 1, async node =>
        {
            Keep("quick", await node.AcceptedAsync("quick", key: "the-key"), "the-key");
            await Ends.AllAsync(node, _data);
            node.Send(Signal.Terminate);
        });
        await FinishAsync();
        States().Single().ShouldBe("5");
    }

    private void Keep(string feature, string job, string? key = null) => _ledger.Promise(new Promise(job, feature, key));

    private async Task DieAsync(string point, int time, Func<HostProcess, Task> act)
    {
        await using var node = await HostProcess.StartAsync(_data, ("HEADWAY_CRASH_AT", $"{point}:{time}"));
        await act(node);
        await node.EndAsync();
    }

    /// <summary>The next node ends everything, stops, and leaves a database without a flaw.</summary>
    private async Task FinishAsync(Func<HostProcess, Task>? act = null)
    {
        await using var node = await HostProcess.StartAsync(_data);
        if (act is not null) await act(node);
        await Ends.AllAsync(node, _data);
        await node.StopAsync();
        Checker.Check(_data, _ledger).ShouldBeEmpty();
    }

    /// <summary>What a key is answered once the lease of the node that took its call is over; until then the call is running for all that anybody knows, which is a 409.</summary>
    private static async Task<HttpStatusCode> OnceOverAsync(HostProcess node, string feature, string key)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            using var answer = await node.CallAsync(feature, key: key);
            if (answer.StatusCode != HttpStatusCode.Conflict) return answer.StatusCode;
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private List<string> States() => Checker.Ask(_data, "SELECT CAST(state AS TEXT) FROM jobs");

    private string AttemptCount() => Checker.Ask(_data, "SELECT CAST(attempt AS TEXT) FROM jobs").Single();

    public void Dispose()
    {
        _ledger.Dispose();
        _data.Dispose();
    }
}
