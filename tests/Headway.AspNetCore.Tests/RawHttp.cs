using System.Net.Sockets;
using System.Text;

namespace Headway.AspNetCore.Tests;

/// <summary>Says to a server what no client library would.</summary>
internal static class RawHttp
{
    /// <summary>Sends the text as it is, and reads until the server ends the connection: say `Connection: close`, or break it.</summary>
    public static async Task<string> SendAsync(Uri server, string text)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
    }
}
