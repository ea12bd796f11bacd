using System.Buffers;
using System.Net.WebSockets;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>One connection: whole messages of text in, one message for each event out.</summary>
internal sealed class ResponseSocket(WebSocket socket)
{
    private const int Piece = 16 * 1024;

    /// <summary>The next message. Null: the caller closed, or sent what is none, for which the connection was closed.</summary>
    public async Task<ReadOnlyMemory<byte>?> ReceiveAsync(long most, CancellationToken left)
    {
        var message = new ArrayBufferWriter<byte>(Piece);
        while (true)
        {
            var got = await socket.ReceiveAsync(message.GetMemory(Piece), left);
            if (got.MessageType is not WebSocketMessageType.Text)
            {
                await CloseAsync(got.MessageType is WebSocketMessageType.Close ? WebSocketCloseStatus.NormalClosure : WebSocketCloseStatus.InvalidMessageType, left);
                return null;
            }

            message.Advance(got.Count);
            if (message.WrittenCount > most)
            {
                await CloseAsync(WebSocketCloseStatus.MessageTooBig, left);
                return null;
            }

            if (got.EndOfMessage) return message.WrittenMemory;
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken left) => socket.SendAsync(message, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, left);

    /// <summary>Says so, and waits for nobody: whoever does not answer is left when the request ends.</summary>
    public Task CloseAsync(WebSocketCloseStatus status, CancellationToken left) => socket.CloseOutputAsync(status, null, left);
}
