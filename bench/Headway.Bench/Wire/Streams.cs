using System.Collections.Concurrent;
using System.Text;
using Headway.Bench.Limits;

namespace Headway.Bench.Wire;

/// <summary>Bursts of events through Headway, with the resumable log on, against the upstream read directly.</summary>
internal static class Streams
{
    private static readonly int[] Readers = [1, 64];

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        report.Section("Streams", $"Answers of {Hosts.Events} events as fast as they come; through Headway each stream is durable before its first byte and its events are logged.",
            "streams | upstream events/s | Headway events/s | of upstream | added to the first event, p50 | CPU µs an event");
        var home = Path.Combine(folder, "streams");
        long streams = 0;
        await using var upstream = await Hosts.UpstreamAsync();
        await using (var headway = await Hosts.HeadwayAsync(home, Hosts.AddressOf(upstream)))
        {
            foreach (var readers in Readers)
            {
                var measured = await plan.InTurnAsync(
                    duration => ReadAsync(readers, duration, Hosts.AddressOf(upstream), "/burst"),
                    async duration =>
                    {
                        var read = await ReadAsync(readers, duration, Hosts.AddressOf(headway), "/v1/features/burst");
                        streams += read.Calls;
                        return read;
                    });
                var (direct, through) = (measured[0], measured[1]);
                report.Row($"{readers}", Report.Number(direct.PerSecond * Hosts.Events), Report.Number(through.PerSecond * Hosts.Events), Report.Ratio(through.PerSecond / direct.PerSecond),
                    Report.Time(through.P50 - direct.P50), $"{through.CpuMicroseconds / Hosts.Events:0.0}");
            }
            await headway.StopAsync();
        }

        using var database = new LimitDatabase(Hosts.DatabaseOf(home), "");
        report.Verify("streams", streams, database.Count("SELECT min((SELECT count(*) FROM jobs WHERE state = 5), (SELECT count(*) FROM audit_events WHERE action = 'served'))"));
    }

    /// <summary>Calls are whole streams; the latencies are those of the first event.</summary>
    private static async Task<Measured> ReadAsync(int readers, TimeSpan duration, Uri address, string path)
    {
        var clients = new ConcurrentBag<WireClient>();
        var firsts = new ConcurrentBag<long>();
        for (var i = 0; i < readers; i++) clients.Add(await WireClient.ConnectAsync(address, path, Encoding.UTF8.GetString(Node.Input)));
        try
        {
            var measured = await Load.CallersAsync(readers, duration, async () =>
            {
                clients.TryTake(out var client);
                var events = await client!.CallAsync(200);
                if (events < Hosts.Events) throw new InvalidOperationException($"A stream of {events} events instead of {Hosts.Events}.");
                firsts.Add(client.FirstPiece);
                clients.Add(client);
            });
            var sorted = firsts.Order().ToArray();
            return measured with { P50 = Load.At(sorted, 0.50), P99 = Load.At(sorted, 0.99) };
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
        }
    }
}
