using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Headway.Access;

/// <summary>The text of a key: `hw_ID_SECRET`, where the last six characters of the secret are a checksum, so that one that was cut or mistyped is told from one that is not known.</summary>
internal static class KeyText
{
    public const string Prefix = "hw_";

    // No letter that is taken for a digit: people read ids to each other. 60 bits, and a primary key.
    private const string IdSigns = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int IdLength = 12;

    // 43 of 62 signs are 256 bits.
    private const string SecretSigns = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretLength = 43;
    private const int ChecksumLength = 6;

    private const int CheckedLength = 3 + IdLength + 1 + SecretLength;
    public const int Length = CheckedLength + ChecksumLength;

    private static readonly SearchValues<char> OfIds = SearchValues.Create(IdSigns), OfSecrets = SearchValues.Create(SecretSigns);

    public static string NewId() => Prefix + RandomNumberGenerator.GetString(IdSigns, IdLength);

    public static bool IsId(string text) => text.Length == Prefix.Length + IdLength && text.StartsWith(Prefix, StringComparison.Ordinal) && !text.AsSpan(Prefix.Length).ContainsAnyExcept(OfIds);

    /// <summary>A new text of a key.</summary>
    public static string New(string id)
    {
        var said = $"{id}_{RandomNumberGenerator.GetString(SecretSigns, SecretLength)}";
        Span<char> sum = stackalloc char[ChecksumLength];
        Checksum(said, sum);
        return $"{said}{sum}";
    }

    /// <summary>Null: this is no text of a key, or not the whole of one.</summary>
    public static string? IdOf(ReadOnlySpan<char> text)
    {
        if (text.Length != Length || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdLength] != '_') return null;
        if (text[Prefix.Length..(Prefix.Length + IdLength)].ContainsAnyExcept(OfIds) || text[(Prefix.Length + IdLength + 1)..].ContainsAnyExcept(OfSecrets)) return null;
        Span<char> sum = stackalloc char[ChecksumLength];
        Checksum(text[..CheckedLength], sum);
        return sum.SequenceEqual(text[CheckedLength..]) ? text[..(Prefix.Length + IdLength)].ToString() : null;
    }

    private static void Checksum(ReadOnlySpan<char> said, Span<char> sum)
    {
        Span<byte> bytes = stackalloc byte[CheckedLength];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.ASCII.GetBytes(said, bytes)], hash);
        var rest = BinaryPrimitives.ReadUInt32LittleEndian(hash);
        for (var i = 0; i < sum.Length; i++, rest /= (uint)SecretSigns.Length) sum[i] = SecretSigns[(int)(rest % (uint)SecretSigns.Length)];
    }
}
