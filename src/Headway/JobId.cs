using System.Globalization;

namespace Headway;

/// <summary>Identity of a job: a UUIDv7, so that ids sort by the time of acceptance. Written as 32 hex digits after `job_`.</summary>
internal readonly record struct JobId(Guid Value) : IComparable<JobId>
{
    public const string Prefix = "job_";

    public static JobId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

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
