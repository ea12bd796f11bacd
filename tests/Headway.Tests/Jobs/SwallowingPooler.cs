using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Headway.Tests.Jobs;

/// <summary>Stands before a PostgreSQL server as poolers do that give a connection away after each transaction: nobody behind it hears a notification.</summary>
internal sealed class SwallowingPooler : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _server;

    public SwallowingPooler(int server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The same database, through here. Without TLS: what passes is read.</summary>
    public string Before(string address) =>
        new UriBuilder(address) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port, Query = "sslmode=disable" }.Uri.ToString();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _server);
            using (client) await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), PassAsync(server.GetStream(), client.GetStream()));
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            // One side has gone.
        }
    }

    // A message of the server is a letter, its length and its content; A is a notification.
    private static async Task PassAsync(NetworkStream server, NetworkStream client)
    {
        var head = new byte[5];
        while (true)
        {
            await server.ReadExactlyAsync(head);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            await server.ReadExactlyAsync(body);
            if (head[0] == 'A') continue;
            await client.WriteAsync((byte[])[.. head, .. body]);
        }
    }

    public void Dispose() => _listener.Dispose();
}
