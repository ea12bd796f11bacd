using System.Net;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Upstream;

namespace Headway.Crash.Tests;

/// <summary>What becomes of work whose node is lost: to its own handler, to a signal, to a pause.</summary>
public sealed class NodeLossTests : IDisposable
{
    private readonly DataFolder _data = new();
    private readonly Ledger _ledger;

    public NodeLossTests() => _ledger = new Ledger(Path.Combine(_data.Root, "ledger"));

    [Fact]
    public async Task A_job_that_kills_its_node_is_dead_after_three_crashes_and_takes_nobody_with_it()
    {
        const int Crashes = 3, Others = 40;
        await using (var first = await HostProcess.StartAsync(_data))
        {
            // All in one feature, so that they share pool, claim and node with it.
            for (var other = 0; other < Others; other++) Keep("poison", await first.AcceptedAsync("poison", """{"takes":50}""", $"other-{other}"), $"other-{other}");
            await Calls.TryAsync(() => first.CallAsync("poison", """{"deadly":true}""", "deadly"));
            await first.EndAsync();
        }
        // The next ones find it waiting, and may be dead before they listen.
        for (var crash = 2; crash <= Crashes; crash++) await HostProcess.FailAsync(_data);
        await using var survivor = await HostProcess.StartAsync(_data);
        var poison = await survivor.AcceptedAsync("poison", """{"deadly":true}""", "deadly");
        Keep("poison", poison, "deadly");
        await FinishAsync(survivor);

        Dead().Select(dead => "job_" + dead).ShouldBe([poison]);
        Checker.Ask(_data, "SELECT error_code || ' ' || attempt FROM jobs WHERE state = 7").ShouldBe([$"poison {Crashes}"]);
    }

    [Fact]
    public async Task A_reader_whose_node_was_killed_gets_the_rest_of_the_log_and_is_told()
    {
        const int Tokens = 200, Read = 20;
        string job;
        long seen = 0;
        var shown = 0;
        await using (var node = await HostProcess.StartAsync(_data))
        {
            using var answer = await node.CallAsync("tokens", $$"""{"takes":10,"count":{{Tokens}}}""", until: HttpCompletionOption.ResponseHeadersRead);
            job = answer.JobOf()!;
            Keep("tokens", job);
            await foreach (var entry in ServerEvent.ReadAsync(answer))
            {
                entry.Data.ShouldBe($$"""{"text":"{{++shown}} "}""");
                seen = entry.Id!.Value;
                if (shown == Read) await node.KillAsync();
            }
        }
        shown.ShouldBeInRange(Read, Tokens - 1);

        await using var next = await HostProcess.StartAsync(_data);
        var logged = await ReadAllAsync(next, job, null);
        logged[^1].Name.ShouldBe("end");
        logged[^1].Data.ShouldContain("\"state\":\"failed\"");
        logged[^1].Data.ShouldContain("\"code\":\"node-lost\"");
        logged[..^1].Select(entry => entry.Data).ShouldBe(Enumerable.Range(1, logged.Count - 1).Select(number => $$"""{"text":"{{number}} "}"""));
        Ids(logged[..^1]).ShouldBe(Enumerable.Range(0, logged.Count - 1).Select(number => logged[0].Id!.Value + number));
        logged[^1].Id!.Value.ShouldBeGreaterThan(Math.Max(seen, logged[^2].Id ?? 0));

        // Wherever the reader had got to, and were it past what reached the disk: the rest, and the end once.
        foreach (var after in new[] { logged[0].Id!.Value, logged[^2].Id!.Value, seen, logged[^1].Id!.Value - 1 })
        {
            Ids(await ReadAllAsync(next, job, after)).ShouldBe(Ids(logged).Where(id => id > after));
        }
        (await ReadAllAsync(next, job, logged[^1].Id)).ShouldBeEmpty();
        await FinishAsync(next);
    }

