using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Headway.Payloads;

/// <summary>A tenant's key, unwrapped: it wraps the tenant's data keys and keys the macs of what must be found again without being stored.</summary>
internal sealed class TenantKey
{
    public const int MacLength = 16;

    /// <summary>Purposes are constants in our own code; more would mean a caller's text was taken for one.</summary>
    private const int MostPurposes = 64;

    private readonly byte[] _root;
    private readonly WrappingKey _wrapping;
    private readonly byte[] _subjects;
    private readonly ConcurrentDictionary<string, byte[]> _purposes = new(StringComparer.Ordinal);
    private volatile DataKey? _withoutSubject;

    public TenantKey(string tenant, byte[] root)
    {
        Tenant = tenant;
        _root = root;
        _wrapping = new WrappingKey(Derive("headway wrap data keys"));
        _subjects = Derive("headway mac subjects");
    }

    public string Tenant { get; }

    /// <summary>The current key of payloads that have no subject: the one every other job uses, so it is kept nearest.</summary>
    public DataKey? WithoutSubject
    {
        get => _withoutSubject;
        set => _withoutSubject = value;
    }

    public byte[] SubjectMac(string subject) => Cut(_subjects, Encoding.UTF8.GetBytes(subject));

    public byte[] Mac(string purpose, ReadOnlySpan<byte> data)
    {
        if (!_purposes.TryGetValue(purpose, out var key))
        {
            if (_purposes.Count >= MostPurposes) throw new InvalidOperationException($"More than {MostPurposes} purposes: a purpose is a constant, never a caller's text.");
            key = _purposes.GetOrAdd(purpose, Derive("headway mac for " + purpose));
        }
        return Cut(key, data);
    }

    /// <param name="generation">0 for the first key of a subject, rising as keys retire.</param>
    public byte[] WrapDataKey(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> subjectMac, int generation) => _wrapping.Wrap(plain, Whose(subjectMac, generation));

    public byte[] UnwrapDataKey(ReadOnlySpan<byte> wrapped, long id, ReadOnlySpan<byte> subjectMac, int generation) =>
        _wrapping.Unwrap(wrapped, Whose(subjectMac, generation), $"data key {id} of tenant {Tenant}");

    private static byte[] Whose(ReadOnlySpan<byte> subjectMac, int generation)
    {
        var whose = new byte[sizeof(int) + subjectMac.Length];
        BinaryPrimitives.WriteInt32BigEndian(whose, generation);
        subjectMac.CopyTo(whose.AsSpan(sizeof(int)));
        return whose;
    }

    private static byte[] Cut(byte[] key, ReadOnlySpan<byte> data)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, data, whole);
        return whole[..MacLength].ToArray();
    }

    private byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _root, GcmKey.Length, info: Encoding.UTF8.GetBytes(purpose));
}
