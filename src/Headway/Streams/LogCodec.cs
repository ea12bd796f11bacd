using System.Buffers.Binary;

namespace Headway.Streams;

/// <summary>
/// Many events as the bytes of one row; the ids follow from the row's first. Each is its kind, its length and its data, or, where it is much like the
/// one before it in the row, only what differs: the chunks of a model repeat all but a word (docs/design/hot-paths.md).
/// </summary>
internal static class LogCodec
{
    private const int Header = 1 + sizeof(int);

    // Beside the kind: how much of the data before it begins and ends this one, too.
    private const byte Repeats = 0x80;
    private const int Ends = 2 * sizeof(ushort);

    // Less than that is not worth its header.
    private const int Worthwhile = 16;

    /// <summary>Bytes that are enough for the events, whatever is in them.</summary>
    public static int LongestOf(List<LogEvent> events) => events.Sum(entry => Header + entry.Data.Length);

    public static byte[] Encode(List<LogEvent> events)
    {
        var bytes = new byte[LongestOf(events)];
        return bytes[..Encode(events, bytes)];
    }

    /// <summary>The length of what was written.</summary>
    public static int Encode(List<LogEvent> events, Span<byte> target)
    {
        var at = 0;
        ReadOnlySpan<byte> before = [];
        foreach (var entry in events)
        {
            var data = entry.Data.Span;
            at += Encode(entry.Kind, data, before, target[at..]);
            before = data;
        }
        return at;
    }

    private static int Encode(LogEventKind kind, ReadOnlySpan<byte> data, ReadOnlySpan<byte> before, Span<byte> target)
    {
        var (head, tail) = Common(data, before);
        var repeats = head + tail >= Worthwhile;
        if (!repeats) (head, tail) = (0, 0);
        var middle = data[head..^tail];
        target[0] = repeats ? (byte)((byte)kind | Repeats) : (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(target[1..], middle.Length);
        var at = Header;
        if (repeats)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target[at..], (ushort)head);
            BinaryPrimitives.WriteUInt16LittleEndian(target[(at + sizeof(ushort))..], (ushort)tail);
            at += Ends;
        }
        middle.CopyTo(target[at..]);
        return at + middle.Length;
    }

    private static (int Head, int Tail) Common(ReadOnlySpan<byte> data, ReadOnlySpan<byte> before)
    {
        var head = Math.Min(data.CommonPrefixLength(before), ushort.MaxValue);
        var most = Math.Min(Math.Min(data.Length, before.Length) - head, ushort.MaxValue);
        var tail = 0;
        while (tail < most && data[^(tail + 1)] == before[^(tail + 1)]) tail++;
        return (head, tail);
    }

    public static IEnumerable<LogEvent> Decode(long first, ReadOnlyMemory<byte> bytes)
    {
        ReadOnlyMemory<byte> before = default;
        for (var id = first; bytes.Length > 0; id++)
        {
            var kind = bytes.Span[0];
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[1..]);
            var rest = bytes[Header..];
            if ((kind & Repeats) == 0)
            {
                before = rest[..length];
            }
            else
            {
                var (head, tail) = (BinaryPrimitives.ReadUInt16LittleEndian(rest.Span), BinaryPrimitives.ReadUInt16LittleEndian(rest.Span[sizeof(ushort)..]));
                rest = rest[Ends..];
                before = (byte[])[.. before.Span[..head], .. rest.Span[..length], .. before.Span[^tail..]];
            }
            yield return new LogEvent(id, (LogEventKind)(kind & ~Repeats), before);
            bytes = rest[length..];
        }
    }
}
