using System.Security.Cryptography;

namespace Headway.Payloads;

/// <summary>
/// A key that seals other keys: `nonce (12) | ciphertext (32) | tag (16)`. Random nonces, of which 2^32 are allowed: a tenant would need four
/// thousand million subjects to come near.
/// </summary>
internal sealed class WrappingKey(byte[] key)
{
    public const int WrappedLength = Envelope.NonceLength + GcmKey.Length + Envelope.TagLength;
    private readonly GcmKey _key = new(key);

    /// <param name="whose">What the wrapped key is for; unwrapping under another name fails, so that rows cannot be exchanged.</param>
    public byte[] Wrap(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> whose)
    {
        var wrapped = new byte[WrappedLength];
        var nonce = wrapped.AsSpan(0, Envelope.NonceLength);
        Nonces.Fill(nonce);
        _key.Encrypt(nonce, plain, wrapped.AsSpan(Envelope.NonceLength, GcmKey.Length), wrapped.AsSpan(^Envelope.TagLength..), whose);
        return wrapped;
    }

    /// <param name="what">For the error text: "data key 7 of tenant x".</param>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> whose, string what)
    {
        if (wrapped.Length != WrappedLength) throw UnreadablePayloadException.Cut(wrapped.Length);
        var plain = new byte[GcmKey.Length];
        try
        {
            _key.Decrypt(
                wrapped[..Envelope.NonceLength], wrapped.Slice(Envelope.NonceLength, GcmKey.Length), wrapped[^Envelope.TagLength..], plain, whose);
        }
        catch (AuthenticationTagMismatchException cause)
        {
            throw UnreadablePayloadException.AlteredKey(what, cause);
        }
        return plain;
    }
}
