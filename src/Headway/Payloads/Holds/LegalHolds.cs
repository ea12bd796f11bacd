using System.Text.Json;
using System.Text.Json.Serialization;
using Headway.Access;
using Headway.Audit;
using Headway.Payloads.Files;
using Headway.Storage;

namespace Headway.Payloads.Holds;

/// <summary>Subjects of which nothing may go: neither by retention, nor by a caller who deletes, nor by an erasure, until they are released.</summary>
/// <remarks>
/// Invariant: what takes something away for good asks in its own transaction whether the subject is held. A hold that commits while such a transaction is under way
/// may come too late for what it takes, and holds everything from then on.
/// </remarks>
/// <param name="node">Name of this node, for audit events.</param>
internal sealed class LegalHolds(Database database, Vault vault, Func<string> node)
{
    /// <summary>Holds are made by people; more at once are no hold but another retention.</summary>
    public const int MostShown = 10_000;

    private const string Purpose = "legal hold";

    private static readonly Sql IsHeld = Sql.At("Payloads/Holds/IsHeld");
    private static readonly Sql Add = Sql.At("Payloads/Holds/AddHold");
    private static readonly Sql Release = Sql.At("Payloads/Holds/ReleaseHold");
    private static readonly Sql All = Sql.At("Payloads/Holds/ListHolds");

    /// <summary>Whether nothing of the subject may go; asked by who takes something away, in the same transaction.</summary>
    public static async ValueTask<bool> HoldsAsync(Session session, string tenant, byte[]? subject)
    {
        if (subject is null) return false;
        using var held = session.Use(IsHeld).Bind(1, tenant).Bind(2, subject);
        return await held.StepAsync().ConfigureAwait(false);
    }

    /// <summary>From now on nothing of the subject goes. Durable when it returns. False: it is held already.</summary>
    public async Task<bool> HoldAsync(Caller caller, string subject, string reason)
    {
        var id = JobId.New(database.Time.GetUtcNow());
        var key = await vault.KeyAsync(caller.Tenant, null, CancellationToken.None).ConfigureAwait(false);
        var about = key.Seal(PayloadKind.Hold, id, JsonSerializer.SerializeToUtf8Bytes(new AboutHold(subject, reason), HoldJson.Default.AboutHold));
        var mac = vault.SubjectMac(caller.Tenant, subject);
        return await database.WriteAsync(new Deed<bool>(async session =>
        {
            if (await session.Use(Add).Bind(1, caller.Tenant).Bind(2, mac).Bind(3, id).Bind(4, about).Bind(5, caller.Actor).Bind(6, database.Now).ExecuteAsync().ConfigureAwait(false) == 0) return false;
            AuditTrail.Begin(session, Event(AuditActions.Held, caller, id, mac), database.Now);
            return true;
        })).ConfigureAwait(false);
    }

    /// <summary>Retention takes what is overdue within a day. False: it was not held.</summary>
    public async Task<bool> ReleaseAsync(Caller caller, string subject)
    {
        await vault.ReadyAsync(caller.Tenant).ConfigureAwait(false);
        var mac = vault.SubjectMac(caller.Tenant, subject);
        return await database.WriteAsync(new Deed<bool>(async session =>
        {
            if (await session.Use(Release).Bind(1, caller.Tenant).Bind(2, mac).ExecuteAsync().ConfigureAwait(false) == 0) return false;
            AuditTrail.Begin(session, Event(AuditActions.Released, caller, JobId.New(database.Time.GetUtcNow()), mac), database.Now);
            return true;
        })).ConfigureAwait(false);
    }

    /// <summary>The oldest first.</summary>
    public async Task<IReadOnlyList<LegalHold>> ListAsync(string tenant)
    {
        await vault.ReadyAsync(tenant).ConfigureAwait(false);
        var rows = await database.ReadAsync(async session =>
        {
            var found = new List<(JobId Id, byte[] About, string Actor, DateTimeOffset Created)>();
            using var all = session.Use(All).Bind(1, tenant);
            while (found.Count < MostShown && await all.StepAsync().ConfigureAwait(false)) found.Add((all.JobId(0), all.Blob(1)!, all.Text(2)!, all.Time(3)));
            return found;
        }).ConfigureAwait(false);
        return [.. rows.Select(row => Open(tenant, row))];
    }

    private LegalHold Open(string tenant, (JobId Id, byte[] About, string Actor, DateTimeOffset Created) row) =>
        JsonSerializer.Deserialize(vault.Open(tenant, PayloadKind.Hold, row.Id, row.About), HoldJson.Default.AboutHold) is { } about
            ? new LegalHold(about.Subject, about.Reason, row.Actor, row.Created)
            : throw new StorageException("storage-corrupt", $"The hold {row.Id} says nothing.");

    // There is no job; the id is the hold's own.
    private AuditEvent Event(string action, Caller caller, JobId id, byte[] subject) => new()
    {
        Action = action,
        Job = id,
        Tenant = caller.Tenant,
        Actor = caller.Actor,
        Address = caller.Address,
        Subject = subject,
        Purpose = Purpose,
        Node = node(),
    };
}

/// <param name="Actor">Who holds it.</param>
internal sealed record LegalHold(string Subject, string Reason, string Actor, DateTimeOffset Created);

internal sealed record AboutHold(string Subject, string Reason);

[JsonSerializable(typeof(AboutHold))]
internal sealed partial class HoldJson : JsonSerializerContext;
