namespace Headway.Tests.Payloads;

/// <summary>A PDF of any length, made while it is read, in pieces of changing size as from a network; may break off.</summary>
internal sealed class GeneratedFile(long length, long? breaksAt = null) : Stream
{
    private static readonly byte[] Start = "%PDF-1.7\n"u8.ToArray();
    private const string Once = "an upload is read once, and its length is not known";
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException(Once);
    public override long Position { get => _position; set => throw new NotSupportedException(Once); }

    /// <summary>The byte at a position: no chunk is like another.</summary>
    public static byte At(long position) => position < Start.Length ? Start[position] : (byte)((position * 31) ^ (position >> 8) ^ (position >> 17));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_position >= breaksAt) throw new IOException("the connection broke");
        var count = (int)Math.Min(Math.Min(buffer.Length, 1 + (_position % 50_000)), length - _position);
        for (var i = 0; i < count; i++) buffer.Span[i] = At(_position + i);
        _position += count;
        return ValueTask.FromResult(count);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("an upload is read asynchronously");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException(Once);

    public override void SetLength(long value) => throw new NotSupportedException(Once);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException(Once);
}
