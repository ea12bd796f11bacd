namespace Headway.Bench.Gateways;

/// <summary>What stands between a caller and a model: nothing, nginx as a plain proxy, the least that C# can do, another product, and Headway with all it promises.</summary>
internal static class Gateway
{
    private static readonly int[] Connections = [1, 16, 64, 256];
    private static readonly int[] Kilobytes = [1, 10];

    // A server is compiled while it serves its first thousands of calls; those measure the compiler.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private const int WarmUpConnections = 32;

    public static async Task MeasureAsync(Plan plan, string folder, Report report, Peers peers)
    {
        var home = Path.Combine(folder, "gateway");
        long calls = 0;
        await using (var headway = await HeadwayNode.StartAsync(home, peers.Upstream.Address))
        {
            foreach (var kilobytes in Kilobytes) calls += await CallsAsync(plan, report, kilobytes, peers, headway);
            calls += await StreamsAsync(plan, report, peers, headway);
            calls += await PromisesAsync(plan, report, headway);
        }
        HeadwayNode.Verify(report, "calls of a model", calls, home);
    }

    private static async Task<long> CallsAsync(Plan plan, Report report, int kilobytes, Peers peers, Child headway)
    {
        var ways = peers.Ways(headway, Upstream.Request("plain", kilobytes * 1000, stream: false));
        report.Section($"Gateway, {kilobytes} KB",
            $"Chat completions, request and answer of that size. Limit: C# with HttpMessageInvoker that reads the model's name. {Peers.Features} CPU is that of the server in between. Goal: half of the limit at 16 and more, at most three times what nginx adds at one, 15 times Portkey.",
            "connections | upstream/s | nginx/s | limit/s | Portkey/s | Headway/s | of the limit | of nginx | of Portkey | nginx adds, p50 | limit adds | Portkey adds | Headway adds | p99 (limit) | CPU µs: nginx | limit | Portkey | Headway");
        foreach (var connections in Connections)
        {
            if (await MeasureAsync(plan, connections, 0, ways) is not [{ } direct, var nginx, { } limit, var portkey, { } ours]) continue;
            report.Row($"{connections}", Report.Number(direct.PerSecond), Report.Number(nginx?.PerSecond), Report.Number(limit.PerSecond), Report.Number(portkey?.PerSecond), Report.Number(ours.PerSecond),
                Report.Ratio(ours.PerSecond / limit.PerSecond), Report.Ratio(ours.PerSecond / nginx?.PerSecond), Report.Ratio(ours.PerSecond / portkey?.PerSecond),
                Report.Time(nginx?.P50 - direct.P50), Report.Time(limit.P50 - direct.P50), Report.Time(portkey?.P50 - direct.P50), Report.Time(ours.P50 - direct.P50), $"{Report.Time(ours.P99)} ({Report.Time(limit.P99)})",
                Report.Number(nginx?.CpuMicroseconds), Report.Number(limit.CpuMicroseconds), Report.Number(portkey?.CpuMicroseconds), Report.Number(ours.CpuMicroseconds));
        }
        return ways[^1]!.Answered;
    }

    private static async Task<long> StreamsAsync(Plan plan, Report report, Peers peers, Child headway)
    {
        var ways = peers.Ways(headway, Upstream.Request("plain", 1000, stream: true));
        report.Section("Gateway, streams", $"Answers of {Upstream.Events} chunks as fast as they come. Through Headway a stream is durable before its first byte and its log can be resumed. Latencies are those of the first event.",
            "streams | upstream events/s | nginx | limit | Portkey | Headway | of the limit | of nginx | of Portkey | first event: nginx adds, p50 | limit adds | Portkey adds | Headway adds | CPU µs an event: nginx | limit | Portkey | Headway");
        foreach (var streams in Connections)
        {
            if (await MeasureAsync(plan, streams, Upstream.Events, ways) is not [{ } direct, var nginx, { } limit, var portkey, { } ours]) continue;
            report.Row($"{streams}", Rate(direct), Rate(nginx), Rate(limit), Rate(portkey), Rate(ours),
                Report.Ratio(ours.PerSecond / limit.PerSecond), Report.Ratio(ours.PerSecond / nginx?.PerSecond), Report.Ratio(ours.PerSecond / portkey?.PerSecond),
                Report.Time(nginx?.P50 - direct.P50), Report.Time(limit.P50 - direct.P50), Report.Time(portkey?.P50 - direct.P50), Report.Time(ours.P50 - direct.P50),
                CpuOf(nginx), CpuOf(limit), CpuOf(portkey), CpuOf(ours));
        }
        return ways[^1]!.Answered;

        static string Rate(Measured? streams) => Report.Number(streams?.PerSecond * Upstream.Events);
        static string CpuOf(Measured? streams) => Report.Number(streams?.CpuMicroseconds / Upstream.Events);
    }

    private static async Task<long> PromisesAsync(Plan plan, Report report, Child headway)
    {
        report.Section("What promises cost", "The same 1 KB call: plain; under a budget; with phi, whose opening is durable before the model sees it. Goal for phi: 0.6 of plain.",
            "connections | plain/s | budget/s | of plain | phi/s | of plain | CPU µs: plain | budget | phi");
        Way[] ways = [.. new[] { "plain", "budgeted", "sensitive" }.Select(model => new Way(headway, headway.Address, Upstream.Path, Upstream.Request(model, 1000, stream: false)))];
        foreach (var connections in Connections)
        {
            var measured = await MeasureAsync(plan, connections, 0, ways);
            var (plain, budget, phi) = (measured[0]!, measured[1]!, measured[2]!);
            report.Row($"{connections}", Report.Number(plain.PerSecond), Report.Number(budget.PerSecond), Report.Ratio(budget.PerSecond / plain.PerSecond), Report.Number(phi.PerSecond),
                Report.Ratio(phi.PerSecond / plain.PerSecond), Report.Number(plain.CpuMicroseconds), Report.Number(budget.CpuMicroseconds), Report.Number(phi.CpuMicroseconds));
        }
        return ways.Sum(way => way.Answered);
    }

    private static async Task<Measured?[]> MeasureAsync(Plan plan, int connections, int events, params Way?[] ways)
    {
        var present = ways.OfType<Way>().ToArray();
        foreach (var way in present.Where(way => way.Answered == 0)) await way.CallAsync(WarmUpConnections, WarmUp, events);
        var measured = await plan.InTurnAsync([.. present.Select(way => (Func<TimeSpan, Task<Measured>>)(duration => way.CallAsync(connections, duration, events)))]);
        return [.. ways.Select(way => way is null ? null : measured[Array.IndexOf(present, way)])];
    }
}
