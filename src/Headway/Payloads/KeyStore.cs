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

    public byte[]? MasterKeyProof() => database.Read(ProofInAsync);

    /// <summary>Keeps the proof unless there is one; gives the one that is kept.</summary>
    public Task<byte[]> KeepMasterKeyProofAsync(byte[] proof) => database.WriteAsync(new Keeping<byte[]>(async session =>
    {
        session.Use(KeepProof).Bind(1, proof).Send();
        return (await ProofInAsync(session).ConfigureAwait(false))!;
    }));

    public byte[]? TenantKey(string tenant) => database.Read(session => TenantKeyInAsync(session, tenant));

    /// <summary>Adds the key unless the tenant has one; gives the one it has.</summary>
    public Task<byte[]> AddTenantKeyAsync(string tenant, byte[] wrapped) => database.WriteAsync(new Keeping<byte[]>(async session =>
    {
        session.Use(AddTenant).Bind(1, tenant).Bind(2, wrapped).Bind(3, database.Now).Send();
        return (await TenantKeyInAsync(session, tenant).ConfigureAwait(false))!;
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
