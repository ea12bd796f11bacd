namespace Headway.Models.Providers;

/// <summary>What is read once, forwards, and looked at as it goes by.</summary>
internal abstract class WatchedStream(Stream inner) : Stream
{
    private const string Forwards = "It is read once, forwards.";

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

    /// <summary>Told every byte; gives how many there are, or throws because they must not be.</summary>
    protected abstract int Count(ReadOnlySpan<byte> bytes);
}
