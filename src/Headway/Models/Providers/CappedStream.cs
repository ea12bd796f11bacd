namespace Headway.Models.Providers;

/// <summary>An answer that may have so many bytes and no more, so that no upstream can fill this node's memory.</summary>
/// <param name="watch">Told every byte.</param>
internal sealed class CappedStream(Stream inner, long most, Action<ReadOnlySpan<byte>>? watch = null) : WatchedStream(inner)
{
    private long _left = most;

    protected override int Count(ReadOnlySpan<byte> bytes)
    {
        watch?.Invoke(bytes);
        return (_left -= bytes.Length) < 0 ? throw new CappedStreamException() : bytes.Length;
    }
}

/// <summary>More arrived than may; caught where the answer is read.</summary>
internal sealed class CappedStreamException : Exception;
