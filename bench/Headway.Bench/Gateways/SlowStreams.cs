using System.Diagnostics;

namespace Headway.Bench.Gateways;

/// <summary>Many streams that are held open and give an event now and then: how late events are, and what they and their streams cost.</summary>
internal static class SlowStreams
{
    private const int Streams = 1_024;
    private const string Nginx = "nginx";

    // The second is what the design asks of a machine that has nothing else to do; the first leaves room for whoever makes and reads the events.
    private static readonly int[] Paces = [10, 50];

    // Streams begin one after the other, so that their beats are spread, and have run for a while before anything counts.
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);

    public static async Task MeasureAsync(Plan plan, string folder, Report report, Peers peers)
    {
        var duration = plan.Duration > Shortest ? plan.Duration : Shortest;
        report.Section("Gateway, slow streams",
            $"{Streams:#,0} streams held open at a time; an event's delay is from when the upstream sent it to when its reader had it. {Peers.Features} A rate below what was asked for, or streams that were refused or cut, mean that the machine cannot carry it: all share its processors. Memory is that of the server in between. Goal: p99 at most twice nginx's, 20 µs an event, 250 MB.",
            "events a second and stream | through | events/s | cut | delay p50 | p99 | p99 of nginx's | CPU µs an event | MB");
        foreach (var pace in Paces)
        {
            var home = Path.Combine(folder, $"slow-{pace}");
            var chunks = new Pace(pace, (int)(pace * ((Streams * Between) + Settle + duration).TotalSeconds));
            var ended = 0;
            await using (var headway = await HeadwayNode.StartAsync(home, peers.Upstream.Address))
            {
                Seen? nginx = null;
                foreach (var (name, way) in new[] { "nothing", Nginx, "limit", "Portkey", "Headway" }.Zip(peers.Ways(headway, chunks.Request("plain"))))
                {
                    if (way is null) continue;
                    var seen = await HoldAsync(way, duration);
                    if (name == Nginx) nginx = seen;
                    if (way.Server == headway) ended = seen.Ended;
                    report.Row($"{pace}", name, Report.Number(seen.PerSecond), $"{Streams - seen.Ended}", Report.Time(seen.P50), Report.Time(seen.P99), Report.Ratio(seen.P99 / nginx?.P99),
                        Report.Number(seen.CpuMicroseconds), Report.Number(seen.Megabytes));
                }
            }
            HeadwayNode.Verify(report, "slow streams", ended, home);
        }
        await Resumption.ProveAsync(Path.Combine(folder, "resumed"), report, peers, Streams, Between);
    }

    private sealed record Seen(int Ended, double PerSecond, TimeSpan P50, TimeSpan P99, double CpuMicroseconds, double Megabytes);

    private static async Task<Seen> HoldAsync(Way way, TimeSpan duration)
    {
        var readers = Enumerable.Range(0, Streams).Select(_ => new SlowReader(way)).ToArray();
        try
        {
            var reading = await BeginAsync(readers, Between);
            await Task.Delay(Settle, TimeProvider.System);
            var (from, cpu) = (Stopwatch.GetTimestamp(), way.Server.Cpu);
            await Task.Delay(duration, TimeProvider.System);
            var (to, spent, bytes) = (Stopwatch.GetTimestamp(), way.Server.Cpu - cpu, way.Server.ResidentBytes);
            var ended = (await Task.WhenAll(reading)).Count(whole => whole);
            var delays = readers.SelectMany(reader => reader.Arrivals).Where(one => one.Arrived >= from && one.Arrived < to).Select(one => one.Arrived - one.Sent).Order().ToArray();
            return new Seen(ended, delays.Length / Stopwatch.GetElapsedTime(from, to).TotalSeconds, Load.At(delays, 0.50), Load.At(delays, 0.99), spent.TotalMicroseconds / Math.Max(1, delays.Length), bytes / 1e6);
        }
        finally
        {
            foreach (var reader in readers) reader.Dispose();
        }
    }

    /// <summary>Opens them one after the other.</summary>
    public static async Task<List<Task<bool>>> BeginAsync(IEnumerable<SlowReader> readers, TimeSpan between)
    {
        var reading = new List<Task<bool>>();
        var began = Stopwatch.GetTimestamp();
        foreach (var reader in readers)
        {
            reading.Add(Task.Run(reader.ReadAsync));
            var early = (reading.Count * between) - Stopwatch.GetElapsedTime(began);
            if (early > TimeSpan.Zero) await Task.Delay(early, TimeProvider.System);
        }
        return reading;
    }
}
