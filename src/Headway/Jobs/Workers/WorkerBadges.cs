using System.Security.Cryptography;
using System.Text;
using Headway.Access;
using Headway.Payloads;

namespace Headway.Jobs.Workers;

/// <summary>What a worker carries outside: its session, tied to the key it signed on with. Whoever finds it can do nothing with it under another.</summary>
internal sealed class WorkerBadges(Vault vault)
{
    private const string Purpose = "worker badge";

    public string BadgeOf(string session, Caller caller) => $"{session}.{Convert.ToHexStringLower(Mac(session, caller))}";

    /// <summary>The session; null: it is not this caller's, or none at all.</summary>
    public string? Read(string badge, Caller caller)
    {
        var cut = badge.LastIndexOf('.');
        if (cut < 0) return null;
        try
        {
            return CryptographicOperations.FixedTimeEquals(Convert.FromHexString(badge.AsSpan(cut + 1)), Mac(badge[..cut], caller)) ? badge[..cut] : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private byte[] Mac(string session, Caller caller) => vault.Mac(Caller.Local.Tenant, Purpose, Encoding.UTF8.GetBytes($"{session}\n{(caller.Everywhere ? "*" : caller.Tenant)}\n{caller.Actor}"));
}
