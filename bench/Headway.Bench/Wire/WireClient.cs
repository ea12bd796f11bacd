using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Headway.Bench.Wire;

/// <summary>One keep-alive connection that sends the same bytes again and again and reads to the end of each answer: a load generator that costs little.</summary>
internal sealed class WireClient : IDisposable
{
    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] Piece = "data: "u8.ToArray();
    private static readonly byte[] EndOfChunks = "0\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private WireClient(byte[] request) => _request = request;

    /// <summary>Ticks from the request to the first piece of the latest answer's body.</summary>
    public long FirstPiece { get; private set; }

    public static async Task<WireClient> ConnectAsync(Uri address, string path, string body, string headers = "")
    {
        var text = $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
        var client = new WireClient(Encoding.UTF8.GetBytes(text));
        await client._socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port);
        return client;
    }

    /// <summary>Sends the request and counts the events in the answer (0 for a plain body). Anything but the expected status is an error.</summary>
    public async Task<int> CallAsync(int expectedStatus)
    {
        var began = Stopwatch.GetTimestamp();
        await _socket.SendAsync(_request);
        var (filled, head) = (0, -1);
        while (head < 0)
        {
            filled += await ReceiveAsync(filled);
            head = _buffer.AsSpan(0, filled).IndexOf(EndOfHead);
        }
        var headers = Encoding.ASCII.GetString(_buffer, 0, head);
        if (!headers.StartsWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {expectedStatus}"), StringComparison.Ordinal)) throw new InvalidOperationException(Encoding.UTF8.GetString(_buffer, 0, filled));
        head += EndOfHead.Length;
        var length = headers.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        if (length < 0) return await ReadChunksAsync(head, filled, began);

        var end = headers.IndexOf('\r', length);
        var left = int.Parse(end < 0 ? headers.AsSpan(length + 16) : headers.AsSpan(length + 16, end - length - 16), CultureInfo.InvariantCulture) - (filled - head);
        while (left > 0) left -= await ReceiveAsync(0);
        return 0;
    }

    private async Task<int> ReadChunksAsync(int head, int filled, long began)
    {
        var (pieces, from) = (0, head);
        FirstPiece = 0;
        while (true)
        {
            pieces += _buffer.AsSpan(from, filled - from).Count(Piece);
            if (pieces > 0 && FirstPiece == 0) FirstPiece = Stopwatch.GetTimestamp() - began;
            if (_buffer.AsSpan(from, filled - from).EndsWith(EndOfChunks)) return pieces;
            // A mark may be cut in two: what stays is one byte too short to be counted again.
            var kept = Math.Min(filled - from, Piece.Length - 1);
            _buffer.AsSpan(filled - kept, kept).CopyTo(_buffer);
            from = 0;
            filled = kept + await ReceiveAsync(kept);
        }
    }

    private async ValueTask<int> ReceiveAsync(int at)
    {
        var read = await _socket.ReceiveAsync(_buffer.AsMemory(at));
        return read > 0 ? read : throw new InvalidOperationException("The server closed the connection.");
    }

    public void Dispose() => _socket.Dispose();
}
