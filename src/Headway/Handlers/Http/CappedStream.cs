namespace Headway.Handlers.Http;

/// <summary>Reads an answer up to a number of bytes, so that no service can fill this node's memory.</summary>
/// <param name="end">Told every byte.</param>
internal sealed class CappedStream(Stream inner, long most, EventStreamEnd? end = null) : Stream
{
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException("The length of an answer is known when it ends.");

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException("An answer is read once, forwards.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var bytes = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Count(buffer.Span, bytes);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(buffer.AsSpan(offset), inner.Read(buffer, offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("An answer is read once, forwards.");

    public override void SetLength(long value) => throw new NotSupportedException("An answer is only read.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An answer is only read.");

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private int Count(ReadOnlySpan<byte> buffer, int bytes)
    {
        _read += bytes;
        end?.Read(buffer[..bytes]);
        return _read <= most ? bytes : throw new AnswerTooLargeException();
    }
}

/// <summary>An answer went past its cap; caught where the answer is read.</summary>
internal sealed class AnswerTooLargeException : IOException
{
    public AnswerTooLargeException() : base("The answer is larger than its cap.") { }
}
