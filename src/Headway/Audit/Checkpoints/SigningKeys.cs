using System.Security.Cryptography;
using Headway.Audit.Chain;
using Headway.Storage;

namespace Headway.Audit.Checkpoints;

/// <summary>Seals the private half of a key that signs, and opens it: what the vault does, which this room does not know.</summary>
/// <param name="Open">Null: it was not sealed here, or the master key is another.</param>
internal sealed record KeySeal(Func<JobId, byte[], Task<byte[]>> Seal, Func<JobId, byte[], byte[]?> Open);

/// <summary>The keys that sign checkpoints: ECDSA on P-256, made with the first checkpoint of a database and shared by all its nodes.</summary>
/// <remarks>
/// A public key counts only if its private half opens with this database's own keys and belongs to it. So whoever can write the database, and does not have
/// the master key, can put no key there that anything is believed by.
/// </remarks>
internal sealed class SigningKeys(Database database, KeySeal seal) : IDisposable
{
    private static readonly Sql FindKeys = Sql.At("Audit/Checkpoints/FindKeys");

    private readonly Dictionary<JobId, ECDsa> _known = [];
    private readonly SemaphoreSlim _gate = new(1);
    private SigningKey? _newest;

    /// <summary>The key that signs now.</summary>
    public async Task<SigningKey> NewestAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            return _newest ??= await FindOrMakeAsync().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Whether the words were signed by a key of this database.</summary>
    public async ValueTask<bool> VerifyAsync(JobId key, byte[] words, byte[] signature)
    {
        var known = await KnownAsync(key).ConfigureAwait(false);
        return known?.VerifyData(words, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) ?? false;
    }

    private async Task<SigningKey> FindOrMakeAsync()
    {
        if (await FindAsync().ConfigureAwait(false) is { } found) return found;
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = JobId.New(database.Time.GetUtcNow());
        var key = new SealedKey(id, id, made.ExportSubjectPublicKeyInfo(), await seal.Seal(id, made.ExportPkcs8PrivateKey()).ConfigureAwait(false));
        // Of nodes that start together one is first; the others take its key.
        await database.WriteAsync(new AddSigningKey(key, database.Now)).ConfigureAwait(false);
        return await FindAsync().ConfigureAwait(false) ?? throw new StorageException("storage-corrupt", "No key of audit_keys opens with this master key: the checkpoints of this database cannot be signed. Restore the table from a backup.");
    }

    private async ValueTask<SigningKey?> FindAsync()
    {
        foreach (var key in await database.ReadAsync(ReadAsync).ConfigureAwait(false))
        {
            if (Opened(key) is { } opened) return new SigningKey(key.Id, key.Chain, opened);
        }
        return null;
    }

    private async ValueTask<ECDsa?> KnownAsync(JobId id)
    {
        lock (_known)
        {
            if (_known.TryGetValue(id, out var known)) return known;
        }
        foreach (var key in await database.ReadAsync(ReadAsync).ConfigureAwait(false))
        {
            if (key.Id == id) return Opened(key);
        }
        return null;
    }

    private ECDsa? Opened(SealedKey key)
    {
        lock (_known)
        {
            if (_known.TryGetValue(key.Id, out var known)) return known;
            if (seal.Open(key.Id, key.Sealed) is not { } pkcs8) return null;
            var opened = ECDsa.Create();
            opened.ImportPkcs8PrivateKey(pkcs8, out _);
            CryptographicOperations.ZeroMemory(pkcs8);
            return _known[key.Id] = opened;
        }
    }

    private static async ValueTask<List<SealedKey>> ReadAsync(Session session)
    {
        var keys = new List<SealedKey>();
        using var find = session.Use(FindKeys);
        while (await find.StepAsync().ConfigureAwait(false)) keys.Add(new SealedKey(find.JobId(0), find.JobId(1), find.Blob(2)!, find.Blob(3)!));
        return keys;
    }

    public void Dispose()
    {
        foreach (var key in _known.Values) key.Dispose();
        _gate.Dispose();
    }
}

/// <summary>A key as it lies in the database.</summary>
internal sealed record SealedKey(JobId Id, JobId Chain, byte[] Public, byte[] Sealed);

/// <summary>A key that signs.</summary>
internal sealed record SigningKey(JobId Id, JobId Chain, ECDsa Pair)
{
    /// <summary>For whoever checks signatures: SubjectPublicKeyInfo in PEM.</summary>
    public string PublicPem => Pair.ExportSubjectPublicKeyInfoPem();

    public byte[] Sign(byte[] words) => Pair.SignData(words, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
}

/// <summary>Adds the first key, unless another node has added one.</summary>
internal sealed class AddSigningKey(SealedKey key, long now) : Write<bool>
{
    private static readonly Sql FindKeys = Sql.At("Audit/Checkpoints/FindKeys");
    private static readonly Sql Add = Sql.At("Audit/Checkpoints/AddKey");

    internal override IReadOnlyList<Claim> Claims => [ChainHead.Claim];

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        using var find = session.Use(FindKeys);
        if (await find.StepAsync().ConfigureAwait(false)) return false;
        session.Use(Add).Bind(1, key.Id).Bind(2, key.Chain).Bind(3, key.Public).Bind(4, key.Sealed).Bind(5, now).Send();
        return true;
    }
}
