using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Headway;

/// <summary>Identity of a job: a UUIDv7, so that ids sort by the time of acceptance. Written as 32 hex digits after `job_`.</summary>
internal readonly record struct JobId(Guid Value) : IComparable<JobId>
{
    public const string Prefix = "job_";

    /// <summary>Milliseconds, the part of a millisecond in twelve bits, and chance: of jobs that a node accepts one after the other, the later sorts later as far as its clock goes.</summary>
    /// <remarks>Source: RFC 9562, 5.7 and 6.2, method 3. Chance is drawn for many at once.</remarks>
    public static JobId New(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        var part = now.UtcTicks % TimeSpan.TicksPerMillisecond * 0x1000 / TimeSpan.TicksPerMillisecond;
        BinaryPrimitives.WriteInt64BigEndian(bytes, (now.ToUnixTimeMilliseconds() << 16) | 0x7000 | part);
        DrawnBytes.Fill(bytes[8..]);
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        return FromBytes(bytes);
    }

    /// <summary>Before every id that was made at that moment or later; milliseconds since 1970.</summary>
    public static JobId FirstOf(long moment)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, moment << 16);
        return FromBytes(bytes);
    }

    /// <summary>When it was made, in milliseconds since 1970.</summary>
    public long Created => BinaryPrimitives.ReadInt64BigEndian(ToBytes()) >> 16;

    /// <summary>16 bytes in big-endian order: the order of bytes is the order of time.</summary>
    public byte[] ToBytes() => Value.ToByteArray(bigEndian: true);

    public static JobId FromBytes(ReadOnlySpan<byte> bytes) => new(new Guid(bytes, bigEndian: true));

    public static bool TryParse(string? text, out JobId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        if (!Guid.TryParseExact(text.AsSpan(Prefix.Length), "N", out var value)) return false;
        id = new JobId(value);
        return true;
    }

    public int CompareTo(JobId other) => Value.CompareTo(other.Value);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Value:N}");
}

/// <summary>Random bytes, drawn many at once by each thread: the system takes as long for a few as for some hundred.</summary>
file static class DrawnBytes
{
    private const int Batch = 640;

    [ThreadStatic]
    private static byte[]? _drawn;

    [ThreadStatic]
    private static int _left;

    public static void Fill(Span<byte> target)
    {
        var drawn = _drawn ??= new byte[Batch];
        if (_left < target.Length)
        {
            RandomNumberGenerator.Fill(drawn);
            _left = Batch;
        }
        _left -= target.Length;
        drawn.AsSpan(_left, target.Length).CopyTo(target);
    }
}
