using System.CommandLine;
using System.Net.Sockets;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

/// <summary>A command that speaks to a server. Here, and only here, what can go wrong on the way becomes words and an exit code.</summary>
internal abstract class RemoteVerb : Verb
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private const int KeepAliveSeconds = 30;
    private readonly GlobalOptions _global;

    protected RemoteVerb(string name, string description, string example, Terminal terminal, GlobalOptions global) : base(name, description, example)
    {
        Terminal = terminal;
        _global = global;
        SetAction(InvokeAsync);
    }

    protected Terminal Terminal { get; }

    protected abstract Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop);

    protected bool IsJson(ParseResult line) => line.GetValue(_global.Json);

    protected async Task<int> InvokeAsync(ParseResult line, CancellationToken stop)
    {
        var server = line.GetValue(_global.Server) ?? Terminal.Environment("HEADWAY_SERVER") ?? GlobalOptions.DefaultServer;
        if (!Uri.TryCreate(server.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            await Terminal.Error.WriteLineAsync($"'{server}' is not the address of a server. Write it like {GlobalOptions.DefaultServer}.");
            return ExitCode.Usage;
        }

        // The server's own limits end a call; a second clock here would only cut long ones short.
        using var handler = new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, ConnectCallback = ConnectAsync };
        using var http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            return await RunAsync(line, new HeadwayClient(http, KeyOf(line), Terminal.Time), stop);
        }
        catch (HeadwayException refusal)
        {
            return await RefusedAsync(refusal);
        }
        catch (HttpRequestException unreachable)
        {
            await Terminal.Error.WriteLineAsync($"{server} is not reachable: {unreachable.Message} Is `headway serve` running there? Name another with --server or HEADWAY_SERVER.");
            return ExitCode.Unreachable;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    // A variable that is empty is how shells unset one.
    private string? KeyOf(ParseResult line) => (line.GetValue(_global.Key) ?? Terminal.Environment("HEADWAY_API_KEY"))?.Trim() is { Length: > 0 } key ? key : null;

    // Whoever follows a job for hours must learn that the other end is gone, even when no packet says so.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds / 3);
            await socket.ConnectAsync(context.DnsEndPoint, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    protected async Task<int> RefusedAsync(HeadwayException refusal)
    {
        var later = refusal.RetryAfter is { } pause ? $" Try again in {pause.TotalSeconds:0} s." : "";
        await Terminal.Error.WriteLineAsync(Printable.Of($"{refusal.Message}{later} ({refusal.Code})"));
        return ExitCode.Refused;
    }
}
