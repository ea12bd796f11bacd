namespace Headway.Models.Providers;

/// <summary>An answer that may have so many bytes and no more, so that no upstream can fill this node's memory.</summary>
/// <param name="watch">Told every byte.</param>
internal sealed class CappedStream(Stream inner, long most, Action<ReadOnlySpan<byte>>? watch = null) : Stream
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
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Count(buffer.Span[..read]);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Count(buffer.AsSpan(offset, inner.Read(buffer, offset, count)));

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

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private int Count(ReadOnlySpan<byte> bytes)
    {
        watch?.Invoke(bytes);
        return (_left -= bytes.Length) < 0 ? throw new CappedStreamException() : bytes.Length;
    }
}

/// <summary>More arrived than may; caught where the answer is read.</summary>
internal sealed class CappedStreamException : Exception;
