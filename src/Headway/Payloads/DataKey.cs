using System.Security.Cryptography;

namespace Headway.Payloads;

/// <summary>
/// The key under which the payloads of one tenant, or of one subject of that tenant, are sealed. Safe for any number of threads.
/// Get it from <see cref="Vault.KeyAsync"/> for each job: that is where a key that was used often enough is replaced by its successor.
/// </summary>
internal sealed class DataKey(long id, string tenant, GcmKey key)
{
    /// <summary>
    /// Uses after which a key seals nothing new. Half of the 2^32 random nonces that are allowed under one key: the count is an estimate
    /// (see <see cref="UsesPerNote"/>), and payloads already under way may still be sealed with the old key.
    /// </summary>
    public const long Retirement = 1L << 31;

    /// <summary>
    /// Uses are noted in the database once per this many, and the first count after loading starts at a random point of it. So a key
    /// that is loaded often and used seldom is counted right in the mean, and no use costs a write of its own.
    /// </summary>
    public const int UsesPerNote = 1 << 16;

    private int _sinceNote = RandomNumberGenerator.GetInt32(UsesPerNote);

    public long Id => id;
    public string Tenant => tenant;

    /// <summary>Whether the database should hear of <see cref="UsesPerNote"/> more uses.</summary>
    public bool IsNoteDue => Volatile.Read(ref _sinceNote) >= UsesPerNote;

    /// <param name="position">Where the payload stands among its like (event, step, chunk); 0 where a job has only one of the kind.</param>
    public byte[] Seal(PayloadKind kind, JobId job, ReadOnlySpan<byte> plain, long position = 0)
    {
        var sealedPayload = GC.AllocateUninitializedArray<byte>(plain.Length + Envelope.Overhead);
        Seal(kind, job, plain, position, sealedPayload);
        return sealedPayload;
    }

    /// <summary>Seals into the caller's buffer; gives the sealed length (<see cref="Envelope.Overhead"/> more than the plain one).</summary>
    public int Seal(PayloadKind kind, JobId job, ReadOnlySpan<byte> plain, long position, Span<byte> target)
    {
        Interlocked.Increment(ref _sinceNote);
        Span<byte> associated = stackalloc byte[Envelope.LongestAssociatedData];
        var length = Envelope.WriteAssociatedData(associated, id, kind, job, position, tenant);
        Envelope.WriteHeader(target, id);
        var nonce = target.Slice(Envelope.NonceOffset, Envelope.NonceLength);
        Nonces.Fill(nonce);
        var ciphertext = target.Slice(Envelope.CiphertextOffset, plain.Length);
        var tag = target.Slice(Envelope.CiphertextOffset + plain.Length, Envelope.TagLength);
        key.Encrypt(nonce, plain, ciphertext, tag, associated[..length]);
        return plain.Length + Envelope.Overhead;
    }

    public byte[] Unseal(PayloadKind kind, JobId job, ReadOnlySpan<byte> sealedPayload, long position = 0)
    {
        if (sealedPayload.Length < Envelope.Overhead) throw UnreadablePayloadException.Cut(sealedPayload.Length);
        var plain = GC.AllocateUninitializedArray<byte>(sealedPayload.Length - Envelope.Overhead);
        Unseal(kind, job, sealedPayload, position, plain);
        return plain;
    }

    /// <summary>Opens into the caller's buffer; gives the plain length.</summary>
    public int Unseal(PayloadKind kind, JobId job, ReadOnlySpan<byte> sealedPayload, long position, Span<byte> target)
    {
        if (Envelope.ReadKeyId(sealedPayload) != id) throw UnreadablePayloadException.UnknownKey(Envelope.ReadKeyId(sealedPayload));
        Span<byte> associated = stackalloc byte[Envelope.LongestAssociatedData];
        var associatedLength = Envelope.WriteAssociatedData(associated, id, kind, job, position, tenant);
        var length = sealedPayload.Length - Envelope.Overhead;
        // Longer than anything that was sealed into this place.
        if (length > target.Length) throw UnreadablePayloadException.Altered(kind, job, null);
        try
        {
            key.Decrypt(
                sealedPayload.Slice(Envelope.NonceOffset, Envelope.NonceLength),
                sealedPayload.Slice(Envelope.CiphertextOffset, length),
                sealedPayload[^Envelope.TagLength..],
                target[..length],
                associated[..associatedLength]);
        }
        catch (AuthenticationTagMismatchException cause)
        {
            throw UnreadablePayloadException.Altered(kind, job, cause);
        }
        return length;
    }

    /// <summary>Takes one note's worth of uses off the count; true for the one caller who is to write it down.</summary>
    public bool TryTakeNote()
    {
        var count = Volatile.Read(ref _sinceNote);
        return count >= UsesPerNote && Interlocked.CompareExchange(ref _sinceNote, count - UsesPerNote, count) == count;
    }
}
