using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Headway.Bench.Queue;

/// <summary>A Redis server of this run's own: on loopback, on a port of its own, with its log of commands in a temporary folder.</summary>
internal sealed class RedisServer : IDisposable
{
    private static readonly TimeSpan StartLongest = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly string _folder;
    private readonly int _port;

    private RedisServer(Process process, string folder, int port) => (_process, _folder, _port) = (process, folder, port);

    /// <param name="fsync">`everysec`, as it is usually run: what the last second accepted can be lost with the machine. `always`: an answer comes when it is on disk, as with Headway.</param>
    /// <returns>Null: there is no redis-server.</returns>
    public static RedisServer? Start(string folder, string fsync)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, $"redis-{fsync}")).FullName;
        var port = FreePort();
        try
        {
            var process = Process.Start(new ProcessStartInfo("redis-server",
                ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", place, "--appendonly", "yes", "--appendfsync", fsync, "--save", "", "--maxmemory-policy", "noeviction", "--logfile", Path.Combine(place, "log")]))!;
            var server = new RedisServer(process, place, port);
            server.Answers();
            return server;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>An empty database: all that was there before is dropped.</summary>
    public string NewDatabase()
    {
        Ask("FLUSHALL");
        return $"redis://127.0.0.1:{_port}";
    }

    private void Answers()
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Ask("PING");
                return;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(began) < StartLongest && !_process.HasExited)
            {
                _process.WaitForExit(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private void Ask(string command)
    {
        using var client = new TcpClient();
        client.Connect(IPAddress.Loopback, _port);
        using var stream = client.GetStream();
        stream.Write(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"));
        using var reader = new StreamReader(stream);
        if (reader.ReadLine() is not ['+', ..]) throw new InvalidOperationException($"Redis refuses {command}.");
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
