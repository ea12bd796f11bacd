using Headway.Audit;
using Headway.Audit.Checkpoints;
using Headway.Features;
using Headway.Payloads;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway;

/// <summary>Gives the audit room what it needs of the vault, which cannot be known there: the vault's room tells in the trail what is done with files.</summary>
internal static class EngineAudit
{
    /// <summary>Whose data key seals keys that sign: no tenant can be called so.</summary>
    private const string Owner = "headway audit";

    public static (AuditRooms Rooms, AuditDesk Desk) For(Database database, Vault vault, AuditOptions options, Func<string> node, ILoggerFactory logs)
    {
        var seal = new KeySeal(
            async (id, plain) => (await vault.KeyAsync(Owner, null, CancellationToken.None).ConfigureAwait(false)).Seal(PayloadKind.SigningKey, id, plain),
            (id, bytes) => Open(vault, id, bytes));
        var rooms = new AuditRooms(database, seal, options.Checkpoints, options.Keep, node, logs);
        return (rooms, new AuditDesk(database, rooms, MacAsync, node));

        async ValueTask<byte[]> MacAsync(string tenant, string subject)
        {
            await vault.ReadyAsync(tenant).ConfigureAwait(false);
            return vault.SubjectMac(tenant, subject);
        }
    }

    // What somebody else put there was not sealed by this vault.
    private static byte[]? Open(Vault vault, JobId id, byte[] bytes)
    {
        try
        {
            return vault.Open(Owner, PayloadKind.SigningKey, id, bytes);
        }
        catch (Exception wrong) when (wrong is UnreadablePayloadException or InvalidOperationException or MasterKeyException)
        {
            return null;
        }
    }
}
