using System.Security.Cryptography;

namespace Headway.Payloads;

/// <summary>
/// A 256-bit AES-GCM key that many threads use at once. <see cref="AesGcm"/> keeps one native cipher context per instance and sets the
/// nonce on it, so an instance must never be in two hands (with OpenSSL two threads would mix their nonces). Making one costs more
/// than sealing 1 KB; so each key keeps a few idle ones, and a thread takes one out for the length of a call.
/// </summary>
/// <remarks>Ciphers of a key that falls out of the cache are freed by the finalizers of their handles.</remarks>
internal sealed class GcmKey(byte[] key)
{
    public const int Length = 32;

    // More idle ciphers than threads that can run at once would never be used.
    private static readonly int Slots = Math.Min(Environment.ProcessorCount, 16);
    private readonly AesGcm?[] _idle = new AesGcm?[Slots];

    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        var cipher = Take();
        cipher.Encrypt(nonce, plain, ciphertext, tag, associatedData);
        Return(cipher);
    }

    /// <summary>Throws <see cref="AuthenticationTagMismatchException"/> when anything differs from what was sealed.</summary>
    public void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> associatedData)
    {
        var cipher = Take();
        try
        {
            cipher.Decrypt(nonce, ciphertext, tag, plain, associatedData);
        }
        finally
        {
            Return(cipher);
        }
    }

    private static int Home => Environment.CurrentManagedThreadId % Slots;

    // Threads may share a home: the one that comes second looks further before it makes a cipher.
    private AesGcm Take()
    {
        for (var i = 0; i < Slots; i++)
        {
            ref var slot = ref _idle[(Home + i) % Slots];
            if (Volatile.Read(ref slot) is not null && Interlocked.Exchange(ref slot, null) is { } cipher) return cipher;
        }
        return new AesGcm(key, Envelope.TagLength);
    }

    private void Return(AesGcm cipher)
    {
        for (var i = 0; i < Slots; i++)
        {
            ref var slot = ref _idle[(Home + i) % Slots];
            if (Volatile.Read(ref slot) is null && Interlocked.CompareExchange(ref slot, cipher, null) is null) return;
        }
        cipher.Dispose();
    }
}
