using System.Buffers.Binary;

namespace Headway.Streams;

/// <summary>One event of a job's output. Ids are attempt × <see cref="PerAttempt"/> + n, rising by one within an attempt.</summary>
/// <param name="Data">JSON on one line.</param>
internal readonly record struct LogEvent(long Id, LogEventKind Kind, ReadOnlyMemory<byte> Data)
{
    /// <summary>Room for the events of one attempt, so that a new attempt never repeats an id that an old one may have shown (docs/decisions/0004).</summary>
    public const long PerAttempt = 1_000_000;

    public static long FirstOf(int attempt) => attempt * PerAttempt;
}

/// <summary>The numbers are stored.</summary>
internal enum LogEventKind : byte { Restart = 1, Delta = 2, Progress = 3 }

/// <summary>Many events as the bytes of one row: kind, length, data; the ids follow from the row's first.</summary>
internal static class LogCodec
{
    private const int Header = 1 + sizeof(int);

    public static byte[] Encode(List<LogEvent> events)
    {
        var bytes = new byte[events.Sum(entry => Header + entry.Data.Length)];
        var at = 0;
        foreach (var entry in events)
        {
            bytes[at] = (byte)entry.Kind;
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 1), entry.Data.Length);
            entry.Data.Span.CopyTo(bytes.AsSpan(at + Header));
            at += Header + entry.Data.Length;
        }
        return bytes;
    }

    public static IEnumerable<LogEvent> Decode(long first, ReadOnlyMemory<byte> bytes)
    {
        for (var id = first; bytes.Length > 0; id++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[1..]);
            yield return new LogEvent(id, (LogEventKind)bytes.Span[0], bytes.Slice(Header, length));
            bytes = bytes[(Header + length)..];
        }
    }
}
