using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Payloads.Files;

/// <summary>Files that callers keep here by themselves: taken as a stream, listed, read again, deleted. Of their tenant alone.</summary>
/// <remarks>
/// Invariants. A file is seen by nobody before the write that keeps it, and by nobody after the one that ends it; each tells the audit trail in the
/// same transaction, as does each reading before its first byte. What an upload leaves that is not kept is found by <see cref="OrphanPruner"/>, and
/// what an ending leaves by <see cref="KeptFilePruner"/>.
/// </remarks>
/// <param name="node">Name of this node, for audit events.</param>
internal sealed class KeptFiles(Database database, Vault vault, FilePayloads payloads, Func<string> node, ILogger<KeptFiles> logger)
{
    /// <summary>What OpenAI takes.</summary>
    public const long LargestFile = 512L << 20;

    /// <summary>What OpenAI's database takes, and file systems do.</summary>
    public const int LongestName = 255;

    /// <summary>An upload that has not ended by then is broken off, well before <see cref="OrphanPruner"/> takes it for one that died.</summary>
    public static readonly TimeSpan UploadWithin = OrphanPruner.Grace - TimeSpan.FromMinutes(10);

    /// <summary>To what end its events are told: what tells them from a job's.</summary>
    public const string AuditPurpose = "file";

    // A kept file is the only one under its id.
    private const int Number = 1;

    private readonly KeptFileStore _store = new(database);
    private readonly KeptFilePruner _pruner = new(database, payloads);

    public KeptRoom Room { get; init; } = KeptRoom.Usual;

    /// <summary>Takes a file to its end, sealed under the key of its subject. Refused, broken off or failed: nothing of it stays.</summary>
    /// <param name="mediaType">As declared; null: application/octet-stream.</param>
    /// <param name="idempotencyKey">A repeat needs no room, for it is not kept again.</param>
    public async Task<ArrivalOutcome> TakeAsync(Caller caller, string? subject, string name, string? mediaType, Stream content, CancellationToken stop, string? idempotencyKey = null)
    {
        if (database.IsOverloaded) throw new StorageException("storage-overloaded", "More is being written than the disk takes. Call again after the pause.");
        var size = _store.SizeOf(caller.Tenant);
        var most = size.Files >= Room.Files ? 0 : Math.Min(LargestFile, Room.Bytes - size.Bytes);
        if (EarlierUnder(caller.Tenant, idempotencyKey) is { } earlier) most = Math.Max(most, earlier.Length);
        if (most <= 0) return new ArrivalOutcome.Refused(FileRefusal.NoRoom(Room));

        var id = FileId.New(database.Time.GetUtcNow());
        var upload = new FileUpload
        {
            Tenant = caller.Tenant,
            Job = id.Place,
            Key = await vault.KeyAsync(caller.Tenant, subject, stop).ConfigureAwait(false),
            Number = Number,
            Name = "file",
            FileName = name,
            MediaType = mediaType,
            IsJudged = false,
            Most = most,
        };
        using var late = new CancellationTokenSource(UploadWithin, database.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            return await payloads.StoreAsync(upload, content, either.Token).ConfigureAwait(false) switch
            {
                UploadOutcome.Stored stored => new ArrivalOutcome.Arrived(new ArrivedFile(id, subject, stored.File) { Key = subject is null ? null : upload.Key.Id }),
                UploadOutcome.Refused { Refusal.Code: FileRefusal.TooLargeCode } => new ArrivalOutcome.Refused(most < LargestFile ? FileRefusal.NoRoom(Room) : FileRefusal.LargerThan(LargestFile)),
                UploadOutcome.Refused refused => new ArrivalOutcome.Refused(refused.Refusal),
                var other => throw new InvalidOperationException($"{other.GetType().Name} is no end of an upload"),
            };
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return new ArrivalOutcome.Refused(FileRefusal.TooSlow(UploadWithin));
        }
    }

