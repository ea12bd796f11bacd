using System.Text;
using Headway.Access;
using Headway.AspNetCore;
using Headway.Bench.Limits;

namespace Headway.Bench.Wire;

/// <summary>What a call costs through Headway: sync against its upstream called directly, and durable acceptance against a bare Kestrel.</summary>
internal static class SyncCalls
{
    private static readonly int[] Connections = [1, 16, 64];
    private static readonly string Body = Encoding.UTF8.GetString(Node.Input);

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        report.Section("Calls over HTTP", "A sync call whose HTTP handler is the upstream (1 KB answers), and a durable 202. The upstream called directly is also the bare Kestrel. Goal for the 202: 0.25 of it.",
            "connections | upstream/s | sync/s | of upstream | added p50 | CPU µs | 202/s | of bare Kestrel");
        var home = Path.Combine(folder, "calls");
        long syncs = 0, acceptances = 0;
        await using var upstream = await Hosts.UpstreamAsync();
        await using (var headway = await Hosts.HeadwayAsync(home, Hosts.AddressOf(upstream)))
        {
            foreach (var connections in Connections)
            {
                var measured = await plan.InTurnAsync(
                    duration => CallAsync(connections, duration, Hosts.AddressOf(upstream), "/echo", 200),
                    async duration => Counted(await CallAsync(connections, duration, Hosts.AddressOf(headway), "/v1/features/relay", 200), ref syncs),
                    async duration => Counted(await CallAsync(connections, duration, Hosts.AddressOf(headway), "/v1/features/held", 202), ref acceptances));
                var (direct, sync, accepted) = (measured[0], measured[1], measured[2]);
                report.Row($"{connections}", Report.Number(direct.PerSecond), Report.Number(sync.PerSecond), Report.Ratio(sync.PerSecond / direct.PerSecond), Report.Time(sync.P50 - direct.P50),
                    $"{sync.CpuMicroseconds:0.0}", Report.Number(accepted.PerSecond), Report.Ratio(accepted.PerSecond / direct.PerSecond));
            }
            await headway.StopAsync();
        }

        using var database = new LimitDatabase(Hosts.DatabaseOf(home), "");
        report.Verify("sync calls", syncs, database.Count("SELECT min((SELECT count(*) FROM jobs WHERE mode = 0), (SELECT count(*) FROM audit_events WHERE action = 'served'))"));
        report.Verify("acceptances over HTTP", acceptances, database.Count("SELECT min((SELECT count(*) FROM jobs WHERE mode = 2), (SELECT count(*) FROM audit_events WHERE action = 'submitted'))"));
    }

    /// <summary>What it costs that a server asks who calls.</summary>
    public static async Task MeasureKeyAsync(Plan plan, string folder, Report report)
    {
        report.Section("Sync calls with an API key", "The same sync call at a server without keys, and at one that has a thousand and is shown one of them.",
            "connections | without/s | with a key/s | of without | added p50 | CPU µs without | CPU µs with");
        await using var upstream = await Hosts.UpstreamAsync();
        await using var open = await Hosts.HeadwayAsync(Path.Combine(folder, "open"), Hosts.AddressOf(upstream));
        await using var closed = await Hosts.HeadwayAsync(Path.Combine(folder, "closed"), Hosts.AddressOf(upstream));
        var desk = closed.Services.GetRequiredService<EngineHost>().Engine.Access.Keys;
        await desk.CreateAsync(Caller.Local, new KeyWish("root", "default", Roles.Admin) { Everywhere = true });
        for (var n = 1; n < 999; n++) await desk.CreateAsync(Caller.Local, new KeyWish($"key {n}", "default", Roles.Caller));
        var (_, _, key) = await desk.CreateAsync(Caller.Local, new KeyWish("bench", "default", Roles.Caller));
        foreach (var connections in Connections)
        {
            var measured = await plan.InTurnAsync(
                duration => CallAsync(connections, duration, Hosts.AddressOf(open), "/v1/features/relay", 200),
                duration => CallAsync(connections, duration, Hosts.AddressOf(closed), "/v1/features/relay", 200, $"Authorization: Bearer {key}\r\n"));
            var (without, with) = (measured[0], measured[1]);
            report.Row($"{connections}", Report.Number(without.PerSecond), Report.Number(with.PerSecond), Report.Ratio(with.PerSecond / without.PerSecond), Report.Time(with.P50 - without.P50),
                $"{without.CpuMicroseconds:0.0}", $"{with.CpuMicroseconds:0.0}");
        }

        await open.StopAsync();
        await closed.StopAsync();
    }

    private static Measured Counted(Measured measured, ref long total)
    {
        total += measured.Calls;
        return measured;
    }

    public static async Task<Measured> CallAsync(int connections, TimeSpan duration, Uri address, string path, int expected, string headers = "")
    {
        var clients = new System.Collections.Concurrent.ConcurrentBag<WireClient>();
        for (var i = 0; i < connections; i++) clients.Add(await WireClient.ConnectAsync(address, path, Body, headers));
        try
        {
            return await Load.CallersAsync(connections, duration, async () =>
            {
                clients.TryTake(out var client);
                await client!.CallAsync(expected);
                clients.Add(client);
            });
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
        }
    }
}
