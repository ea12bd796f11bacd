using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Payloads;

/// <summary>
/// Seals what callers send and what they get back. A random data key per (tenant, subject) seals payloads; the tenant's key wraps the data
/// keys; the master key wraps the tenants' keys. Any number of vaults may share a database: they agree on the keys.
/// </summary>
internal sealed class Vault
{
    /// <summary>Data keys kept unwrapped, by subject and again by id: some 500 bytes each, native cipher included.</summary>
    private const int KeysKept = 20_000;

    private readonly KeyStore _store;
    private readonly IReadOnlyList<MasterKey> _masters;
    private readonly ConcurrentDictionary<string, TenantKey> _tenants = new(StringComparer.Ordinal);
    private readonly RecentlyUsed<(string Tenant, string Subject), DataKey> _bySubject = new(KeysKept);
    private readonly RecentlyUsed<(string Tenant, long Id), DataKey> _byId = new(KeysKept);

    private volatile MasterKey _master;

    private Vault(KeyStore store, IReadOnlyList<MasterKey> masters, MasterKey master) => (_store, _masters, _master) = (store, masters, master);

    /// <summary>Opens the vault of a database; on a new database the master key given here becomes its own for good.</summary>
    /// <exception cref="MasterKeyException">The master key is missing, malformed, open to others, or not the one of this database.</exception>
    public static async Task<Vault> OpenAsync(Database database, MasterKeySource source, ILogger logger)
    {
        var store = new KeyStore(database);
        var known = store.MasterKeyProof();
        var masters = source.Find(databaseIsSealed: known is not null, logger);
        var kept = known ?? await store.KeepMasterKeyProofAsync(masters[0].Proof).ConfigureAwait(false);
        if (MasterKey.Of(kept, masters) is not { } master)
        {
            throw new MasterKeyException(
                $"The master key from {masters[0].Source} is not the one this database was sealed with. Give the right one in {MasterKey.Variable} or as {source.KeyFile}; without it nothing in the database can be read.");
        }
        source.Settle(master);
        var vault = new Vault(store, masters, master);
        await vault.ReadyAsync("default").ConfigureAwait(false);
        return vault;
    }

    /// <summary>Makes sure that the tenant has a key, so that <see cref="SubjectMac"/> and <see cref="Mac"/> can answer. <see cref="KeyAsync"/> does it too.</summary>
    public async ValueTask ReadyAsync(string tenant) => await TenantAsync(tenant).ConfigureAwait(false);

    /// <summary>The key to seal new payloads with. Durable when this returns; ask again for each job (see <see cref="DataKey"/>).</summary>
    /// <param name="subject">Null: the payloads belong to no subject, and share the tenant's common key.</param>
    public ValueTask<DataKey> KeyAsync(string tenant, string? subject, CancellationToken stop)
    {
        if (_tenants.TryGetValue(tenant, out var known) && Cached(known, subject) is { IsNoteDue: false } key) return ValueTask.FromResult(key);
        return new ValueTask<DataKey>(FindOrMakeAsync(tenant, subject, stop));
    }

    /// <summary>16 bytes by which a subject is found again and called in audit events; says nothing about it without the tenant's key.</summary>
    public byte[] SubjectMac(string tenant, string subject) => Tenant(tenant).SubjectMac(subject);

    /// <summary>16 bytes by which data is recognised, under a key of its own for each purpose.</summary>
    /// <param name="purpose">A constant, such as `idempotency key`.</param>
    public byte[] Mac(string tenant, string purpose, ReadOnlySpan<byte> data) => Tenant(tenant).Mac(purpose, data);

    /// <summary>Opens what a <see cref="DataKey"/> has sealed, with whichever key its envelope names.</summary>
    /// <exception cref="UnreadablePayloadException">Cut, altered, sealed for something else, or the key is gone.</exception>
    public byte[] Open(string tenant, PayloadKind kind, JobId job, ReadOnlySpan<byte> sealedPayload, long position = 0) =>
        KeyOf(tenant, Envelope.ReadKeyId(sealedPayload)).Unseal(kind, job, sealedPayload, position);

    /// <summary>Opens into the caller's buffer; gives the plain length.</summary>
    public int Open(string tenant, PayloadKind kind, JobId job, ReadOnlySpan<byte> sealedPayload, long position, Span<byte> target) =>
        KeyOf(tenant, Envelope.ReadKeyId(sealedPayload)).Unseal(kind, job, sealedPayload, position, target);

    /// <summary>The same; null where the key was destroyed, because its subject was erased.</summary>
    public byte[]? OpenUnlessErased(string tenant, PayloadKind kind, JobId job, ReadOnlySpan<byte> sealedPayload)
    {
        try
        {
            return Open(tenant, kind, job, sealedPayload);
        }
        catch (UnreadablePayloadException gone) when (gone.Reason is UnreadableReason.Erased)
        {
            return null;
        }
    }

