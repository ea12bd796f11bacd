using System.Net;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Tests.Storage;

namespace Headway.Crash.Tests;

/// <summary>Two nodes on one server, one of which believes that it is an hour later and the other that it is an hour earlier.</summary>
public sealed class ClocksApartTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 4;
    private const int Concurrent = 6;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // Long enough for a node to renew it on a machine that does much else: whoever loses one here loses it to the clock.
    private static readonly (string, string) Lease = ("HEADWAY_CRASH_LEASE_MS", "9000");

    private readonly DataFolder _data = new(address: PostgresCluster.Shared.NewDatabase());

    [PostgresFact]
    public async Task All_that_is_stored_and_waited_for_is_by_the_clock_of_the_database()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"HEADWAY_CRASH_SEED={seed}");
        var began = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        using var ledger = new Ledger(Path.Combine(_data.Root, "ledger"));
        ShiftedClock[] clocks = [new(_data, Hour), new(_data, -Hour)];
        var nodes = new List<HostProcess>();
        try
        {
            foreach (var clock in clocks) nodes.Add(await StartAsync(clock));
            await LiveThroughAsync(ledger, clocks, nodes, seed);
            foreach (var node in nodes) node.Output.ShouldNotContain("the lease was lost");
            Checker.Ask(_data, "SELECT CAST(count(*) AS TEXT) FROM leases").ShouldBe(["2"]);
            foreach (var node in nodes) await node.StopAsync();
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
        Checker.Check(_data, ledger).Take(20).ShouldBeEmpty();
        Checker.Ask(_data, "SELECT DISTINCT outcome FROM attempts WHERE outcome NOT IN ('failed', 'crashed')").ShouldBeEmpty();
        Within(began, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
    }

    [PostgresFact]
    public async Task A_model_that_fails_has_time_for_the_next_on_a_node_whose_clock_is_wrong()
    {
        var file = Path.Combine(_data.Root, "headway.yaml");
        await File.WriteAllTextAsync(Path.Combine(_data.Root, "ask.hbs"), "Say something.");
        await File.WriteAllTextAsync(file, $$"""
            {{await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "headway.yaml"))}}
              ask: { contract: { mode: sync, caller: waits, acceptableWait: 20s }, handler: { prompt: ask.hbs, models: [busy, practice] }, timeout: 30s }
            models:
              busy:     { provider: rehearsal, failures: { rateLimited: 100% } }
              practice: { provider: rehearsal, firstToken: { p50: 10ms, p99: 20ms } }
            """);
        foreach (var by in new[] { Hour, -Hour })
        {
            await using var node = await StartAsync(new ShiftedClock(_data, by), ("HEADWAY_FILE", file));
            using var answer = await node.CallAsync("ask");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        }
    }

    private async Task<HostProcess> StartAsync(ShiftedClock clock, params (string, string)[] more)
    {
        var node = await HostProcess.StartAsync(_data, [Lease, .. clock.Settings, .. more]);
        await clock.IsToldAsync(node);
        return node;
    }

    private async Task LiveThroughAsync(Ledger ledger, ShiftedClock[] clocks, List<HostProcess> nodes, int seed)
    {
        await using var callers = new Callers(ledger, seed);
        callers.Begin(Concurrent);
        for (var kill = 0; kill < Kills; kill++)
        {
            var (one, other) = (kill % 2, (kill + 1) % 2);
            callers.Turn(nodes[one]);
            await WaitAsync(nodes[one], ledger);
            await ledger.MoreAsync(30).WaitAsync(Patience);
            callers.Turn(nodes[other]);
            await nodes[one].KillAsync();
            await ledger.MoreAsync(20).WaitAsync(Patience);
            nodes[one].Output.ShouldNotContain("the lease was lost");
            await nodes[one].DisposeAsync();
            nodes[one] = await StartAsync(clocks[one]);
        }
        callers.Turn(nodes[0]);
        await callers.EndAsync();
        await Ends.AllAsync(nodes[0], _data, living: 2);
    }

    /// <summary>A start, a deadline and a retry, each said as a span and as a moment of the database's clock.</summary>
    private async Task WaitAsync(HostProcess node, Ledger ledger)
    {
        // Later than it takes to send them, on any machine.
        var start = TimeProvider.System.GetUtcNow().AddSeconds(8);
        string[] later = [await node.AcceptedWithAsync("quick", "Headway-Start-At", $"{start:O}"), await node.AcceptedWithAsync("quick", "Headway-Start-At", "2s")];
        string[] inTime = [await node.AcceptedWithAsync("quick", "Headway-Deadline", $"{start.AddMinutes(10):O}"), await node.AcceptedWithAsync("quick", "Headway-Deadline", "10m")];
        var again = await node.AcceptedAsync("stumbles");
        foreach (var job in (string[])[.. later, .. inTime, again])
        {
            ledger.Promise(new Promise(job, "any", null));
            await Ends.OfAsync(node, job).WaitAsync(Patience);
        }
        Number($"SELECT started - {start.ToUnixTimeMilliseconds()} FROM jobs WHERE id = {Id(later[0])}").ShouldBeInRange(-1_000, 60_000);
        Number($"SELECT started - created FROM jobs WHERE id = {Id(later[1])}").ShouldBeInRange(1_900, 60_000);
        foreach (var job in inTime) Number($"SELECT deadline - created FROM jobs WHERE id = {Id(job)}").ShouldBeInRange(540_000, 660_000);
        Number($"SELECT j.finished - a.finished FROM jobs j JOIN attempts a ON a.job = j.id WHERE j.id = {Id(again)} AND a.outcome = 'failed'").ShouldBeInRange(900, 60_000);
    }

    /// <summary>Nothing that is stored tells of a time before the test or after it, ids and order of events included.</summary>
    private void Within(long began, long ended)
    {
        // The server asks the same clock; what is rounded down may be a millisecond early.
        var span = $"NOT BETWEEN {began - 1_000} AND {ended + 1_000}";
        Checker.Ask(_data, $"""
            SELECT 'job ' || created FROM jobs WHERE created {span} OR started {span} OR finished {span}
            UNION ALL SELECT 'attempt ' || started FROM attempts WHERE started {span} OR finished {span}
            UNION ALL SELECT 'event ' || action || ' ' || id FROM audit_events WHERE id / 1000 {span}
            UNION ALL SELECT 'key ' || expires FROM idempotency WHERE expires - 86400000 {span}
            """).ShouldBeEmpty();
        foreach (var id in Checker.Ask(_data, "SELECT lower(hex(id)) FROM jobs")) Convert.ToInt64(id[..12], 16).ShouldBeInRange(began - 1_000, ended + 1_000);
    }

    private static string Id(string job) => $"x'{job["job_".Length..]}'";

    private long Number(string query) => long.Parse(Checker.Ask(_data, $"SELECT CAST(({query}) AS TEXT)").Single(), System.Globalization.CultureInfo.InvariantCulture);

    public void Dispose() => _data.Dispose();
}
