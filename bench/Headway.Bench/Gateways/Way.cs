using System.Collections.Concurrent;
using Headway.Bench.Wire;

namespace Headway.Bench.Gateways;

/// <summary>One of the ways to a model: who stands in between, where, and with which body.</summary>
internal sealed record Way(Child Server, Uri Address, string Path, string Body)
{
    /// <summary>Whole lines that the server wants besides the usual ones.</summary>
    public string Headers { get; init; } = "";

    /// <summary>Answers that were read to their end, over all rounds.</summary>
    public long Answered { get; private set; }

    /// <summary>Keep-alive connections, each with one call at a time. The CPU is that of the server in between alone.</summary>
    public async Task<Measured> CallAsync(int connections, TimeSpan duration, int events)
    {
        var clients = new ConcurrentBag<WireClient>();
        var firsts = new ConcurrentBag<long>();
        for (var i = 0; i < connections; i++) clients.Add(await WireClient.ConnectAsync(Address, Path, Body, Headers));
        try
        {
            var before = Server.Cpu;
            var measured = await Load.CallersAsync(connections, duration, async () =>
            {
                clients.TryTake(out var client);
                var seen = await client!.CallAsync(200);
                if (seen < events) throw new InvalidOperationException($"A stream of {seen} events instead of {events}.");
                if (events > 0) firsts.Add(client.FirstPiece);
                clients.Add(client);
            });
            Answered += measured.Calls;
            measured = measured with { Cpu = Server.Cpu - before };
            if (events == 0) return measured;
            var sorted = firsts.Order().ToArray();
            return measured with { P50 = Load.At(sorted, 0.50), P99 = Load.At(sorted, 0.99) };
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
        }
    }
}
