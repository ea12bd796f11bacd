using System.Net;

namespace Headway.AspNetCore.Hosting;

/// <summary>Where a node may listen: without keys everybody who reaches it may do everything, so nobody beyond the machine may reach it.</summary>
internal static class Listening
{
    public const string Default = "http://127.0.0.1:8080";

    public static IReadOnlyList<string> Split(string addresses) => addresses.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <param name="isClosed">Nobody gets in without a key or a token.</param>
    public static void Require(IEnumerable<string> addresses, bool isClosed)
    {
        foreach (var address in addresses)
        {
            if (isClosed || IsLoopback(address)) continue;
            throw new HeadwayStartException(
                $"Headway has no keys, so it listens on loopback only and refuses {address}. Make the first key with `headway keys create NAME --role admin --all-tenants --offline`, or say whose tokens are taken (server.auth in the feature file); or listen on {Default} and put a proxy that checks who calls in front of it.");
        }
    }

    /// <summary>Where keys would travel for everybody on the way to read.</summary>
    public static IEnumerable<string> InTheClear(IEnumerable<string> addresses) => addresses.Where(address => address.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !IsLoopback(address));

    public static bool IsLoopback(string address)
    {
        if (address.StartsWith("http://unix:", StringComparison.OrdinalIgnoreCase)) return true;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) return false;
        return IsLoopbackName(uri.Host);
    }

    public static bool IsLoopbackName(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var ip) && IPAddress.IsLoopback(ip));
}