    /// <summary>Nothing is opened or sealed any more with keys that were destroyed.</summary>
    public void Forget(IReadOnlyCollection<long> destroyed)
    {
        _bySubject.RemoveWhere(key => destroyed.Contains(key.Id));
        _byId.RemoveWhere(key => destroyed.Contains(key.Id));
    }

    private DataKey KeyOf(string tenant, long id)
    {
        if (_byId.TryGet((tenant, id), out var key)) return key;
        var wrapped = _store.DataKey(tenant, id) ?? throw (_store.IsDestroyed(tenant, id) ? UnreadablePayloadException.Erased(id) : UnreadablePayloadException.UnknownKey(id));
        key = Unwrap(Tenant(tenant), wrapped);
        _byId.Set((tenant, id), key);
        return key;
    }

    private DataKey? Cached(TenantKey tenant, string? subject)
    {
        if (subject is null) return tenant.WithoutSubject;
        return _bySubject.TryGet((tenant.Tenant, subject), out var key) ? key : null;
    }

    private async Task<DataKey> FindOrMakeAsync(string tenantName, string? subject, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var tenant = await TenantAsync(tenantName).ConfigureAwait(false);
        var key = Cached(tenant, subject);
        if (key is not null && !key.TryTakeNote()) return key;

        var uses = key is null ? 0 : await _store.NoteUsesAsync(key.Id, DataKey.UsesPerNote).ConfigureAwait(false);
        // One that is not there any more was destroyed.
        if (key is not null && uses is > 0 and < DataKey.Retirement) return key;

        var mac = subject is null ? [] : tenant.SubjectMac(subject);
        var newest = _store.NewestDataKey(tenantName, mac);
        if (newest is null || newest.Uses >= DataKey.Retirement)
        {
            var generation = newest is null ? 0 : newest.Generation + 1;
            var wrapped = tenant.WrapDataKey(RandomNumberGenerator.GetBytes(GcmKey.Length), mac, generation);
            newest = await _store.AddDataKeyAsync(tenantName, mac, generation, wrapped).ConfigureAwait(false);
        }
        return Keep(tenant, subject, Unwrap(tenant, newest));
    }

    private DataKey Keep(TenantKey tenant, string? subject, DataKey key)
    {
        if (subject is null) tenant.WithoutSubject = key;
        else _bySubject.Set((tenant.Tenant, subject), key);
        _byId.Set((tenant.Tenant, key.Id), key);
        return key;
    }

    private static DataKey Unwrap(TenantKey tenant, WrappedDataKey wrapped) =>
        new(wrapped.Id, tenant.Tenant, new GcmKey(tenant.UnwrapDataKey(wrapped.Wrapped, wrapped.Id, wrapped.SubjectMac, wrapped.Generation)));

    private TenantKey Tenant(string tenant)
    {
        if (_tenants.TryGetValue(tenant, out var key)) return key;
        var wrapped = _store.TenantKey(tenant) ?? throw new InvalidOperationException($"The tenant has no key yet: {nameof(ReadyAsync)} or {nameof(KeyAsync)} comes first.");
        return Keep(tenant, wrapped);
    }

    private async ValueTask<TenantKey> TenantAsync(string tenant)
    {
        if (_tenants.TryGetValue(tenant, out var key)) return key;
        var wrapped = _store.TenantKey(tenant);
        while (wrapped is null)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(tenant), Envelope.LongestTenant, nameof(tenant));
            var master = _master;
            var made = master.Wrapping.Wrap(RandomNumberGenerator.GetBytes(GcmKey.Length), Encoding.UTF8.GetBytes(tenant));
            wrapped = await _store.AddTenantKeyAsync(tenant, made, master.Proof).ConfigureAwait(false);
            if (wrapped is null) LookForMaster();
        }
        return Keep(tenant, wrapped);
    }

    private TenantKey Keep(string tenant, byte[] wrapped)
    {
        try
        {
            return Keep(tenant, wrapped, _master);
        }
        catch (UnreadablePayloadException)
        {
            LookForMaster();
            // Read anew: it may have been rewrapped between the two looks, or before.
            return Keep(tenant, _store.TenantKey(tenant)!, _master);
        }
    }

    private TenantKey Keep(string tenant, byte[] wrapped, MasterKey master) =>
        _tenants.GetOrAdd(tenant, new TenantKey(tenant, master.Wrapping.Unwrap(wrapped, Encoding.UTF8.GetBytes(tenant), $"key of tenant {tenant}")));

    /// <summary>Somebody has put another master key in force. Keys of tenants that are known here stay what they are: only their wrapping is another.</summary>
    private void LookForMaster() => _master = MasterKey.Of(_store.MasterKeyProof()!, _masters) ?? throw new StorageException("storage-rekeyed",
        $"The database has another master key than this node. Set it as {MasterKey.Variable} and start the node again.");
}
