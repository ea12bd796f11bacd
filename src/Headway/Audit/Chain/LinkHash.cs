using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Headway.Audit.Chain;

/// <summary>The two hashes of a link: of its event, and of the chain up to it. docs/guides/audit.md writes both down for whoever checks with a program of their own.</summary>
/// <remarks>
/// Apart, so that an export can prove the chain past events that are not its reader's: it shows their digests and nothing else. Each field has its length
/// before it, so that no two events give the same bytes, and the first byte says which form it is: an event is for ever hashed in the form it was chained in.
/// </remarks>
internal static class LinkHash
{
    public const int Length = SHA256.HashSizeInBytes;
    private const byte Form = 1;
    private const int Absent = -1;
    private const int FieldsAtMost = 17;

    /// <summary>What stands before the first link.</summary>
    public static readonly byte[] Origin = new byte[Length];

    /// <summary>SHA-256 of every column of the event.</summary>
    public static byte[] Digest(ToldEvent told)
    {
        var size = 1 + (FieldsAtMost * (sizeof(int) + sizeof(long))) + 16 + Size(told.Tenant) + Size(told.Actor) + Size(told.Action) + Size(told.Feature) + Size(told.Purpose) + Size(told.Node)
            + Size(told.Address) + Size(told.Recipient) + Size(told.Outcome) + Size(told.Correlation) + (told.Subject?.Length ?? 0) + (told.Payload?.Length ?? 0);
        var bytes = size <= 1_024 ? stackalloc byte[size] : new byte[size];
        bytes[0] = Form;
        var rest = bytes[1..];
        Put(ref rest, told.Job.ToBytes());
        Put(ref rest, told.Id);
        Put(ref rest, told.Tenant);
        Put(ref rest, told.Actor);
        Put(ref rest, told.Action);
        Put(ref rest, told.Definition);
        Put(ref rest, told.Feature);
        Put(ref rest, told.Version);
        Put(ref rest, told.Subject);
        Put(ref rest, told.Purpose);
        Put(ref rest, (long)told.Data);
        Put(ref rest, told.Node);
        Put(ref rest, told.Address);
        Put(ref rest, told.Recipient);
        Put(ref rest, told.Outcome);
        Put(ref rest, told.Payload);
        Put(ref rest, told.Correlation);
        return SHA256.HashData(bytes[..(size - rest.Length)]);
    }

    /// <summary>SHA-256 of the link before, the place in the chain, and the digest of the event.</summary>
    public static byte[] Of(ReadOnlySpan<byte> previous, long seq, ReadOnlySpan<byte> digest)
    {
        Span<byte> bytes = stackalloc byte[1 + Length + sizeof(long) + Length];
        bytes[0] = Form;
        previous.CopyTo(bytes[1..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes[(1 + Length)..], seq);
        digest.CopyTo(bytes[(1 + Length + sizeof(long))..]);
        return SHA256.HashData(bytes);
    }

    private static int Size(string? text) => text is null ? 0 : Encoding.UTF8.GetMaxByteCount(text.Length);

    private static void Put(ref Span<byte> rest, string? text)
    {
        var length = text is null ? Absent : Encoding.UTF8.GetBytes(text, rest[sizeof(int)..]);
        Put(ref rest, length);
    }

    private static void Put(ref Span<byte> rest, byte[]? bytes)
    {
        bytes?.CopyTo(rest[sizeof(int)..]);
        Put(ref rest, bytes?.Length ?? Absent);
    }

    private static void Put(ref Span<byte> rest, long? number)
    {
        if (number is { } known) BinaryPrimitives.WriteInt64BigEndian(rest[sizeof(int)..], known);
        Put(ref rest, number is null ? Absent : sizeof(long));
    }

    // The length of what was put behind it.
    private static void Put(ref Span<byte> rest, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(rest, length);
        rest = rest[(sizeof(int) + Math.Max(0, length))..];
    }
}
