using System.Text;
using System.Text.Json;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Upstream;

namespace Headway.Crash.Tests;

/// <summary>Workflows whose nodes are killed at each of their commits, and at random, and which end as if nothing had happened.</summary>
public sealed class WorkflowLossTests : IDisposable
{
    private const int Legs = 5;
    private static readonly string Order = $$"""{"count":{{Legs}}}""";

    private readonly DataFolder _data = new();
    private readonly Ledger _ledger;

    public WorkflowLossTests() => _ledger = new Ledger(Path.Combine(_data.Root, "ledger"));

    [Theory]
    [InlineData("AdvanceWorkflow:before-commit", 1)]
    [InlineData("AdvanceWorkflow:after-commit", 1)]
    [InlineData("AdvanceWorkflow:after-commit", 2)]
    [InlineData("AdvanceWorkflow:before-commit", 3)]
    [InlineData("AdvanceWorkflow:after-commit", 3)]
    [InlineData("AdvanceWorkflow:after-commit", 4)]
    [InlineData("AdvanceWorkflow:before-commit", 5)]
    [InlineData("AdvanceWorkflow:after-commit", 5)]
    [InlineData("AdvanceWorkflow:after-commit", 6)]
    [InlineData("AdvanceWorkflow:before-commit", 7)]
    [InlineData("AdvanceWorkflow:after-commit", 7)]
    [InlineData("AdvanceWorkflow:after-commit", 8)]
    [InlineData("SuspendJob:before-commit", 1)]
    [InlineData("SuspendJob:after-commit", 1)]
    [InlineData("SendSignal:before-commit", 1)]
    [InlineData("SendSignal:after-commit", 1)]
    [InlineData("EndJob:before-commit", 1)]
    [InlineData("EndJob:after-commit", 1)]
    [InlineData("EndJob:before-commit", 2)]
    public async Task A_workflow_goes_on_after_a_kill_at_its_commits(string point, int time)
    {
        string? job = null;
        await using (var node = await HostProcess.StartAsync(_data, ("HEADWAY_CRASH_AT", $"{point}:{time}")))
        {
            using var answer = await Calls.TryAsync(() => node.CallAsync("journey", Order, "the-key"));
            job = answer?.JobOf();
            if (job is not null) await Calls.TryAsync(() => SignalAsync(node, job));
            await node.EndAsync();
        }
        await using var next = await HostProcess.StartAsync(_data);
        job = await next.AcceptedAsync("journey", Order, "the-key");
        Keep(job);
        // The same signal, whether or not it came before.
        (await SignalAsync(next, job)).Dispose();
        await FinishAsync(next, [job]);
    }

    [Fact]
    public async Task Workflows_go_on_whenever_their_nodes_are_killed()
    {
        const int Kills = 5, Each = 6;
        var random = new Random(6);
        var jobs = new List<string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var node = await HostProcess.StartAsync(_data);
            for (var count = 0; count < Each; count++)
            {
                jobs.Add(await node.AcceptedAsync("journey", Order));
                Keep(jobs[^1]);
            }
            foreach (var job in jobs.Where(_ => random.Next(2) == 0)) (await SignalAsync(node, job)).Dispose();
            await Task.Delay(random.Next(0, 400));
            await node.KillAsync();
        }
        await using var last = await HostProcess.StartAsync(_data);
        foreach (var job in jobs) (await SignalAsync(last, job)).Dispose();
        await FinishAsync(last, jobs);
    }

    [Theory]
    [InlineData("CancelJob:before-commit", 1)]
    [InlineData("CancelJob:after-commit", 1)]
    [InlineData("AdvanceWorkflow:before-commit", 4)]
    [InlineData("AdvanceWorkflow:after-commit", 4)]
    [InlineData("AdvanceWorkflow:after-commit", 5)]
    [InlineData("EndJob:before-commit", 1)]
    public async Task A_workflow_that_is_cancelled_undoes_all_once_after_a_kill_at_its_commits(string point, int time)
    {
        string job;
        await using (var node = await HostProcess.StartAsync(_data, ("HEADWAY_CRASH_AT", $"{point}:{time}")))
        {
            job = await node.AcceptedAsync("booking", "{}");
            _ledger.Promise(new Promise(job, "booking", null));
            await Until.IsSoAsync(async () => (await node.Http.GetStringAsync($"/v1/jobs/{job}")).Contains("\"state\":\"waiting\"", StringComparison.Ordinal));
            await Calls.TryAsync(() => node.Http.PostAsync($"/v1/jobs/{job}/cancel", null));
            await node.EndAsync();
        }
        await using var next = await HostProcess.StartAsync(_data);
        // The same again, whether or not it was heard before.
        (await next.Http.PostAsync($"/v1/jobs/{job}/cancel", null)).EnsureSuccessStatusCode().Dispose();
        _ledger.Cancelled.Add(job);
        await Ends.AllAsync(next, _data);
        (await Ends.OfAsync(next, job)).ShouldContain("\"state\":\"cancelled\"");
        using var steps = JsonDocument.Parse(await next.Http.GetStringAsync($"/v1/jobs/{job}/steps"));
        steps.RootElement.GetProperty("steps").EnumerateArray().Select(step => $"{step.GetProperty("name")} {step.GetProperty("state")}")
            .ShouldBe(["flight succeeded", "hotel succeeded", "undo hotel succeeded", "undo flight succeeded"]);
        await next.StopAsync();
        Checker.Check(_data, _ledger).ShouldBeEmpty();
    }

    private static Task<HttpResponseMessage> SignalAsync(HostProcess node, string job)
    {
        var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/jobs/{job}/signals/word") { Content = new StringContent("\"hello\"", Encoding.UTF8, "application/json") };
        call.Headers.Add("Idempotency-Key", job);
        return node.Http.SendAsync(call);
    }

    private async Task FinishAsync(HostProcess node, IReadOnlyList<string> jobs)
    {
        await Ends.AllAsync(node, _data);
        foreach (var job in jobs)
        {
            (await Ends.OfAsync(node, job)).ShouldContain("\"state\":\"succeeded\"");
            var drawn = JsonSerializer.Deserialize<string[]>(await node.Http.GetStringAsync($"/v1/jobs/{job}/result"))!;
            drawn.Select(text => text.Split(' ')[0][..3]).ShouldBe(["fir", "lef", "rig", "won", "job", "hel", .. Enumerable.Repeat("leg", Legs)]);
            drawn.Distinct().Count().ShouldBe(drawn.Length);
        }
        await node.StopAsync();
        Checker.Check(_data, _ledger).ShouldBeEmpty();
    }

    private void Keep(string job) => _ledger.Promise(new Promise(job, "journey", null));

    public void Dispose()
    {
        _ledger.Dispose();
        _data.Dispose();
    }
}