    /// <summary>Keeps a file that has come. Durable when it completes, and seen from then on.</summary>
    /// <param name="expiresAfter">Counted from its creation; null: it stays.</param>
    /// <param name="idempotencyKey">Where a file was kept under the same one, it is given instead, if it is the same.</param>
    public async Task<KeepOutcome> KeepAsync(Caller caller, ArrivedFile arrived, FilePurpose purpose, TimeSpan? expiresAfter, string? idempotencyKey = null)
    {
        var tenant = caller.Tenant;
        var created = DateTimeOffset.FromUnixTimeMilliseconds(database.Now);
        var subject = arrived.Subject is { } name ? vault.SubjectMac(tenant, name) : null;
        var file = new KeptFile(arrived.Id, purpose, created, created + expiresAfter, subject, arrived.Stored);
        var key = idempotencyKey is null ? null : new UploadKey(MacOf(tenant, idempotencyKey), FingerprintOf(tenant, file, expiresAfter));
        while (true)
        {
            var verdict = await KeepAsync(tenant, arrived, file, key, Event(AuditActions.Submitted, caller, file)).ConfigureAwait(false);
            if (verdict.End is KeepEnd.Kept) return new KeepOutcome.Kept(file);
            var earlier = verdict.End is KeepEnd.Repeat ? Find(tenant, verdict.File) : null;
            // Deleted in between: the key is free again.
            if (earlier is null && verdict.End is KeepEnd.Repeat) continue;
            await ForgetAsync(arrived).ConfigureAwait(false);
            if (earlier is not null) return new KeepOutcome.Kept(earlier);
            return new KeepOutcome.Refused(verdict.End switch
            {
                KeepEnd.NoRoom => FileRefusal.NoRoom(Room),
                KeepEnd.OtherContent => FileRefusal.OtherContent(),
                _ => FileRefusal.TooSlow(UploadWithin),
            });
        }
    }

    // One whose subject was erased while it came can be read by nobody: nothing of it stays.
    private async Task<KeepVerdict> KeepAsync(string tenant, ArrivedFile arrived, KeptFile file, UploadKey? key, AuditEvent entry)
    {
        try
        {
            return await _store.KeepAsync(tenant, file, key, arrived.Key, Room, entry).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            await ForgetAsync(arrived).ConfigureAwait(false);
            throw;
        }
    }

    private KeptFile? EarlierUnder(string tenant, string? idempotencyKey) =>
        idempotencyKey is not null && _store.FindByKeyOf(tenant, MacOf(tenant, idempotencyKey)) is { } id ? Find(tenant, id) : null;

    private byte[] MacOf(string tenant, string idempotencyKey) => vault.Mac(tenant, "idempotency key of an upload", Encoding.UTF8.GetBytes(idempotencyKey));

    private byte[] FingerprintOf(string tenant, KeptFile file, TimeSpan? expiresAfter) => vault.Mac(tenant, "fingerprint of an upload", JsonSerializer.SerializeToUtf8Bytes(
        [file.Name, file.MediaType, file.Purpose.ToString(), expiresAfter?.ToString("c") ?? "", Convert.ToHexString(file.Subject ?? []), Convert.ToHexString(file.Stored.Sha256)], FileJson.Default.StringArray));

    /// <summary>Of a file that has come and is not kept.</summary>
    public async Task ForgetAsync(ArrivedFile arrived)
    {
        try
        {
            await payloads.DeleteAsync(arrived.Id.Place, Number).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // Why it is not kept matters more to its caller; the pruner finds what stays.
        }
    }

    /// <summary>Null: unknown to this tenant, deleted or expired.</summary>
    public KeptFile? Find(string tenant, FileId id) => _store.Find(tenant, id) is { } row ? Open(tenant, row) : null;

