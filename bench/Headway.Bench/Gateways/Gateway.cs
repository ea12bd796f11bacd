using Headway.Bench.Limits;

namespace Headway.Bench.Gateways;

/// <summary>What stands between a caller and a model: nothing, nginx as a plain proxy, the least that C# can do, and Headway with all it promises.</summary>
internal static class Gateway
{
    private static readonly int[] Connections = [1, 16, 64, 256];
    private static readonly int[] Kilobytes = [1, 10];

    // A server is compiled while it serves its first thousands of calls; those measure the compiler.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private const int WarmUpConnections = 32;

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        var home = Path.Combine(folder, "gateway");
        await using var upstream = await Child.OfBenchAsync("serve-upstream");
        await using var nginx = await Nginx.StartAsync(Path.Combine(folder, "nginx"), upstream.Address);
        await using var limit = await Child.OfBenchAsync("serve-forwarder", upstream.Address.ToString());
        long calls;
        await using (var headway = await HeadwayNode.StartAsync(home, upstream.Address))
        {
            calls = 0;
            foreach (var kilobytes in Kilobytes) calls += await CallsAsync(plan, report, kilobytes, upstream, nginx, limit, headway);
            calls += await StreamsAsync(plan, report, upstream, nginx, limit, headway);
            calls += await PromisesAsync(plan, report, headway);
        }

        using var database = new LimitDatabase(HeadwayNode.DatabaseOf(home), "");
        report.Verify("calls of a model", calls, database.Count(
            "SELECT min((SELECT count(*) FROM jobs WHERE state = 5 AND nano_usd > 0), (SELECT count(*) FROM audit_events WHERE action = 'served'), (SELECT count(*) FROM model_calls))"));
    }

    private static async Task<long> CallsAsync(Plan plan, Report report, int kilobytes, Child upstream, Child? nginx, Child limit, Child headway)
    {
        var body = Upstream.Request("plain", kilobytes * 1000, stream: false);
        var through = new Way(headway, headway.Address, Upstream.Path, body);
        report.Section($"Gateway, {kilobytes} KB",
            "Chat completions, request and answer of that size. Limit: C# with HttpMessageInvoker that reads the model's name. Headway: limits, cost, record, audit and telemetry on. CPU is that of the server in between. Goal: half of the limit at 16 and more, at most three times what nginx adds at one.",
            "connections | upstream/s | nginx/s | limit/s | Headway/s | of the limit | of nginx | nginx adds, p50 | limit adds | Headway adds | p99 (limit) | CPU µs: nginx | limit | Headway");
        Way?[] ways = [.. Peers(upstream, nginx, limit, body), through];
        foreach (var connections in Connections)
        {
            var measured = await MeasureAsync(plan, connections, 0, ways);
            var (direct, proxy, least, ours) = (measured[0]!, measured[1], measured[2]!, measured[3]!);
            report.Row($"{connections}", Report.Number(direct.PerSecond), Report.Number(proxy?.PerSecond), Report.Number(least.PerSecond), Report.Number(ours.PerSecond),
                Report.Ratio(ours.PerSecond / least.PerSecond), Report.Ratio(ours.PerSecond / proxy?.PerSecond),
                Report.Time(proxy?.P50 - direct.P50), Report.Time(least.P50 - direct.P50), Report.Time(ours.P50 - direct.P50), $"{Report.Time(ours.P99)} ({Report.Time(least.P99)})",
                Report.Number(proxy?.CpuMicroseconds), Report.Number(least.CpuMicroseconds), Report.Number(ours.CpuMicroseconds));
        }
        return through.Answered;
    }

    private static async Task<long> StreamsAsync(Plan plan, Report report, Child upstream, Child? nginx, Child limit, Child headway)
    {
        var body = Upstream.Request("plain", 1000, stream: true);
        var through = new Way(headway, headway.Address, Upstream.Path, body);
        report.Section("Gateway, streams", $"Answers of {Upstream.Events} chunks as fast as they come. Through Headway a stream is durable before its first byte and its log can be resumed. Latencies are those of the first event.",
            "streams | upstream events/s | nginx | limit | Headway | of the limit | of nginx | first event: nginx adds, p50 | limit adds | Headway adds | CPU µs an event: nginx | limit | Headway");
        Way?[] ways = [.. Peers(upstream, nginx, limit, body), through];
        foreach (var streams in Connections)
        {
            var measured = await MeasureAsync(plan, streams, Upstream.Events, ways);
            var (direct, proxy, least, ours) = (measured[0]!, measured[1], measured[2]!, measured[3]!);
            report.Row($"{streams}", Report.Number(direct.PerSecond * Upstream.Events), Report.Number(proxy?.PerSecond * Upstream.Events), Report.Number(least.PerSecond * Upstream.Events), Report.Number(ours.PerSecond * Upstream.Events),
                Report.Ratio(ours.PerSecond / least.PerSecond), Report.Ratio(ours.PerSecond / proxy?.PerSecond),
                Report.Time(proxy?.P50 - direct.P50), Report.Time(least.P50 - direct.P50), Report.Time(ours.P50 - direct.P50),
                Report.Number(proxy?.CpuMicroseconds / Upstream.Events), Report.Number(least.CpuMicroseconds / Upstream.Events), Report.Number(ours.CpuMicroseconds / Upstream.Events));
        }
        return through.Answered;
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

    private static Way?[] Peers(Child upstream, Child? nginx, Child limit, string body) =>
        [.. new[] { upstream, nginx, limit }.Select(server => server is null ? null : new Way(server, server.Address, Upstream.Path, body))];

    private static async Task<Measured?[]> MeasureAsync(Plan plan, int connections, int events, params Way?[] ways)
    {
        var present = ways.OfType<Way>().ToArray();
        foreach (var way in present.Where(way => way.Answered == 0)) await way.CallAsync(WarmUpConnections, WarmUp, events);
        var measured = await plan.InTurnAsync([.. present.Select(way => (Func<TimeSpan, Task<Measured>>)(duration => way.CallAsync(connections, duration, events)))]);
        return [.. ways.Select(way => way is null ? null : measured[Array.IndexOf(present, way)])];
    }
}
