using Headway.Storage;

namespace Headway.Payloads;

/// <summary>The wrapped keys as they lie in the database. Unwraps nothing.</summary>
internal sealed class KeyStore(Database database)
{
    private static readonly Sql ReadProof = Sql.At("Payloads/Storage/ReadMasterKeyProof");
    private static readonly Sql KeepProof = Sql.At("Payloads/Storage/KeepMasterKeyProof");
    private static readonly Sql FindTenant = Sql.At("Payloads/Storage/FindTenantKey");
    private static readonly Sql AddTenant = Sql.At("Payloads/Storage/AddTenantKey");
    private static readonly Sql Newest = Sql.At("Payloads/Storage/NewestDataKey");
    private static readonly Sql Find = Sql.At("Payloads/Storage/FindDataKey");
    private static readonly Sql Add = Sql.At("Payloads/Storage/AddDataKey");
    private static readonly Sql Note = Sql.At("Payloads/Storage/NoteUses");

    private static readonly Sql FindDestroyed = Sql.At("Payloads/Storage/FindDestroyedKey");
    private static readonly Sql DestroyedFrom = Sql.At("Payloads/Storage/DestroyedSince");
    private static readonly Sql Hold = Sql.At("Payloads/Storage/HoldDataKey");
    private static readonly Sql OfSubject = Sql.At("Payloads/Storage/KeysOfSubject");
    private static readonly Sql NoteDestroyed = Sql.At("Payloads/Storage/NoteDestroyedKey");
    private static readonly Sql Overwrite = Sql.At("Payloads/Storage/OverwriteDataKey");
    private static readonly Sql Delete = Sql.At("Payloads/Storage/DeleteDataKey");

    public byte[]? MasterKeyProof() => database.Read(ProofInAsync);

    /// <summary>Keeps the proof unless there is one; gives the one that is kept.</summary>
    public Task<byte[]> KeepMasterKeyProofAsync(byte[] proof) => database.WriteAsync(new Keeping<byte[]>(async session =>
    {
        session.Use(KeepProof).Bind(1, proof).Send();
        return (await ProofInAsync(session).ConfigureAwait(false))!;
    }));

    public byte[]? TenantKey(string tenant) => database.Read(session => TenantKeyInAsync(session, tenant));

    /// <summary>Adds the key unless the tenant has one; gives the one it has. Null: it was wrapped with a master key that is not in force any more.</summary>
    /// <param name="proof">Of the master key that it is wrapped with.</param>
    public Task<byte[]?> AddTenantKeyAsync(string tenant, byte[] wrapped, byte[] proof) => database.WriteAsync(new Keeping<byte[]?>(session =>
    {
        session.Use(AddTenant).Bind(1, tenant).Bind(2, wrapped).Bind(3, database.Now).Bind(4, proof).Send();
        return TenantKeyInAsync(session, tenant);
    }));

    /// <summary>The key with which new payloads are sealed; null: there is none yet.</summary>
    public WrappedDataKey? NewestDataKey(string tenant, byte[] subjectMac) => database.Read(session => NewestInAsync(session, tenant, subjectMac));

    public WrappedDataKey? DataKey(string tenant, long id) => database.Read(async session =>
    {
        using var statement = session.Use(Find).Bind(1, id).Bind(2, tenant);
        return await ReadAsync(statement).ConfigureAwait(false);
    });

    /// <summary>Adds the key unless its generation exists; gives the newest there is.</summary>
    public Task<WrappedDataKey> AddDataKeyAsync(string tenant, byte[] subjectMac, int generation, byte[] wrapped) => database.WriteAsync(new Keeping<WrappedDataKey>(async session =>
    {
        session.Use(Add).Bind(1, tenant).Bind(2, subjectMac).Bind(3, generation).Bind(4, wrapped).Bind(5, database.Now).Send();
        return (await NewestInAsync(session, tenant, subjectMac).ConfigureAwait(false))!;
    }));

