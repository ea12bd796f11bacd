using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Headway.Bench.Gateways;

/// <summary>An event that a reader got.</summary>
/// <param name="Number">In its stream, from 0.</param>
/// <param name="Sent">When the upstream sent it, and when it was here: ticks of the machine's one clock.</param>
internal readonly record struct Arrival(int Number, long Sent, long Arrived);

/// <summary>Reads one slow stream and notes when each event came.</summary>
internal sealed class SlowReader(Way way) : IDisposable
{
    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] EndOfChunks = "0\r\n\r\n"u8.ToArray();
    private static readonly byte[] Done = "[DONE]"u8.ToArray();
    private const string JobHeader = "\r\nHeadway-Job: ";

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[8 * 1024];
    private bool _done;

    public List<Arrival> Arrivals { get; } = [];

    /// <summary>The job that the stream is, if Headway gives it.</summary>
    public string? Job { get; private set; }

    /// <summary>Reads to the end. False: the server refused, broke off or went away meanwhile.</summary>
    public async Task<bool> ReadAsync()
    {
        await _socket.ConnectAsync(IPAddress.Parse(way.Address.Host), way.Address.Port);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST {way.Path} HTTP/1.1\r\nHost: {way.Address.Authority}\r\nContent-Type: application/json\r\n{way.Headers}Content-Length: {way.Body.Length}\r\n\r\n{way.Body}")));
        var (filled, head) = (0, -1);
        while (head < 0)
        {
            if (await ReceiveAsync(filled) is not (> 0 and var read)) return false;
            filled += read;
            head = _buffer.AsSpan(0, filled).IndexOf(EndOfHead);
        }
        if (!TryReadHead(_buffer.AsSpan(0, head + 2))) return false;
        for (var from = head + EndOfHead.Length; ;)
        {
            var kept = Note(_buffer.AsSpan(from, filled - from));
            if (_buffer.AsSpan(from, filled - from).EndsWith(EndOfChunks)) return _done;
            _buffer.AsSpan(filled - kept, kept).CopyTo(_buffer);
            from = 0;
            if (await ReceiveAsync(kept) is not (> 0 and var more)) return false;
            filled = kept + more;
        }
    }

    private bool TryReadHead(ReadOnlySpan<byte> head)
    {
        var text = Encoding.ASCII.GetString(head);
        var job = text.IndexOf(JobHeader, StringComparison.OrdinalIgnoreCase) + JobHeader.Length;
        if (job >= JobHeader.Length) Job = text[job..text.IndexOf('\r', job)];
        return text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
    }

    /// <summary>Notes the stamps in a piece of the body. What must be kept of it: a stamp that is cut, or what may be the beginning of a mark.</summary>
    private int Note(ReadOnlySpan<byte> piece)
    {
        var now = Stopwatch.GetTimestamp();
        _done |= piece.IndexOf(Done) >= 0;
        while (true)
        {
            var at = piece.IndexOf(Pace.Mark);
            if (at < 0) return Math.Min(piece.Length, Done.Length - 1);
            piece = piece[at..];
            if (piece.Length < Pace.StampLength) return piece.Length;
            if (Pace.TryReadStamp(piece, out var sent, out var number)) Arrivals.Add(new Arrival(number, sent, now));
            piece = piece[Pace.StampLength..];
        }
    }

    private async ValueTask<int> ReceiveAsync(int at)
    {
        try
        {
            return await _socket.ReceiveAsync(_buffer.AsMemory(at));
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    public void Dispose() => _socket.Dispose();
}
