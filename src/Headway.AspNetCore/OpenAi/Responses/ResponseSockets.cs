using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Headway.Access;
using Headway.AspNetCore.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>`GET /v1/responses` as a WebSocket: one response after the other, each in the events that it has over HTTP, too.</summary>
/// <remarks>Source: openresponses.org, "WebSocket Transport".</remarks>
internal sealed class ResponseSockets(EngineHost host, Entrance entrance, ChatEndpoint chat, ResponseStreams streams, EarlierItems earlier, ResponseInputs inputs, IHostApplicationLifetime lifetime, NodeClock time, ILoggerFactory logs)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(60);

    private static readonly Problem TooOld = new(ProblemKind.ConnectionTooOld, "The connection has lasted 60 minutes. Open a new one, and go on from a stored response, or send the items.");
    private static readonly Problem Stopping = new(ProblemKind.ShuttingDown, "This node shuts down. Open a new connection.");

    /// <summary>Needs nothing of the host: the upgrade is made here.</summary>
    public Task OpenAsync(HttpContext context) => new WebSocketMiddleware(TalkAsync, Options.Create(new WebSocketOptions()), logs).Invoke(context);

    private async Task TalkAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Guard.RefuseMethodAsync(context, HttpMethods.Post);
            return;
        }

        if (context.Request.Headers.ContainsKey("Idempotency-Key"))
        {
            await ProblemResponse.WriteAsync(context, Nodes.Wrong("Idempotency-Key", "Idempotency-Key names one call, and a connection carries many. Leave it out, or POST /v1/responses."));
            return;
        }

        using var accepted = await context.WebSockets.AcceptWebSocketAsync();
        using var over = new CancellationTokenSource(Longest, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(over.Token, lifetime.ApplicationStopping);
        var (socket, memory, left) = (new ResponseSocket(accepted), new SocketMemory(), context.RequestAborted);
        try
        {
            while (await NextAsync(socket, end.Token, left) is { } message) await AnswerAsync(context, socket, memory, message);
            if (!end.IsCancellationRequested) return;
            await socket.SendAsync(OpenAiError.Message(over.IsCancellationRequested ? TooOld : Stopping), left);
            await socket.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, left);
        }
        catch (WebSocketException)
        {
            // The caller left without a word.
        }
    }

    /// <summary>Null: there is none, or the connection is at its end. A wait that is given up leaves the socket whole, which one that is cancelled does not.</summary>
    private async Task<ReadOnlyMemory<byte>?> NextAsync(ResponseSocket socket, CancellationToken end, CancellationToken left)
    {
        if (end.IsCancellationRequested) return null;
        var next = socket.ReceiveAsync(ModelRequestBody.MostOf(host.Engine.Features), left);
        try
        {
            return await next.WaitAsync(end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Nobody waits for it any more; it ends with the socket.
            _ = next.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return null;
        }
    }

    private async Task AnswerAsync(HttpContext context, ResponseSocket socket, SocketMemory memory, ReadOnlyMemory<byte> text)
    {
        // A connection outlives keys and tokens.
        if (await entrance.AdmitAgainAsync(context) is { } gone)
        {
            await socket.SendAsync(OpenAiError.Message(gone), context.RequestAborted);
            return;
        }

        var (file, caller) = (host.Engine.Features, Callers.Of(context));
        var (problem, message) = SocketMessage.Read(text);
        var (body, request, version, input) = ((ModelRequestBody?)null, (ResponseRequest?)null, (FeatureVersion?)null, (JobInput?)null);
        IReadOnlyList<JsonNode?> before = [];
        if (problem is null) (problem, body) = ModelRequestBody.Parse(message!.Json, file, caller, out version);
        if (problem is null) (problem, request) = ResponseRequest.Read(body!.Json);
        if (problem is null) (problem, version) = ResponsesEndpoint.ServedBy(file, body!, request!);
        if (problem is null) (problem, before) = memory.Holds(request!.Previous) ? memory.For(version!) : await earlier.OfAsync(caller, request.Previous, version!);
        if (problem is null) (problem, input, _) = await inputs.OfAsync(context, body!, request!, before);
        var answered = false;
        await chat.CallAsync(context, file, version, problem,
            (asked, by) => asked.Call(version!, by, input!) with { PreferAsync = true },
            async (by, answer) => answered = await TellAsync(socket, memory, new Turn(by, request!, version!, before), answer, context.RequestAborted),
            refused => socket.SendAsync(OpenAiError.Message(refused), context.RequestAborted).AsTask());
        if (!answered) memory.Forget(message?.Previous);
    }

    private sealed record Turn(Caller Caller, ResponseRequest Request, FeatureVersion Version, IReadOnlyList<JsonNode?> Before);

    /// <summary>False: it failed.</summary>
    private async Task<bool> TellAsync(ResponseSocket socket, SocketMemory memory, Turn turn, Answer answer, CancellationToken left)
    {
        var (problem, job, events) = EventsOf(turn, answer, left);
        if (problem is not null)
        {
            await socket.SendAsync(OpenAiError.Message(problem), left);
            return false;
        }

        await foreach (var shown in events.WithCancellation(left))
            if (shown.Number is not null) await socket.SendAsync(shown.Data, left);
        var ended = await host.Engine.FindAsync(turn.Caller, job!.Id) ?? job;
        if (ended.State is not JobState.Succeeded || ((answer as Answer.Done)?.Result ?? host.Engine.ResultToGoOnFrom(turn.Caller, job.Id)) is not { } result) return false;
        var (unreadable, output) = StoredResponse.AnswerOf(turn.Request, turn.Version, ended, result, await host.Engine.PiecesToGoOnFromAsync(turn.Caller, job.Id), signed: true);
        if (unreadable is null) memory.Keep(ended, turn.Version, [.. turn.Before, .. turn.Request.Items, .. output.Output]);
        return unreadable is null;
    }

    private (Problem? Problem, Job? Job, IAsyncEnumerable<ResponseEvent> Events) EventsOf(Turn turn, Answer answer, CancellationToken left)
    {
        switch (answer)
        {
            case Answer.Done done:
                var (problem, all) = ResponseStreams.EventsOf(turn.Request, turn.Version, done);
                return (problem, done.Job, all.ToAsyncEnumerable());
            case Answer.Streaming { Job: var job }:
                return (null, job, streams.ReadAsync(turn.Caller, turn.Request, turn.Version, job, left));
            case Answer.Accepted { Job: var job }:
                return (null, job, streams.ReadAsync(turn.Caller, turn.Request, turn.Version, job, left));
            case Answer.Failed failed:
                return (EngineProblems.Of(failed.Job, failed.Failure), failed.Job, AsyncEnumerable.Empty<ResponseEvent>());
            case Answer.Refused refused:
                return (EngineProblems.Of(refused.Refusal), null, AsyncEnumerable.Empty<ResponseEvent>());
            default:
                return (Answers.TakenAway, null, AsyncEnumerable.Empty<ResponseEvent>());
        }
    }
}
