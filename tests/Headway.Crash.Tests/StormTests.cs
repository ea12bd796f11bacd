using System.Globalization;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Tests.Storage;
using Headway.Upstream;

namespace Headway.Crash.Tests;

/// <summary>Three nodes on one server, under load, while nodes are killed, paused past their lease and asked to leave, and the server is stopped at once and begun again.</summary>
public sealed class StormTests(ITestOutputHelper output)
{
    private const int Blows = 16;
    private const int Nodes = 3;
    private const int Concurrent = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [PostgresFact]
    public async Task Every_accepted_job_ends_exactly_once_whatever_is_done_to_nodes_and_server()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HEADWAY_CRASH_SEED"), CultureInfo.InvariantCulture, out var chosen) ? chosen : Random.Shared.Next();
        output.WriteLine($"HEADWAY_CRASH_SEED={seed}");
        using var server = PostgresCluster.Start(durable: true);
        using var data = new DataFolder(address: server.NewDatabase());
        using var ledger = new Ledger(Path.Combine(data.Root, "ledger"));
        var nodes = new List<HostProcess>();
        try
        {
            for (var count = 0; count < Nodes; count++) nodes.Add(await HostProcess.StartAsync(data));
            await LiveThroughAsync(server, data, ledger, nodes, seed);
            foreach (var node in nodes) await node.StopAsync();
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
        output.WriteLine($"{ledger.Promises.Count} promises of {ledger.Jobs.Count()} jobs, {data.ReadEffects().Count} attempts, {ledger.Cancelled.Count} cancelled");
        Checker.Check(data, ledger).Take(20).ShouldBeEmpty($"HEADWAY_CRASH_SEED={seed}");
    }

    private async Task LiveThroughAsync(PostgresCluster server, DataFolder data, Ledger ledger, List<HostProcess> nodes, int seed)
    {
        var random = new Random(seed);
        var blows = new List<Blow>();
        await using var callers = new Callers(ledger, seed);
        callers.Begin(Concurrent);
        var soak = new Soak(Blows);
        while (soak.GoesOn())
        {
            callers.Turn(nodes[random.Next(Nodes)]);
            await ledger.MoreAsync(random.Next(5, 40)).WaitAsync(Patience);
            // Each kind in turn, and beyond that by chance.
            blows.Add(blows.Count < 4 ? (Blow)blows.Count : (Blow)random.Next(4));
            await StrikeAsync(blows[^1], server, data, nodes, callers, random);
        }
        output.WriteLine(string.Join(", ", blows.CountBy(blow => blow).Select(kind => $"{kind.Key} {kind.Value} times")));
        callers.Turn(nodes[0]);
        await callers.EndAsync();
        await Ends.AllAsync(nodes[0], data, Nodes);
    }

    private enum Blow { Kill, Restart, Pause, Leave }

    private static async Task StrikeAsync(Blow blow, PostgresCluster server, DataFolder data, List<HostProcess> nodes, Callers callers, Random random)
    {
        var place = random.Next(Nodes);
        var node = nodes[place];
        switch (blow)
        {
            case Blow.Restart:
                server.End();
                server.Begin();
                break;
            case Blow.Pause:
                await PauseAsync(node, nodes[(place + 1) % Nodes], data, callers);
                break;
            default:
                callers.Turn(nodes[(place + 1) % Nodes]);
                await (blow is Blow.Kill ? node.KillAsync() : node.StopAsync());
                await node.DisposeAsync();
                nodes[place] = await HostProcess.StartAsync(data);
                break;
        }
    }

    /// <summary>Asleep until another node has taken its lease away.</summary>
    private static async Task PauseAsync(HostProcess node, HostProcess other, DataFolder data, Callers callers)
    {
        callers.Turn(other);
        var before = Checker.Ask(data, "SELECT CAST(id AS TEXT) FROM leases");
        node.Send(Signal.Stop);
        await Until.IsSoAsync(() => Checker.Ask(data, "SELECT CAST(id AS TEXT) FROM leases").Intersect(before).Count() < before.Count, Patience);
        node.Send(Signal.Continue);
    }
}
