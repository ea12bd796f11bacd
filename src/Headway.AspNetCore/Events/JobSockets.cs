using System.Net.WebSockets;
using Headway.AspNetCore.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.OpenAi.Responses;
using Headway.AspNetCore.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headway.AspNetCore.Events;

/// <summary>`GET /v1/ws`: a WebSocket over which a caller follows jobs, subjects and features of its tenant.</summary>
internal sealed class JobSockets(EngineHost host, Entrance entrance, IHostApplicationLifetime lifetime, NodeClock time, SocketSeats seats, ILoggerFactory logs)
{
    // Who is gone without a word is noticed by these.
    private static readonly WebSocketOptions Pings = new() { KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(30) };

    private static readonly TimeSpan ClosesWithin = TimeSpan.FromSeconds(1);

    // A connection outlives keys and tokens: whoever follows is asked again so often.
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    // Connections end by the minute; who is told no comes again and is not told no again at once.
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(30);

    public void Map(ApiRoutes routes) => routes.Get("/v1/ws", context => new WebSocketMiddleware(TalkAsync, Options.Create(Pings), logs).Invoke(context));

    private async Task TalkAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SocketExpected, "/v1/ws is a WebSocket: connect with the scheme ws or wss. Over HTTP there is GET /v1/jobs/{id}/events."));
            return;
        }

        using var seat = seats.Take(Callers.Of(context), out var isCallersOwn);
        if (seat is null)
        {
            await ProblemResponse.WriteAsync(context, isCallersOwn
                ? new Problem(ProblemKind.SocketsFull, $"This caller has {SocketSeats.MostPerCaller} connections open here. One carries {JobSocket.MostSubscriptions} subscriptions: share them, and close what nobody reads.") { RetryAfter = Later }
                : new Problem(ProblemKind.SocketsFullHere, "This node holds as many connections as it may. Connect to another one, or later.") { RetryAfter = Later });
            return;
        }

        using var accepted = await context.WebSockets.AcceptWebSocketAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using var stopping = lifetime.ApplicationStopping.UnsafeRegister(static over => ((CancellationTokenSource)over!).CancelAfter(TimeSpan.FromSeconds(1)), over);
        var socket = new ResponseSocket(accepted);
        try
        {
            await using var talk = new JobSocket(socket, host.Engine, () => Callers.Of(context), time);
            var sending = talk.SendAsync(over.Token);
            var taking = TakeAllAsync(context, socket, talk, over.Token);
            var expiring = IsOverAsync(context, over.Token);
            using var asked = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, over.Token);
            var leaving = Task.Delay(Timeout.InfiniteTimeSpan, time, asked.Token);
            var first = await Task.WhenAny(sending, taking, leaving, expiring);
            // Nobody reads, so nobody would read why either: the connection is cut.
            if (first == sending && !await sending) accepted.Abort();
            else if (first == expiring) await LeaveAsync(socket, WebSocketCloseStatus.PolicyViolation, taking, over.Token);
            else if (first == leaving) await LeaveAsync(socket, WebSocketCloseStatus.EndpointUnavailable, taking, over.Token);
            else await first;
            await over.CancelAsync();
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            // The caller left without a word, or this node does.
        }
    }

    // A connection that ends with something of its caller unread is reset, and the reason is lost with it: until the caller closes as well, what it says is read.
    private async Task LeaveAsync(ResponseSocket socket, WebSocketCloseStatus status, Task taking, CancellationToken left)
    {
        await socket.CloseAsync(status, left);
        await Task.WhenAny(taking, Task.Delay(ClosesWithin, time, left));
    }

    /// <summary>Ends when the caller would not be admitted any more, or would be another.</summary>
    private async Task IsOverAsync(HttpContext context, CancellationToken left)
    {
        var began = Callers.Of(context);
        using var timer = new PeriodicTimer(AskAgain, time);
        while (await timer.WaitForNextTickAsync(left))
        {
            if (await entrance.AdmitAgainAsync(context) is not null || !began.IsAs(Callers.Of(context))) return;
        }
    }

    private static async Task DropAsync(ResponseSocket socket, CancellationToken left)
    {
        while (await socket.ReceiveAsync(JobSocket.LargestAsk, left) is not null)
        {
        }
    }

    private async Task TakeAllAsync(HttpContext context, ResponseSocket socket, JobSocket talk, CancellationToken left)
    {
        while (await socket.ReceiveAsync(JobSocket.LargestAsk, left) is { } message)
        {
            if (!talk.MayAsk() || await entrance.AdmitAgainAsync(context) is not null)
            {
                await LeaveAsync(socket, WebSocketCloseStatus.PolicyViolation, DropAsync(socket, left), left);
                return;
            }

            await talk.TakeAsync(message, left);
        }
    }
}