    [Fact]
    public async Task A_stream_that_is_cancelled_ends_for_a_reader_who_saw_more_than_the_log_holds()
    {
        await using var node = await HostProcess.StartAsync(_data);
        using var answer = await node.CallAsync("tokens", """{"takes":2,"count":5000}""", until: HttpCompletionOption.ResponseHeadersRead);
        var job = answer.JobOf()!;
        Keep("tokens", job);
        var events = new List<ServerEvent>();
        await foreach (var entry in ServerEvent.ReadAsync(answer))
        {
            events.Add(entry);
            if (events.Count == 30) (await node.Http.PostAsync($"/v1/jobs/{job}/cancel", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        events[^1].Name.ShouldBe("end");
        events[^1].Data.ShouldContain("\"state\":\"cancelled\"");
        Ids(events).ShouldBeInOrder();
        (await ReadAllAsync(node, job, events[^2].Id)).ShouldHaveSingleItem().Id.ShouldBe(events[^1].Id);
        _ledger.Cancelled.Add(job);
        await FinishAsync(node);
    }

    [Fact]
    public async Task An_orderly_stop_hands_running_jobs_back_and_counts_no_failure()
    {
        const int Stops = 4, Jobs = 12;
        var jobs = new List<string>();
        for (var stop = 0; stop < Stops; stop++)
        {
            await using var node = await HostProcess.StartAsync(_data, ("HEADWAY_CRASH_DRAIN_MS", "50"));
            while (jobs.Count < Jobs)
            {
                jobs.Add(await node.AcceptedAsync("slow", $$"""{"until":"{{_data.Gate}}"}"""));
                Keep("slow", jobs[^1]);
            }
            await RunningAsync(node, jobs[0]);
            await node.StopAsync();
            Checker.Ask(_data, "SELECT hex(job) FROM queue WHERE state = 2").ShouldBeEmpty();
            Checker.Ask(_data, "SELECT node FROM leases").ShouldBeEmpty();
        }
        _data.OpenGate();
        await using var last = await HostProcess.StartAsync(_data);
        await FinishAsync(last);

        // More stops than the crashes that make a poison, and as many as the failures that make a dead letter: all succeeded all the same.
        Checker.Ask(_data, "SELECT DISTINCT state || ' ' || failures FROM jobs").ShouldBe(["5 0"]);
        Checker.Ask(_data, "SELECT DISTINCT outcome FROM attempts").ShouldBe(["handed-back"]);
        Checker.Ask(_data, $"SELECT number || '' FROM attempts WHERE lower(hex(job)) = '{jobs[0]["job_".Length..]}'").Count.ShouldBe(Stops);
    }

    [Fact]
    public async Task A_job_that_is_held_under_a_lease_that_is_gone_is_taken_back_at_the_next_start()
    {
        await using (var node = await HostProcess.StartAsync(_data))
        {
            Keep("slow", await node.AcceptedAsync("slow", """{"takes":20000}"""));
            await RunningAsync(node, _ledger.Jobs.Single());
            await node.KillAsync();
        }
        Checker.Tamper(_data, "DELETE FROM leases");
        await using var next = await HostProcess.StartAsync(_data);
        await RunningAsync(next, _ledger.Jobs.Single());
        (await next.Http.PostAsync($"/v1/jobs/{_ledger.Jobs.Single()}/cancel", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await FinishAsync(next);
        Checker.Ask(_data, "SELECT outcome FROM attempts").ShouldBe(["crashed"]);
    }

    [Fact]
    public async Task A_node_that_sleeps_past_its_lease_ends_nothing_twice()
    {
        const int Jobs = 8;
        await using var node = await HostProcess.StartAsync(_data, ("HEADWAY_CRASH_LEASE_MS", "1500"));
        for (var count = 0; count < Jobs; count++) Keep("slow", await node.AcceptedAsync("slow", $$"""{"takes":{{1_000 + (count * 500)}},"stubborn":{{(count % 2 == 0 ? "true" : "false")}}}"""));
        var first = Checker.Ask(_data, "SELECT CAST(max(id) AS TEXT) FROM leases").Single();
        node.Send(Signal.Stop);
        await ExpiredAsync();
        node.Send(Signal.Continue);

        await Ends.AllAsync(node, _data);
        // Where others may take what it holds, it goes on under a new number, and what it had held under the old one was crashed and tried again. A file is its own.
        if (_data.IsPostgres) Checker.Ask(_data, "SELECT CAST(max(id) AS TEXT) FROM leases").Single().ShouldNotBe(first);
        else Checker.Ask(_data, "SELECT CAST(max(id) AS TEXT) FROM leases").ShouldBe([first]);
        await FinishAsync(node);
        Checker.Ask(_data, "SELECT DISTINCT outcome FROM attempts").ShouldBe(_data.IsPostgres ? ["crashed"] : []);
        Checker.Ask(_data, "SELECT DISTINCT CAST(state AS TEXT) FROM jobs").ShouldBe(["5"]);
    }

    private void Keep(string feature, string job, string? key = null) => _ledger.Promise(new Promise(job, feature, key));

    private List<string> Dead() => Checker.Ask(_data, "SELECT lower(hex(id)) FROM jobs WHERE state = 7");

    /// <summary>Waits until every lease has run out; nobody renews the one of a node that is stopped.</summary>
    private Task ExpiredAsync() => Until.IsSoAsync(() => Checker.Ask(_data, "SELECT node FROM leases WHERE expires >= strftime('%s', 'now') * 1000").Count == 0, TimeSpan.FromMinutes(2));

    private static long[] Ids(IEnumerable<ServerEvent> events) => [.. events.Select(entry => entry.Id!.Value)];

    private static async Task<List<ServerEvent>> ReadAllAsync(HostProcess node, string job, long? after)
    {
        var events = new List<ServerEvent>();
        await foreach (var entry in node.EventsAsync(job, after)) events.Add(entry);
        return events;
    }

    /// <summary>Waits until the job's events say that it runs.</summary>
    private static async Task RunningAsync(HostProcess node, string job)
    {
        await foreach (var entry in node.EventsAsync(job))
        {
            if (entry.Data.Contains("\"state\":\"running\"", StringComparison.Ordinal)) return;
        }
        throw new InvalidOperationException($"{job} ended before it was seen running.");
    }

    private async Task FinishAsync(HostProcess node)
    {
        await Ends.AllAsync(node, _data);
        await node.StopAsync();
        Checker.Check(_data, _ledger).ShouldBeEmpty();
    }

    public void Dispose()
    {
        _ledger.Dispose();
        _data.Dispose();
    }
}
