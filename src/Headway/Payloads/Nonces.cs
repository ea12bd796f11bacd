using System.Security.Cryptography;

namespace Headway.Payloads;

/// <summary>
/// Random 96-bit nonces. Under one key at most 2^32 may be drawn (NIST SP 800-38D, 8.3: the chance of a repeat stays below 2^-32);
/// <see cref="DataKey.Retirement"/> keeps well below that. Random rather than counted, because several vaults (processes, a restored backup)
/// may share a key without knowing of each other.
/// </summary>
internal static class Nonces
{
    // The generator costs the same for 12 bytes as for a few hundred, so each thread draws 64 at once.
    private const int Batch = 64 * Envelope.NonceLength;

    [ThreadStatic]
    private static byte[]? _drawn;

    [ThreadStatic]
    private static int _used;

    public static void Fill(Span<byte> nonce)
    {
        var drawn = _drawn;
        if (drawn is null || _used == Batch)
        {
            drawn = _drawn ??= new byte[Batch];
            RandomNumberGenerator.Fill(drawn);
            _used = 0;
        }
        drawn.AsSpan(_used, Envelope.NonceLength).CopyTo(nonce);
        _used += Envelope.NonceLength;
    }
}
