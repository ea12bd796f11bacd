using Headway.Audit;
using Headway.Payloads.Holds;
using Headway.Storage;

namespace Headway.Payloads.Files;

/// <summary>A kept file as it lies in the database, its description sealed.</summary>
internal sealed record KeptRow(FileId Id, FilePurpose Purpose, DateTimeOffset Created, DateTimeOffset? Expires, byte[]? Subject, byte[] Description);

/// <summary>The rows of kept files; what they describe lies in <see cref="FileStore"/>.</summary>
internal sealed class KeptFileStore(Database database)
{
    private static readonly Sql KeepFile = Sql.At("Payloads/Storage/KeepFile");
    private static readonly Sql FindByKey = Sql.At("Payloads/Storage/FindKeptByKey");
    private static readonly Sql FreeKey = Sql.At("Payloads/Storage/FreeKeptKey");
    private static readonly Sql KeptSize = Sql.At("Payloads/Storage/KeptSize");
    private static readonly Sql FindKept = Sql.At("Payloads/Storage/FindKeptFile");
    private static readonly Sql ListOldest = Sql.At("Payloads/Storage/ListOldestKept");
    private static readonly Sql ListNewest = Sql.At("Payloads/Storage/ListNewestKept");
    private static readonly Sql EndKept = Sql.At("Payloads/Storage/EndKeptFile");
    private static readonly Sql ExpiredKept = Sql.At("Payloads/Storage/ExpiredKeptFiles");
    private static readonly Sql OfSubjects = Sql.At("Payloads/Storage/KeptOfSubject");
    private static readonly Sql DeleteKept = Sql.At("Payloads/Storage/DeleteKeptFile");

    public KeptRoom SizeOf(string tenant) => database.Read(session => SizeInAsync(session, tenant));

    /// <summary>Keeps what has come, with its event, if the tenant still has room and its key leads to no other. Durable when it completes.</summary>
    /// <param name="sealing">The key of its subject that it is sealed with.</param>
    public Task<KeepVerdict> KeepAsync(string tenant, KeptFile file, UploadKey? key, long? sealing, KeptRoom room, AuditEvent entry) => database.WriteAsync(new Deed<KeepVerdict>(async session =>
    {
        if (key is not null && await FindInAsync(session, tenant, key).ConfigureAwait(false) is { } earlier) return earlier;
        if (sealing is { } held) await KeyStore.HoldAsync(session, held).ConfigureAwait(false);
        var size = await SizeInAsync(session, tenant).ConfigureAwait(false);
        if (size.Files >= room.Files || size.Bytes + file.Length > room.Bytes) return KeepVerdict.NoRoom;
        if (key is not null) session.Use(FreeKey).Bind(1, tenant).Bind(2, key.Key).Send();
        var kept = await session.Use(KeepFile).Bind(1, file.Id.Place).Bind(2, tenant).Bind(3, file.Subject).Bind(4, (long)file.Purpose).Bind(5, file.Length)
            .Bind(6, file.Created.ToUnixTimeMilliseconds()).Bind(7, file.Expires?.ToUnixTimeMilliseconds()).Bind(8, key?.Key).Bind(9, key?.Fingerprint).ExecuteAsync().ConfigureAwait(false);
        if (kept == 0) return KeepVerdict.Pruned;
        AuditTrail.Append(session, entry, database.Now);
        return KeepVerdict.Kept;
    })
    { Claimed = [new Claim("kept files of tenant", tenant, OnEveryNode: true)] });

    /// <summary>The file that a key leads to; null: none.</summary>
    public FileId? FindByKeyOf(string tenant, byte[] key) => database.Read(session => FindInAsync(session, tenant, new UploadKey(key, []))) is { File: var id } ? id : null;

    private async ValueTask<KeepVerdict?> FindInAsync(Session session, string tenant, UploadKey key)
    {
        using var find = session.Use(FindByKey).Bind(1, tenant).Bind(2, key.Key).Bind(3, database.Now - (long)UploadKey.Kept.TotalMilliseconds).Bind(4, database.Now);
        if (!await find.StepAsync().ConfigureAwait(false)) return null;
        return new KeepVerdict(find.Blob(1).AsSpan().SequenceEqual(key.Fingerprint) ? KeepEnd.Repeat : KeepEnd.OtherContent, new FileId(find.JobId(0).Value));
    }

    /// <summary>Null: there is none of the tenant, or none any more.</summary>
    public KeptRow? Find(string tenant, FileId id) => database.Read(async session =>
    {
        using var find = session.Use(FindKept).Bind(1, id.Place).Bind(2, tenant).Bind(3, database.Now);
        return await find.StepAsync().ConfigureAwait(false) ? Row(find) : null;
    });

