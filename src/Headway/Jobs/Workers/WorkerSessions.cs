using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Headway.Access;
using Headway.Payloads;

namespace Headway.Jobs.Workers;

/// <summary>A worker that is signed on: the lease it claims under, and what it calls itself.</summary>
internal readonly record struct WorkerSession(long Lease, string Worker);

/// <summary>Turns sessions into the text that workers carry, and back. Every node of the database reads it, and nobody can make one up: it ends in a keyed MAC.</summary>
internal sealed class WorkerSessions(Vault vault)
{
    public const int LongestName = 64;

    private const string Prefix = "wrk_";
    private const string Purpose = "worker session";

    public string TextOf(WorkerSession session)
    {
        var said = Said(session);
        return $"{Prefix}{said}.{Convert.ToHexStringLower(Mac(said))}";
    }

    /// <summary>Null: no node of this database has given it.</summary>
    public WorkerSession? Read(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length..].Split('.') is not [var number, var name, var mac]) return null;
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var lease)) return null;
        try
        {
            if (!CryptographicOperations.FixedTimeEquals(Convert.FromHexString(mac), Mac($"{number}.{name}"))) return null;
            return new WorkerSession(lease, Encoding.UTF8.GetString(Convert.FromHexString(name)));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>What a worker may call itself: letters, digits and a few signs, because it is shown in histories and audit events.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= LongestName && name.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.' or ':' or '/' or '@');

    private static string Said(WorkerSession session) => string.Create(CultureInfo.InvariantCulture, $"{session.Lease}.{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(session.Worker))}");

    private byte[] Mac(string said) => vault.Mac(Caller.Local.Tenant, Purpose, Encoding.UTF8.GetBytes(said));
}