    /// <summary>
    /// Within the write that keeps something sealed for a subject: refuses it if the key was destroyed meanwhile, perhaps on another node, and keeps the key until that write
    /// is on disk. So whoever destroys it has seen what was kept under it, and nothing is kept under one that is gone.
    /// </summary>
    /// <exception cref="StorageException">`storage-unavailable`: the subject was erased at the same moment. Asked again, it has another key.</exception>
    public static async ValueTask HoldAsync(Session session, long key)
    {
        using var held = session.Use(Hold).Bind(1, key);
        if (!await held.StepAsync().ConfigureAwait(false)) throw new StorageException("storage-unavailable", "What is kept of the subject was erased at the same moment. Ask again: it is then kept under another key.");
    }

    /// <summary>All keys of a subject, within the write that erases it: nobody keeps anything under them from then on. Before that write looks whether anything is kept.</summary>
    public static async ValueTask<IReadOnlyList<long>> LockAsync(Session session, string tenant, byte[] subjectMac)
    {
        var ids = new List<long>();
        using var keys = session.Use(OfSubject).Bind(1, tenant).Bind(2, subjectMac);
        while (await keys.StepAsync().ConfigureAwait(false)) ids.Add(keys.Int64(0));
        return ids;
    }

    /// <summary>Destroys keys, within the write that has locked them.</summary>
    public static void Destroy(Session session, string tenant, IReadOnlyList<long> ids, long now)
    {
        foreach (var id in ids)
        {
            session.Use(NoteDestroyed).Bind(1, id).Bind(2, tenant).Bind(3, now).Send();
            session.Use(Overwrite).Bind(1, new byte[WrappingKey.WrappedLength]).Bind(2, id).Send();
            session.Use(Delete).Bind(1, id).Send();
        }
    }

    public bool IsDestroyed(string tenant, long id) => database.Read(async session =>
    {
        using var find = session.Use(FindDestroyed).Bind(1, id).Bind(2, tenant);
        return await find.StepAsync().ConfigureAwait(false);
    });

    /// <summary>Keys that were destroyed at this time or later, in milliseconds since 1970.</summary>
    public ValueTask<IReadOnlyList<long>> DestroyedSinceAsync(long at) => database.ReadAsync<IReadOnlyList<long>>(async session =>
    {
        var ids = new List<long>();
        using var since = session.Use(DestroyedFrom).Bind(1, at);
        while (await since.StepAsync().ConfigureAwait(false)) ids.Add(since.Int64(0));
        return ids;
    });

    /// <summary>Adds to the uses of a key; gives their sum.</summary>
    public Task<long> NoteUsesAsync(long id, int uses) => database.WriteAsync(new Keeping<long>(async session =>
    {
        using var statement = session.Use(Note).Bind(1, uses).Bind(2, id);
        return await statement.StepAsync().ConfigureAwait(false) ? statement.Int64(0) : 0;
    }));

    private static async ValueTask<byte[]?> ProofInAsync(Session session)
    {
        using var statement = session.Use(ReadProof);
        return await statement.StepAsync().ConfigureAwait(false) ? statement.Blob(0) : null;
    }

    private static async ValueTask<byte[]?> TenantKeyInAsync(Session session, string tenant)
    {
        using var statement = session.Use(FindTenant).Bind(1, tenant);
        return await statement.StepAsync().ConfigureAwait(false) ? statement.Blob(0) : null;
    }

    private static async ValueTask<WrappedDataKey?> NewestInAsync(Session session, string tenant, byte[] subjectMac)
    {
        using var statement = session.Use(Newest).Bind(1, tenant).Bind(2, subjectMac);
        return await ReadAsync(statement).ConfigureAwait(false);
    }

    private static async ValueTask<WrappedDataKey?> ReadAsync(Statement statement) => await statement.StepAsync().ConfigureAwait(false)
        ? new WrappedDataKey(statement.Int64(0), statement.Blob(1)!, statement.Int32(2), statement.Blob(3)!, statement.Int64(4))
        : null;

    private sealed class Keeping<T>(Func<Session, ValueTask<T>> apply) : Write<T>
    {
        protected override ValueTask<T> ApplyAsync(Session session) => apply(session);
    }
}

/// <param name="SubjectMac">Empty for the key of payloads without a subject.</param>
internal sealed record WrappedDataKey(long Id, byte[] SubjectMac, int Generation, byte[] Wrapped, long Uses);
