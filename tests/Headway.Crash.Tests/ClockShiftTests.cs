using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Tests.Storage;
using Headway.Upstream;

namespace Headway.Crash.Tests;

/// <summary>A node on a file whose wall clock is set while jobs run, wait for a retry and wait for their start.</summary>
public sealed class ClockShiftTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DataFolder _data = new();
    private readonly Ledger _ledger;
    private int _rounds;

    public ClockShiftTests() => _ledger = new Ledger(Path.Combine(_data.Root, "ledger"));

    [SqliteFact]
    public async Task A_clock_that_is_set_an_hour_on_and_back_loses_repeats_and_delays_nothing()
    {
        var clock = new ShiftedClock(_data, TimeSpan.Zero);
        await using var node = await StartAsync(clock);
        var numbers = Leases();
        foreach (var by in new[] { Hour, TimeSpan.Zero, -Hour, TimeSpan.Zero })
        {
            var jobs = await BeginAsync(node);
            await clock.SetAsync(by, node);
            // The lease has been renewed by the clock as it is now, or it was lost.
            await RenewedAsync();
            _data.OpenGate();
            foreach (var job in jobs) await Ends.OfAsync(node, job).WaitAsync(Patience);
            File.Delete(_data.Gate);
        }
        await Ends.AllAsync(node, _data);
        Leases().ShouldBe(numbers, node.Output);
        await node.StopAsync();

        Checker.Ask(_data, "SELECT DISTINCT outcome FROM attempts").ShouldBe(["failed"]);
        InOrder();
        Checker.Check(_data, _ledger).ShouldBeEmpty();
    }

    [SqliteFact]
    public async Task A_node_that_is_killed_and_begun_again_under_a_clock_that_was_set_back_goes_on_at_once()
    {
        IReadOnlyList<string> jobs;
        await using (var ahead = await StartAsync(new ShiftedClock(_data, Hour)))
        {
            jobs = await BeginAsync(ahead);
            await RenewedAsync();
            await ahead.KillAsync();
        }
        _data.OpenGate();
        var clock = new ShiftedClock(_data, TimeSpan.Zero);
        await using var node = await StartAsync(clock);
        await clock.IsToldAsync(node);
        foreach (var job in jobs) await Ends.OfAsync(node, job).WaitAsync(Patience);
        Keep(await node.AcceptedAsync("quick"));
        await Ends.AllAsync(node, _data);
        await node.StopAsync();

        InOrder();
        Checker.Check(_data, _ledger).ShouldBeEmpty();
    }

    private Task<HostProcess> StartAsync(ShiftedClock clock) => HostProcess.StartAsync(_data, [("HEADWAY_CRASH_LEASE_MS", "1500"), .. clock.Settings]);

    /// <summary>One that runs until the gate is opened, one that waits for its retry, one that waits for its start, and one that is over.</summary>
    private async Task<IReadOnlyList<string>> BeginAsync(HostProcess node)
    {
        _rounds++;
        string[] jobs =
        [
            await node.AcceptedAsync("slow", $$"""{"until":"{{_data.Gate}}"}"""), await node.AcceptedAsync("stumbles"),
            await node.AcceptedWithAsync("quick", "Headway-Start-At", "3s"), await node.AcceptedAsync("quick"),
        ];
        foreach (var job in jobs) Keep(job);
        await Until.IsSoAsync(() => Checker.Ask(_data, "SELECT coalesce(why, 'runs') FROM queue ORDER BY 1").SequenceEqual(["backoff", "runs", "start-time"]), Patience);
        return jobs;
    }

    private async Task RenewedAsync()
    {
        for (var times = 0; times < 2; times++)
        {
            var before = Lease();
            await Until.IsSoAsync(() => Lease() != before, Patience);
        }
    }

    private string Lease() => Checker.Ask(_data, "SELECT max(id) || ' ' || max(expires) FROM leases").Single();

    private List<string> Leases() => Checker.Ask(_data, "SELECT CAST(max(id) AS TEXT) FROM leases");

    /// <summary>What was accepted later has the greater id and the later time, and no event is told before one that came earlier.</summary>
    private void InOrder()
    {
        // The first half of an id is its millisecond, in which several may be accepted.
        _ledger.Promises.Select(promise => promise.Job["job_".Length..][..12]).ShouldBeInOrder();
        var created = Checker.Ask(_data, "SELECT lower(hex(id)) || created FROM jobs").ToDictionary(row => row[..32], row => long.Parse(row[32..], System.Globalization.CultureInfo.InvariantCulture));
        _ledger.Promises.Select(promise => created[promise.Job["job_".Length..]]).ShouldBeInOrder();
        Checker.Ask(_data, "SELECT hex(job) FROM audit_events WHERE action IN ('submitted', 'started', 'completed') GROUP BY job HAVING group_concat(action) NOT IN ('submitted,started,completed', 'submitted,started,started,completed')").ShouldBeEmpty();
    }

    private void Keep(string job) => _ledger.Promise(new Promise(job, "any", null));

    public void Dispose()
    {
        _ledger.Dispose();
        _data.Dispose();
    }
}
