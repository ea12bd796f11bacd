using System.Buffers.Binary;
using System.Text;

namespace Headway.Payloads;

/// <summary>
/// The sealed form of a payload: `version (1) | key id (8, big-endian) | nonce (12) | ciphertext | tag (16)`.
/// The version and key id are authenticated too, together with what the payload is (see <see cref="WriteAssociatedData"/>).
/// </summary>
internal static class Envelope
{
    public const byte Version = 1;
    public const int NonceLength = 12;
    public const int TagLength = 16;

    /// <summary>Bytes a sealed payload is longer than the plain one.</summary>
    public const int Overhead = NonceOffset + NonceLength + TagLength;

    public const int NonceOffset = KeyIdOffset + sizeof(long);
    public const int CiphertextOffset = NonceOffset + NonceLength;
    private const int KeyIdOffset = 1;

    /// <summary>A tenant's name in UTF-8; longer ones are refused where tenants are made and here.</summary>
    public const int LongestTenant = 256;

    public const int LongestAssociatedData = FixedAssociatedData + LongestTenant;
    private const int FixedAssociatedData = NonceOffset + 1 + 16 + sizeof(long);

    public static void WriteHeader(Span<byte> sealedPayload, long keyId)
    {
        sealedPayload[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(sealedPayload[KeyIdOffset..], keyId);
    }

    /// <summary>The id of the key the payload was sealed with; throws when the bytes cannot be an envelope of ours.</summary>
    public static long ReadKeyId(ReadOnlySpan<byte> sealedPayload)
    {
        if (sealedPayload.Length < Overhead) throw UnreadablePayloadException.Cut(sealedPayload.Length);
        if (sealedPayload[0] != Version) throw UnreadablePayloadException.UnknownVersion(sealedPayload[0]);
        return BinaryPrimitives.ReadInt64BigEndian(sealedPayload[KeyIdOffset..]);
    }

    /// <summary>
    /// `version | key id | kind | job | position | tenant`. Everything before the tenant has a fixed length, so no two different
    /// payloads share associated data.
    /// </summary>
    /// <param name="position">Where the payload stands among its like (chunk, event, step); 0 where there is only one.</param>
    public static int WriteAssociatedData(Span<byte> target, long keyId, PayloadKind kind, JobId job, long position, string tenant)
    {
        WriteHeader(target, keyId);
        target[NonceOffset] = (byte)kind;
        job.Value.TryWriteBytes(target[(NonceOffset + 1)..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(target[(NonceOffset + 17)..], position);
        if (!Encoding.UTF8.TryGetBytes(tenant, target[FixedAssociatedData..], out var written))
            throw new ArgumentException($"A tenant's name is at most {LongestTenant} bytes of UTF-8.", nameof(tenant));
        return FixedAssociatedData + written;
    }
}