    public KeptPage List(string tenant, KeptFilter filter)
    {
        var rows = _store.List(tenant, filter, filter.Limit + 1);
        var page = rows.Take(filter.Limit).ToList();
        return new KeptPage([.. page.Select(row => OpenOrSkip(tenant, row)).OfType<KeptFile>()], page.Count == 0 ? null : page[^1].Id, More: rows.Count > filter.Limit);
    }

    /// <summary>Whether a file may be told of where a call is about this subject: one that was kept for none may be anywhere.</summary>
    public bool IsFor(string tenant, KeptFile file, string? subject) =>
        file.Subject is not { } of || (subject is not null && of.AsSpan().SequenceEqual(vault.SubjectMac(tenant, subject)));

    /// <summary>Opens the content for one reading. The reading is a delivery: it is on disk before this returns.</summary>
    /// <param name="correlation">The job that it is read for; null: none.</param>
    /// <param name="from">The first byte that is wanted.</param>
    public async Task<Stream> ReadAsync(Caller caller, KeptFile file, string? correlation = null, long from = 0)
    {
        await database.WriteAsync(new AppendAudit(Event(AuditActions.Delivered, caller, file) with { Correlation = correlation }, database.Now)).ConfigureAwait(false);
        return payloads.OpenRead(caller.Tenant, file.Id.Place, file.Stored, from);
    }

    /// <summary>Ends a file: nobody sees it once this completes.</summary>
    public async Task<KeptEnd> DeleteAsync(Caller caller, FileId id)
    {
        if (_store.Find(caller.Tenant, id) is not { } row) return KeptEnd.Unknown;
        var end = await _store.EndAsync(caller.Tenant, id, Event(AuditActions.Erased, caller, id, row.Subject, digest: null)).ConfigureAwait(false);
        if (end is not KeptEnd.Gone) return end;
        try
        {
            await _pruner.RemoveAsync(id, database.Time.GetUtcNow()).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            logger.LogWarning("{File} is deleted, but its pieces could not be removed yet; that is tried again: {Cure}", id, error.Message);
        }
        return KeptEnd.Gone;
    }

    /// <summary>Ends all files of a subject, each with its event; gives how many. Those under a legal hold stay.</summary>
    public async Task<int> EraseAsync(Caller caller, byte[] subject, CancellationToken stop)
    {
        var erased = 0;
        while (true)
        {
            var ids = _store.OfSubject(caller.Tenant, subject, KeptFilePruner.Batch);
            var before = erased;
            foreach (var id in ids)
            {
                stop.ThrowIfCancellationRequested();
                if (await DeleteAsync(caller, id).ConfigureAwait(false) is KeptEnd.Gone) erased++;
            }
            if (ids.Count < KeptFilePruner.Batch || erased == before) return erased;
        }
    }

    private KeptFile Open(string tenant, KeptRow row) =>
        new(row.Id, row.Purpose, row.Created, row.Expires, row.Subject, payloads.Describe(tenant, row.Id.Place, Number, row.Description));

    // One damaged row must not take the whole list with it.
    private KeptFile? OpenOrSkip(string tenant, KeptRow row)
    {
        try
        {
            return Open(tenant, row);
        }
        catch (UnreadablePayloadException error)
        {
            logger.LogError("{File} is left out of the list: {Reason}", row.Id, error.Message);
            return null;
        }
    }

    private AuditEvent Event(string action, Caller caller, KeptFile file) => Event(action, caller, file.Id, file.Subject, file.Stored.Sha256);

    private AuditEvent Event(string action, Caller caller, FileId id, byte[]? subject, byte[]? digest) => new()
    {
        Action = action,
        Job = id.Place,
        Tenant = caller.Tenant,
        Actor = caller.Actor,
        Address = caller.Address,
        Subject = subject,
        // Nobody says what a file holds, so the strictest is assumed.
        Data = DataClass.Phi,
        Purpose = AuditPurpose,
        Node = node(),
        Outcome = "succeeded",
        Payload = digest is null ? null : vault.Mac(caller.Tenant, "digest of a kept file", digest),
    };
}
