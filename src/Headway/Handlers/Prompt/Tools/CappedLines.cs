using Headway.Models.Providers;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>Text of which no line is longer than so many bytes, however much there is of it in all.</summary>
internal sealed class CappedLines(Stream inner, long most) : WatchedStream(inner)
{
    private long _length;

    protected override int Count(ReadOnlySpan<byte> bytes)
    {
        var last = bytes.LastIndexOf((byte)'\n');
        // A line that ends in here was longer by what stands before its end.
        if (last >= 0) _length = bytes.Length - last - 1;
        else _length += bytes.Length;
        return _length > most ? throw new CappedStreamException() : bytes.Length;
    }
}
