using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Headway.Tests.Storage;

/// <summary>Between a node and its server: passes on what both say until it is told to lose something.</summary>
internal sealed class PostgresProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _loses;

    /// <param name="address">The address of a database whose server is here.</param>
    public PostgresProxy(string address)
    {
        _server = new Uri(address);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The same database, by way of this.</summary>
    public string Address => $"postgres://{_server.UserInfo}@127.0.0.1:{Port}{_server.AbsolutePath}";

    /// <summary>What the server is said to be, in two digits; null: what it says.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>Ends the connection on which something is asked next, before the server has read it.</summary>
    public void LoseNextQuestion() => Volatile.Write(ref _loses, 1);

    /// <summary>Lets the server do what it is asked next, and ends the connection instead of answering.</summary>
    public void LoseNextAnswer() => Volatile.Write(ref _loses, 2);

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            client.NoDelay = server.NoDelay = true;
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
                await Task.WhenAny(PassAsync(client, server, loses: 1), PassAsync(server, client, loses: 2));
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                // The client meets a connection that ends.
            }
        }
    }

    // Returns when either has gone, or something is to be lost; both connections end with it.
    private async Task PassAsync(TcpClient from, TcpClient to, int loses)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var read)
            {
                if (Interlocked.CompareExchange(ref _loses, 0, loses) == loses) return;
                if (ServerVersion is not null && loses == 2) Rename(buffer.AsSpan(0, read));
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Gone.
        }
    }

    private void Rename(Span<byte> said)
    {
        var at = said.IndexOf("server_version\0"u8);
        if (at >= 0) Encoding.ASCII.GetBytes(ServerVersion!, said[(at + "server_version\0".Length)..]);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }
}
