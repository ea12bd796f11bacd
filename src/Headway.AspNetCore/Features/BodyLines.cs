using System.Buffers;
using System.IO.Pipelines;

namespace Headway.AspNetCore.Features;

/// <summary>The lines of a body as they come, none held longer than it may be: of one that is too long only its end is looked for.</summary>
/// <remarks>A body that breaks off throws before its last, unended line is given: half a line is never taken for a whole one.</remarks>
internal sealed class BodyLines(PipeReader reader, int longest)
{
    private bool _skipping;
    private bool _ended;

    /// <summary>What of the body is here and not read yet may hold a line: asking for it does not wait.</summary>
    public bool TryNext(out BodyLine? line)
    {
        line = null;
        return !_ended && reader.TryRead(out var read) && Take(read, out line);
    }

    /// <summary>Null: there are no more.</summary>
    public async ValueTask<BodyLine?> NextAsync(CancellationToken stop)
    {
        while (!_ended)
        {
            if (Take(await reader.ReadAsync(stop), out var line)) return line;
        }

        return null;
    }

    private bool Take(in ReadResult read, out BodyLine? line)
    {
        var buffer = read.Buffer;
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = Line(buffer.Slice(0, end));
            reader.AdvanceTo(buffer.GetPosition(1, end));
            return true;
        }

        if (read.IsCompleted)
        {
            // The last line need not be ended.
            _ended = true;
            line = buffer.IsEmpty && !_skipping ? null : Line(buffer);
            reader.AdvanceTo(buffer.End);
            return line is not null;
        }

        line = null;
        _skipping |= buffer.Length > longest;
        reader.AdvanceTo(_skipping ? buffer.End : buffer.Start, buffer.End);
        return false;
    }

    private BodyLine Line(ReadOnlySequence<byte> bytes)
    {
        var tooLong = _skipping || bytes.Length > longest;
        _skipping = false;
        return tooLong ? new BodyLine(default, TooLong: true) : new BodyLine(bytes.ToArray(), TooLong: false);
    }
}

/// <param name="Bytes">Without the line's end; empty where it was too long.</param>
internal readonly record struct BodyLine(ReadOnlyMemory<byte> Bytes, bool TooLong);
