namespace Headway.Bench.Gateways;

/// <summary>Who stands in turn between the caller and the upstream. A peer that this machine does not have is null.</summary>
internal sealed record Peers(Child Upstream, Child? Nginx, Child Limit, Child? Portkey) : IAsyncDisposable
{
    /// <summary>What Headway is measured with, said in the report.</summary>
    public const string Features = "Headway: limits, prices, record and audit on, as they are for every call; there are no keys of callers in this version, and nobody collects its telemetry.";

    public static async Task<Peers> StartAsync(string folder, Report report)
    {
        var upstream = await Child.OfBenchAsync("serve-upstream");
        return new Peers(upstream, await Gateways.Nginx.StartAsync(Path.Combine(folder, "nginx"), upstream.Address),
            await Child.OfBenchAsync("serve-forwarder", upstream.Address.ToString()), await Gateways.Portkey.StartAsync(Path.Combine(folder, "portkey"), upstream.Address, report));
    }

    /// <summary>In the order of the columns: directly, nginx, the limit, Portkey, Headway.</summary>
    public Way?[] Ways(Child headway, string body) => [To(Upstream, body), To(Nginx, body), To(Limit, body), To(Portkey, body), To(headway, body)];

    private Way? To(Child? server, string body) =>
        server is null ? null : new Way(server, server.Address, Gateways.Upstream.Path, body) { Headers = server == Portkey ? Gateways.Portkey.Headers(Upstream.Address) : "" };

    public async ValueTask DisposeAsync()
    {
        foreach (var child in new[] { Portkey, Limit, Nginx, Upstream })
        {
            if (child is not null) await child.DisposeAsync();
        }
    }
}
