using System.Net;
using System.Net.Sockets;

namespace Headway.Delivery.Sending;

/// <summary>Which addresses a webhook may be posted to: those of the public network, and where the feature file allows it those of this machine and of private networks.</summary>
/// <remarks>
/// Sources: the special-purpose address registries of IANA (RFC 6890 and later), and what clouds answer credentials on. Whatever is not known to be public is not reached. What hands out
/// credentials, reaches many, or nobody, is never reached, whatever the file allows.
/// </remarks>
internal static class AddressGuard
{
    private static readonly (IPNetwork Network, Reach Reach)[] Known =
    [
        .. Of(Reach.Never, "0.0.0.0/8", "100.100.100.200/32", "168.63.129.16/32", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        .. Of(Reach.Private, "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        .. Of(Reach.Public, "0.0.0.0/0"),
        .. Of(Reach.Never, "fd00:ec2::/32", "fd20:ce::/32", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        .. Of(Reach.Private, "::1/128", "fc00::/7"),
        // The only block that is given out.
        .. Of(Reach.Public, "2000::/3"),
    ];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96"), SixToFour = IPNetwork.Parse("2002::/16"), Compatible = IPNetwork.Parse("::/96");

    public static bool MayReach(IPAddress address, bool allowPrivate) => ReachOf(address) switch
    {
        Reach.Public => true,
        Reach.Private => allowPrivate,
        _ => false,
    };

    private static Reach ReachOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return ReachOf(address.MapToIPv4());
        if (address.AddressFamily is AddressFamily.InterNetworkV6 && (address.ScopeId != 0 || Inner(address) is { } inner && ReachOf(inner) is not Reach.Public)) return Reach.Never;
        return Translated.Contains(address) ? Reach.Public : Known.FirstOrDefault(known => known.Network.Contains(address)).Reach;
    }

    /// <summary>An address of the old kind within one of the new: whoever translates it on the way connects to that one.</summary>
    private static IPAddress? Inner(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (Translated.Contains(address)) return new IPAddress(bytes.AsSpan(12, 4));
        if (SixToFour.Contains(address)) return new IPAddress(bytes.AsSpan(2, 4));
        if (Compatible.Contains(address)) return IPAddress.IsLoopback(address) ? null : new IPAddress(bytes.AsSpan(12, 4));
        // ISATAP: 0000:5efe or 0200:5efe before it.
        return bytes.AsSpan(8, 4) is [0 or 2, 0, 0x5e, 0xfe] ? new IPAddress(bytes.AsSpan(12, 4)) : null;
    }

    private static IEnumerable<(IPNetwork, Reach)> Of(Reach reach, params string[] networks) => networks.Select(network => (IPNetwork.Parse(network), reach));

    private enum Reach { Never, Private, Public }
}
