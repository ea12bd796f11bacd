using System.Buffers;

namespace Headway.Payloads.Files;

/// <summary>Reads a file chunk by chunk, opening each in its place: a chunk that is missing, moved, altered or not the last one where it should be ends the reading with an error.</summary>
internal sealed class UnsealingStream(Vault vault, FileStore store, string tenant, JobId job, StoredFile file, long from) : Stream
{
    private const string Once = "A file is read once, without going back.";

    // One chunk is opened at a time, into the same array.
    private byte[]? _chunk = ArrayPool<byte>.Shared.Rent(StoredFile.ChunkLength);
    private int _filled;
    private int _read;
    private int _next = (int)(from / StoredFile.ChunkLength);
    private int _skip = (int)(from % StoredFile.ChunkLength);
    private long _position = from;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => file.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException(Once);
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_chunk is null, this);
        while (_read == _filled && _next < file.Chunks) Advance(_chunk);
        var count = Math.Min(buffer.Length, _filled - _read);
        _chunk.AsSpan(_read, count).CopyTo(buffer);
        _read += count;
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The database is read on the caller's thread, here as everywhere.
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException(Once);

    public override void SetLength(long value) => throw new NotSupportedException(Once);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException(Once);

    protected override void Dispose(bool disposing)
    {
        if (_chunk is { } chunk) ArrayPool<byte>.Shared.Return(chunk, clearArray: true);
        _chunk = null;
        base.Dispose(disposing);
    }

    private void Advance(byte[] chunk)
    {
        var position = StoredFile.PositionOf(file.Number, _next, last: _next == file.Chunks - 1);
        _filled = 0;
        _read = 0;
        _filled = store.ReadChunk(job, file.Number, _next, body => vault.Open(tenant, PayloadKind.FileChunk, job, body, position, chunk))
            ?? throw UnreadablePayloadException.Incomplete(job, file.Number);
        _read = Math.Min(_skip, _filled);
        _skip = 0;
        _next++;
    }
}