    public List<KeptRow> List(string tenant, KeptFilter filter, int most) => database.Read(async session =>
    {
        var rows = new List<KeptRow>();
        var after = filter.After ?? (filter.OldestFirst ? FileId.First : FileId.Last);
        using var list = session.Use(filter.OldestFirst ? ListOldest : ListNewest)
            .Bind(1, tenant).Bind(2, after.Place).Bind(3, (long?)filter.Purpose).Bind(4, database.Now).Bind(5, (long)most);
        while (await list.StepAsync().ConfigureAwait(false)) rows.Add(Row(list));
        return rows;
    });

    /// <summary>Ends a file, with its event: nobody sees it any more.</summary>
    public Task<KeptEnd> EndAsync(string tenant, FileId id, AuditEvent entry) => database.WriteAsync(new Deed<KeptEnd>(async session =>
    {
        if (await LegalHolds.HoldsAsync(session, tenant, entry.Subject).ConfigureAwait(false)) return KeptEnd.Held;
        if (await session.Use(EndKept).Bind(1, id.Place).Bind(2, tenant).Bind(3, database.Now).ExecuteAsync().ConfigureAwait(false) == 0) return KeptEnd.Unknown;
        AuditTrail.Append(session, entry, database.Now);
        return KeptEnd.Gone;
    }));

    /// <summary>Some of the files of a subject that are still there.</summary>
    public List<FileId> OfSubject(string tenant, byte[] subject, int most) => database.Read(async session =>
    {
        var ids = new List<FileId>();
        using var of = session.Use(OfSubjects).Bind(1, tenant).Bind(2, subject).Bind(3, database.Now).Bind(4, (long)most);
        while (await of.StepAsync().ConfigureAwait(false)) ids.Add(new FileId(of.JobId(0).Value));
        return ids;
    });

    /// <summary>Whether a file of the subject is still there; within a write.</summary>
    public static async ValueTask<bool> AnyOfAsync(Session session, string tenant, byte[] subject, long now)
    {
        using var of = session.Use(OfSubjects).Bind(1, tenant).Bind(2, subject).Bind(3, now).Bind(4, 1L);
        return await of.StepAsync().ConfigureAwait(false);
    }

    public List<FileId> Expired(DateTimeOffset now, int most) => database.Read(async session =>
    {
        var ids = new List<FileId>();
        using var expired = session.Use(ExpiredKept).Bind(1, now.ToUnixTimeMilliseconds()).Bind(2, (long)most);
        while (await expired.StepAsync().ConfigureAwait(false)) ids.Add(new FileId(expired.JobId(0).Value));
        return ids;
    });

    /// <summary>Deletes the row of one that has expired.</summary>
    public Task<int> DeleteAsync(FileId id, DateTimeOffset now) =>
        database.WriteAsync(new Deed<int>(session => session.Use(DeleteKept).Bind(1, id.Place).Bind(2, now.ToUnixTimeMilliseconds()).ExecuteAsync()));

    private static async ValueTask<KeptRoom> SizeInAsync(Session session, string tenant)
    {
        using var size = session.Use(KeptSize).Bind(1, tenant);
        return await size.StepAsync().ConfigureAwait(false) ? new KeptRoom(size.Int64(0), size.Int64(1)) : default;
    }

    private static KeptRow Row(Statement row) =>
        new(new FileId(row.JobId(0).Value), (FilePurpose)row.Int64(1), row.Time(2), row.TimeOrNull(3), row.Blob(4), row.Blob(5)!);
}

/// <summary>The key of an upload, and what was sent under it; both as MACs.</summary>
internal sealed record UploadKey(byte[] Key, byte[] Fingerprint)
{
    /// <summary>Clients retry within minutes; a day covers those that retry over night.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);
}

/// <param name="File">The one that the key leads to already.</param>
internal readonly record struct KeepVerdict(KeepEnd End, FileId File = default)
{
    public static readonly KeepVerdict Kept = new(KeepEnd.Kept), NoRoom = new(KeepEnd.NoRoom), Pruned = new(KeepEnd.Pruned);
}

internal enum KeepEnd
{
    Kept,
    NoRoom,

    /// <summary>The upload lasted so long that it was taken for one that died.</summary>
    Pruned,

    /// <summary>It was kept before, under the same key.</summary>
    Repeat,

    /// <summary>Something else was kept before, under the same key.</summary>
    OtherContent,
}

/// <summary>What became of a file that was to end.</summary>
internal enum KeptEnd
{
    Gone,

    /// <summary>There was none.</summary>
    Unknown,

    /// <summary>Its subject is under a legal hold.</summary>
    Held,
}
