using System.Globalization;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;

namespace Headway.Crash.Tests;

public sealed class KillLoopTests(ITestOutputHelper output)
{
    private const int Kills = 24;
    private const int Concurrent = 8;

    // However slow the machine is, a node lives no longer than this.
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(10);

    private static readonly string[] Points =
    [
        "AcceptJob:before-commit", "AcceptJob:after-commit", "ClaimJobs:before-commit", "ClaimJobs:after-commit", "EndJob:before-commit", "EndJob:after-commit",
        "RetryJob:before-commit", "RetryJob:after-commit", "AppendOutput:before-commit", "AppendOutput:after-commit", "CancelJob:after-commit",
    ];

    [Fact]
    public async Task Every_accepted_job_ends_exactly_once_however_often_the_node_is_killed()
    {
        var seed = Seed();
        var random = new Random(seed);
        var kills = 0;
        using var data = new DataFolder();
        using var ledger = new Ledger(Path.Combine(data.Root, "ledger"));
        await using (var callers = new Callers(ledger, seed))
        {
            callers.Begin(Concurrent);
            for (var soak = new Soak(Kills); soak.GoesOn(); kills++) await LiveAndDieAsync(data, ledger, callers, random);
            await using var last = await HostProcess.StartAsync(data);
            callers.Turn(last);
            await ledger.MoreAsync(Concurrent).WaitAsync(LongestLife);
            await callers.EndAsync();
            await Ends.AllAsync(last, data);
            await last.StopAsync();
        }
        var effects = data.ReadEffects();
        output.WriteLine($"{kills} kills, {ledger.Promises.Count} promises of {ledger.Jobs.Count()} jobs, {effects.Count} attempts, {ledger.Cancelled.Count} cancelled");
        output.WriteLine(string.Join('\n', Checker.Ask(data, "SELECT outcome || ': ' || count(*) FROM attempts GROUP BY outcome UNION ALL SELECT 'state ' || state || ': ' || count(*) FROM jobs GROUP BY state")));
        Checker.Check(data, ledger).ShouldBeEmpty($"HEADWAY_CRASH_SEED={seed}");
        ledger.Jobs.Count().ShouldBeGreaterThan(Kills);
    }

    [Fact]
    public async Task A_node_that_is_stopped_under_load_leaves_nothing_held_and_loses_nothing()
    {
        const int Stops = 5;
        var seed = Seed();
        using var data = new DataFolder();
        using var ledger = new Ledger(Path.Combine(data.Root, "ledger"));
        await using (var callers = new Callers(ledger, seed))
        {
            callers.Begin(Concurrent);
            for (var stop = 0; stop < Stops; stop++)
            {
                await using var node = await HostProcess.StartAsync(data, ("HEADWAY_CRASH_DRAIN_MS", "20"));
                var enough = ledger.MoreAsync(40);
                callers.Turn(node);
                await enough.WaitAsync(LongestLife);
                await node.StopAsync();
                callers.Hold();
                Checker.Ask(data, "SELECT hex(job) || ' held by ' || lease FROM queue WHERE state = 2").ShouldBeEmpty(node.Output);
                Checker.Ask(data, "SELECT node FROM leases").ShouldBeEmpty(node.Output);
            }
            await using var last = await HostProcess.StartAsync(data);
            callers.Turn(last);
            await callers.EndAsync();
            await Ends.AllAsync(last, data);
            await last.StopAsync();
        }
        Checker.Ask(data, "SELECT outcome FROM attempts WHERE outcome = 'crashed'").ShouldBeEmpty();
        Checker.Check(data, ledger).ShouldBeEmpty($"HEADWAY_CRASH_SEED={seed}");
    }

    private int Seed()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HEADWAY_CRASH_SEED"), CultureInfo.InvariantCulture, out var chosen) ? chosen : Random.Shared.Next();
        output.WriteLine($"HEADWAY_CRASH_SEED={seed}");
        return seed;
    }

    // Half of the nodes die at a commit of their own, the others whenever the signal reaches them.
    private static async Task LiveAndDieAsync(DataFolder data, Ledger ledger, Callers callers, Random random)
    {
        (string, string)[] point = random.Next(2) == 0 ? [("HEADWAY_CRASH_AT", $"{Points[random.Next(Points.Length)]}:{random.Next(1, 20)}")] : [];
        await using var node = await StartAsync(data, point);
        if (node is null) return;
        var enough = ledger.MoreAsync(random.Next(1, 60));
        callers.Turn(node);
        using var limit = new CancellationTokenSource();
        await Task.WhenAny(enough, node.EndAsync(), Task.Delay(LongestLife, limit.Token));
        await limit.CancelAsync();
        callers.Hold();
        await node.KillAsync();
    }

    /// <summary>Null: it died of its kill point before it took calls.</summary>
    private static async Task<HostProcess?> StartAsync(DataFolder data, (string, string)[] point)
    {
        try
        {
            return await HostProcess.StartAsync(data, point);
        }
        catch (InvalidOperationException) when (point.Length > 0)
        {
            return null;
        }
    }
}
