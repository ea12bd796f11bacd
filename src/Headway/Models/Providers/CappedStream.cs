namespace Headway.Models.Providers;

/// <summary>A stream that refuses to be longer than it may be.</summary>
internal sealed class CappedStream(Stream inner, long most) : Stream
{
    private const string Forwards = "An answer is read once, forwards.";

    private long _left = most;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException(Forwards);

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(Forwards); set => throw new NotSupportedException(Forwards); }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException(Forwards);

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException(Forwards);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException(Forwards);

    private int Count(int read) => (_left -= read) < 0 ? throw new CappedStreamException() : read;
}

/// <summary>More arrived than may.</summary>
internal sealed class CappedStreamException : Exception;
