using Headway.Audit;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Payloads.Files;

/// <summary>A kept file as it lies in the database, its description sealed.</summary>
internal sealed record KeptRow(FileId Id, FilePurpose Purpose, DateTimeOffset Created, DateTimeOffset? Expires, byte[]? Subject, byte[] Description);

/// <summary>The rows of kept files; what they describe lies in <see cref="FileStore"/>.</summary>
internal sealed class KeptFileStore(Database database)
{
    private static readonly Sql KeepFile = Sql.At("Payloads/Storage/KeepFile");
    private static readonly Sql KeptSize = Sql.At("Payloads/Storage/KeptSize");
    private static readonly Sql FindKept = Sql.At("Payloads/Storage/FindKeptFile");
    private static readonly Sql ListOldest = Sql.At("Payloads/Storage/ListOldestKept");
    private static readonly Sql ListNewest = Sql.At("Payloads/Storage/ListNewestKept");
    private static readonly Sql EndKept = Sql.At("Payloads/Storage/EndKeptFile");
    private static readonly Sql ExpiredKept = Sql.At("Payloads/Storage/ExpiredKeptFiles");
    private static readonly Sql DeleteKept = Sql.At("Payloads/Storage/DeleteKeptFile");

    public KeptRoom SizeOf(string tenant) => database.Read(session => SizeIn(session, tenant));

    /// <summary>Keeps what has come, with its event, if the tenant still has room. Durable when it completes.</summary>
    public Task<KeepVerdict> KeepAsync(string tenant, KeptFile file, KeptRoom room, AuditEvent entry) => database.WriteAsync(new Deed<KeepVerdict>(session =>
    {
        var size = SizeIn(session, tenant);
        if (size.Files >= room.Files || size.Bytes + file.Length > room.Bytes) return KeepVerdict.NoRoom;
        var kept = session.Use(KeepFile).Bind(1, file.Id.Place).Bind(2, tenant).Bind(3, file.Subject).Bind(4, (long)file.Purpose).Bind(5, file.Length)
            .Bind(6, file.Created.ToUnixTimeMilliseconds()).Bind(7, file.Expires?.ToUnixTimeMilliseconds()).Execute();
        if (kept == 0) return KeepVerdict.Pruned;
        AuditTrail.Append(session, entry, database.Now);
        return KeepVerdict.Kept;
    }));

    /// <summary>Null: there is none of the tenant, or none any more.</summary>
    public KeptRow? Find(string tenant, FileId id) => database.Read(session =>
    {
        using var find = session.Use(FindKept).Bind(1, id.Place).Bind(2, tenant).Bind(3, database.Now);
        return find.Step() ? Row(find) : null;
    });

    public List<KeptRow> List(string tenant, KeptFilter filter, int most) => database.Read(session =>
    {
        var rows = new List<KeptRow>();
        var after = filter.After ?? (filter.OldestFirst ? FileId.First : FileId.Last);
        using var list = session.Use(filter.OldestFirst ? ListOldest : ListNewest)
            .Bind(1, tenant).Bind(2, after.Place).Bind(3, (long?)filter.Purpose).Bind(4, database.Now).Bind(5, (long)most);
        while (list.Step()) rows.Add(Row(list));
        return rows;
    });

    /// <summary>Ends a file, with its event: nobody sees it any more. False: there was none.</summary>
    public Task<bool> EndAsync(string tenant, FileId id, AuditEvent entry) => database.WriteAsync(new Deed<bool>(session =>
    {
        if (session.Use(EndKept).Bind(1, id.Place).Bind(2, tenant).Bind(3, database.Now).Execute() == 0) return false;
        AuditTrail.Append(session, entry, database.Now);
        return true;
    }));

    public List<FileId> Expired(DateTimeOffset now, int most) => database.Read(session =>
    {
        var ids = new List<FileId>();
        using var expired = session.Use(ExpiredKept).Bind(1, now.ToUnixTimeMilliseconds()).Bind(2, (long)most);
        while (expired.Step()) ids.Add(new FileId(expired.JobId(0).Value));
        return ids;
    });

    /// <summary>Deletes the row of one that has expired.</summary>
    public Task<int> DeleteAsync(FileId id, DateTimeOffset now) =>
        database.WriteAsync(new Deed<int>(session => session.Use(DeleteKept).Bind(1, id.Place).Bind(2, now.ToUnixTimeMilliseconds()).Execute()));

    private static KeptRoom SizeIn(SqliteSession session, string tenant)
    {
        using var size = session.Use(KeptSize).Bind(1, tenant);
        return size.Step() ? new KeptRoom(size.Int64(0), size.Int64(1)) : default;
    }

    private static KeptRow Row(SqliteStatement row) =>
        new(new FileId(row.JobId(0).Value), (FilePurpose)row.Int64(1), row.Time(2), row.TimeOrNull(3), row.Blob(4), row.Blob(5)!);
}

internal enum KeepVerdict
{
    Kept,
    NoRoom,

    /// <summary>The upload lasted so long that it was taken for one that died.</summary>
    Pruned,
}
