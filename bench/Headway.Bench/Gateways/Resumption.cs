using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Headway.Bench.Gateways;

/// <summary>Kills a node whose streams are open, starts it again and reads what it logged: the speed of streams counts only with that.</summary>
internal static class Resumption
{
    private static readonly Pace Pace = new(10, 600);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(4);

    private const int Failed = 6;

    public static async Task ProveAsync(string home, Report report, Peers peers, int streams, TimeSpan between)
    {
        var readers = Array.Empty<SlowReader>();
        long killed;
        await using (var headway = await HeadwayNode.StartAsync(home, peers.Upstream.Address))
        {
            readers = [.. Enumerable.Range(0, streams).Select(_ => new SlowReader(peers.Ways(headway, Pace.Request("plain"))[^1]!))];
            var reading = await SlowStreams.BeginAsync(readers, between);
            await Task.Delay(Before, TimeProvider.System);
            killed = Stopwatch.GetTimestamp();
            await headway.KillAsync();
            if ((await Task.WhenAll(reading)).Contains(true)) throw new InvalidOperationException("A stream ended before its node was killed.");
        }

        var (events, unlogged, wrong) = (0, TimeSpan.Zero, new List<string>());
        await using (var headway = await HeadwayNode.StartAsync(home, peers.Upstream.Address))
        {
            using var client = new HttpClient { BaseAddress = headway.Address };
            foreach (var reader in readers)
            {
                var log = await LogAsync(client, reader.Job!, null);
                if (log.Fault is { } fault) wrong.Add($"{reader.Job}: {fault}");
                var rest = await LogAsync(client, reader.Job!, log.Ids[log.Ids.Count / 2]);
                if (!rest.Ids.SequenceEqual(log.Ids.Skip((log.Ids.Count / 2) + 1))) wrong.Add($"{reader.Job}: resumed in the middle, it goes on elsewhere");
                events += log.Deltas;
                foreach (var lost in reader.Arrivals.Where(one => one.Number >= log.Deltas).Take(1)) unlogged = Max(unlogged, Stopwatch.GetElapsedTime(lost.Arrived, killed));
            }
        }

        report.Note($"""
            Then a node with {streams:#,0} open streams was killed (kill -9) and started again, and the log of each was read by `GET /v1/jobs/{"{id}"}/events`, from the beginning and from its middle:
            {events:#,0} events, {(wrong.Count == 0 ? "no gap and no repeat" : string.Create(CultureInfo.InvariantCulture, $"{wrong.Count} WRONG, the first: {wrong[0]}"))}. The oldest event that was shown and not logged had been with its reader for {Report.Time(unlogged)} (promised: 100 ms).
            """.ReplaceLineEndings(" "));
        report.Verify("logs without a gap or a repeat", streams, streams - wrong.Count);
        report.Verify("streams that were cut", streams, HeadwayNode.Count(home,
            $"SELECT min((SELECT count(*) FROM jobs WHERE state = {Failed}), (SELECT count(*) FROM audit_events WHERE action = 'failed'))"));
        foreach (var reader in readers) reader.Dispose();
    }

    private sealed record Log(List<long> Ids, int Deltas, string? Fault);

    /// <summary>Reads to the `end`. Ids follow each other, and so do the numbers that the upstream gave; the end comes once, last.</summary>
    private static async Task<Log> LogAsync(HttpClient client, string job, long? after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v1/jobs/{job}/events", UriKind.Relative));
        if (after is not null) request.Headers.Add("Last-Event-ID", after.Value.ToString(CultureInfo.InvariantCulture));
        using var answer = await client.SendAsync(request);
        var (ids, next, fault, kind) = (new List<long>(), -1, answer.IsSuccessStatusCode ? null : answer.StatusCode.ToString(), "");
        foreach (var line in (await answer.Content.ReadAsStringAsync()).Split('\n'))
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                if (kind == "end") fault ??= "something comes after the end";
                ids.Add(long.Parse(line.AsSpan(4), CultureInfo.InvariantCulture));
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                kind = line[7..];
                if (kind == "delta" && ids.Count > 1 && ids[^1] != ids[^2] + 1) fault ??= $"{ids[^1]} comes after {ids[^2]}";
            }
            else if (kind == "delta" && line.StartsWith("data: ", StringComparison.Ordinal))
            {
                var stamp = Encoding.UTF8.GetBytes(line[line.IndexOf((char)Pace.Mark)..]);
                if (!Pace.TryReadStamp(stamp, out _, out var number) || (next >= 0 && number != next) || (after is null && next < 0 && number != 0)) fault ??= $"chunk {number} where {Math.Max(next, 0)} belongs";
                next = number + 1;
            }
        }
        return new Log(ids, Math.Max(next, 0), kind == "end" ? fault : fault ?? "there is no end");
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
