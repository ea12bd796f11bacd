using System.Net;
using System.Net.Sockets;

namespace Headway.Crash.Tests.Hosting;

/// <summary>A way to a node that can be cut: bytes go through as they come, until it is.</summary>
internal sealed class Proxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _open = [];
    private readonly Uri _to;

    public Proxy(Uri to)
    {
        _to = to;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public void Cut()
    {
        lock (_open)
        {
            // Not disposed of here: that waits for whoever is at work with them.
            foreach (var socket in _open) Cut(socket);
            _open.Clear();
        }
    }

    private static void Cut(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // Both sides have left by themselves.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptSocketAsync();
                var node = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await node.ConnectAsync(_to.Host, _to.Port);
                lock (_open) _open.AddRange([caller, node]);
                _ = PassAsync(caller, node);
                _ = PassAsync(node, caller);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private static async Task PassAsync(Socket from, Socket to)
    {
        try
        {
            var bytes = new byte[4096];
            while (await from.ReceiveAsync(bytes) is > 0 and var count) await to.SendAsync(bytes.AsMemory(0, count));
            to.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // One side has left, or the way was cut.
        }
        finally
        {
            from.Dispose();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }
}
