using System.Buffers;
using Headway.Audit.Checkpoints;
using Headway.Audit.Proof;
using Headway.Audit.Search;
using Headway.Features;
using Headway.Storage;

namespace Headway.Audit;

/// <summary>What auditors ask: which events there are, who has seen what of a subject, whether the chain holds, and a copy that proves itself. Each question is told in the trail before it is answered.</summary>
/// <param name="subjects">The keyed MAC of a tenant's subject; null: nothing of the tenant was ever kept.</param>
internal sealed class AuditDesk(Database database, AuditRooms rooms, Func<string, string, ValueTask<byte[]>> subjects, Func<string> node)
{
    /// <summary>Groups in an accounting at most.</summary>
    private const int MostGroups = 1_000;

    private static readonly Sql Disclosures = Sql.At("Audit/Search/Disclosures");

    public async Task<AuditPage> SearchAsync(Auditor auditor, AuditFilter filter)
    {
        var subject = await MacAsync(auditor, filter.Subject).ConfigureAwait(false);
        var own = await TellAsync(auditor, AuditActions.Viewed, "search", subject).ConfigureAwait(false);
        var (found, lookedTo) = await database.ReadAsync(new EventQuery(auditor, filter, subject, own).ReadAsync).ConfigureAwait(false);
        // All of that time were looked at, so what comes next is before every job of it.
        if (found.Count <= filter.Limit) return new AuditPage(found, lookedTo is { } end ? (end, JobId.FromBytes(new byte[16])) : null);
        found.RemoveAt(filter.Limit);
        return new AuditPage(found, (found[^1].Id, found[^1].Job));
    }

    /// <summary>The accounting of disclosures of one subject, by whom it was shown to; the latest first.</summary>
    public async Task<IReadOnlyList<DisclosureGroup>> DisclosuresAsync(Auditor auditor, string subject, DateTimeOffset? since, DateTimeOffset? until)
    {
        var mac = await MacAsync(auditor, subject).ConfigureAwait(false);
        await TellAsync(auditor, AuditActions.Viewed, "disclosures", mac).ConfigureAwait(false);
        return await database.ReadAsync(async session =>
        {
            var groups = new List<DisclosureGroup>();
            using var read = session.Use(Disclosures).Bind(1, mac).Bind(2, since is { } from ? EventQuery.Microseconds(from) : 0).Bind(3, until is { } to ? EventQuery.Microseconds(to) : long.MaxValue)
                .Bind(4, auditor.Tenant).Bind(5, MostGroups);
            while (await read.StepAsync().ConfigureAwait(false))
                groups.Add(new DisclosureGroup(read.Text(0)!, read.Text(1) == "recipient", read.Text(2)!, read.Text(3)!, read.Int64(4), At(read.Int64(5)), At(read.Int64(6))));
            return groups;
        }).ConfigureAwait(false);
    }

    /// <param name="shipped">Checkpoints that were kept outside, in the order of their links.</param>
    public async Task<ChainProof> VerifyAsync(Auditor auditor, IReadOnlyList<Checkpoint> shipped, CancellationToken stop)
    {
        await TellAsync(auditor, AuditActions.Viewed, "verify", null).ConfigureAwait(false);
        return await rooms.Verifier.VerifyAsync(shipped, stop).ConfigureAwait(false);
    }

    /// <summary>Prepares an export. Null: there is nothing to export.</summary>
    public async Task<ExportScope?> ExportAsync(Auditor auditor, DateTimeOffset? since, DateTimeOffset? until)
    {
        await TellAsync(auditor, AuditActions.Exported, "export", null).ConfigureAwait(false);
        return await rooms.Export.PrepareAsync(auditor.Tenant, since, until).ConfigureAwait(false);
    }

    public Task WriteAsync(ExportScope scope, IBufferWriter<byte> output, Func<ValueTask> flush, CancellationToken stop) => rooms.Export.WriteAsync(scope, output, flush, stop);

    /// <summary>The key that checkpoints are signed with: its id, the chain, and the public half in PEM.</summary>
    public Task<SigningKey> KeyAsync() => rooms.Keys.NewestAsync();

    /// <summary>A page has at most this many groups.</summary>
    public static bool IsCut(IReadOnlyList<DisclosureGroup> groups) => groups.Count == MostGroups;

    private async ValueTask<byte[]?> MacAsync(Auditor auditor, string? subject) => subject is null ? null : await subjects(auditor.Tenant, subject).ConfigureAwait(false);

    private static DateTimeOffset At(long id) => DateTimeOffset.FromUnixTimeMilliseconds(id / 1_000).AddMicroseconds(id % 1_000);

    // Of no job, so under an id of its own. That somebody asked about a subject is itself about that subject.
    private async Task<JobId> TellAsync(Auditor auditor, string action, string what, byte[]? subject)
    {
        var own = JobId.New(database.Time.GetUtcNow());
        await database.WriteAsync(new AppendAudit(new AuditEvent
        {
            Action = action,
            Job = own,
            Tenant = auditor.Tenant,
            Actor = auditor.Actor,
            Address = auditor.Address,
            Subject = subject,
            Purpose = AuditPurposes.Audit,
            Data = subject is null ? DataClass.Internal : DataClass.Personal,
            Node = node(),
            Outcome = what,
        }, database.Now)).ConfigureAwait(false);
        return own;
    }
}

/// <summary>Who asks.</summary>
/// <param name="Tenant">Whose events are looked at.</param>
/// <param name="Actor">The key or person.</param>
/// <param name="Address">The network address that the question came from, if any.</param>
internal sealed record Auditor(string Tenant, string Actor, string? Address)
{
    /// <summary>Sees, too, who was turned away before it was known whose tenant it came for.</summary>
    public bool SeesNobodys { get; init; }
}
