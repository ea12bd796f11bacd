using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.OpenAi.Responses;
using Headway.Client;
using Headway.Jobs;

namespace Headway.AspNetCore.Events;

/// <summary>One connection: what its caller subscribed to, and what waits to be sent.</summary>
/// <remarks>Bounded in all that a caller decides: how much is subscribed to, how much is asked a second, how long a message is, and how much waits for whoever does not read.</remarks>
internal sealed class JobSocket(ResponseSocket socket, Engine engine, Func<Caller> callerNow, TimeProvider time) : IAsyncDisposable
{
    public const int MostSubscriptions = 64;

    /// <summary>Messages of the caller a second.</summary>
    public const int MostAsked = 20;

    public const int LargestAsk = 4_096;

    /// <summary>Who takes nothing for this long reads no more.</summary>
    public static readonly TimeSpan TakesWithin = TimeSpan.FromSeconds(30);

    private readonly UnsentEvents _out = new();

    // Of all subscriptions one writes what it has to tell while there is no room: what the others have is as it came.
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Ended)> _subscriptions = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private (long Began, int Count) _second;

    /// <summary>Sends what waits, until the connection is over or its caller does not read.</summary>
    /// <returns>False: the caller takes nothing any more.</returns>
    public async Task<bool> SendAsync(CancellationToken left)
    {
        while (await _out.NextAsync(left) is { } next)
        {
            var sending = socket.SendAsync(next, left).AsTask();
            try
            {
                await sending.WaitAsync(TakesWithin, time, left);
                _out.Sent(next);
            }
            catch (TimeoutException)
            {
                _ = sending.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                return false;
            }
        }

        return true;
    }

    /// <summary>False: more than a caller may ask in a second.</summary>
    public bool MayAsk()
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_second.Began, now) >= TimeSpan.FromSeconds(1)) _second = (now, 0);
        _second.Count++;
        return _second.Count <= MostAsked;
    }

    public async Task TakeAsync(ReadOnlyMemory<byte> message, CancellationToken left)
    {
        var (ask, problem) = SocketAsk.Read(message);
        if (ask is null) await TellAsync("error", null, json => Write(json, "socket-message-invalid", problem!), left);
        else if (ask.Type is "ping") await TellAsync("pong", ask.Id.Length == 0 ? null : ask.Id, null, left);
        else if (ask.Type is "unsubscribe") await EndAsync(ask.Id, left);
        else await BeginAsync(ask, left);
    }

    private async Task BeginAsync(SocketAsk ask, CancellationToken left)
    {
        var caller = callerNow();
        var events = ask.Job is { } job ? await engine.IsForAsync(caller, job) && engine.Events(caller, job, ask.After, CancellationToken.None) is not null ? JobEventsOf(caller, job, ask) : null : FeedOf(caller, ask);
        string? refusal = null;
        lock (_gate)
        {
            if (_subscriptions.ContainsKey(ask.Id)) refusal = "subscription-exists";
            else if (_subscriptions.Count >= MostSubscriptions) refusal = "subscriptions-full";
            else if (events is null) refusal = "job-unknown";
        }

        if (refusal is not null)
        {
            await TellAsync("error", ask.Id, json => Write(json, refusal, refusal switch
            {
                "subscription-exists" => "There is a subscription of this id. Unsubscribe it first, or choose another.",
                "subscriptions-full" => $"One connection has at most {MostSubscriptions} subscriptions.",
                _ => "There is no such job. Check the id; records are removed by retention.",
            }), left);
            return;
        }

        var stop = CancellationTokenSource.CreateLinkedTokenSource(left);
        // Begins here: whoever reads that it is subscribed, and calls then, is told of that job.
        var followed = events!(stop.Token);
        await TellAsync("subscribed", ask.Id, null, left);
        lock (_gate) _subscriptions[ask.Id] = (stop, Task.Run(() => FollowAsync(ask.Id, followed, stop.Token), CancellationToken.None));
    }

    private async Task EndAsync(string id, CancellationToken left)
    {
        (CancellationTokenSource Stop, Task Ended) found;
        bool known;
        lock (_gate) known = _subscriptions.Remove(id, out found);
        if (known)
        {
            await found.Stop.CancelAsync();
            await found.Ended;
            found.Stop.Dispose();
            await TellAsync("unsubscribed", id, null, left);
        }
        else
        {
            await TellAsync("error", id, json => Write(json, "subscription-unknown", "There is no subscription of this id."), left);
        }
    }

    // Ends by itself at the end of its job, and leaves its place.
    private async Task FollowAsync(string id, IAsyncEnumerable<(string Kind, long? Number, Action<Utf8JsonWriter> Data)> events, CancellationToken stop)
    {
        try
        {
            await foreach (var (kind, number, data) in events.WithCancellation(stop))
            {
                await TellAsync(kind is "overflow" ? "error" : "event", id, json =>
                {
                    if (kind is "overflow")
                    {
                        Write(json, "jobs-too-many", $"More than {Headway.Jobs.Running.JobFeed.MostFollowed} jobs are under way. Subscribe to single jobs, or list them.");
                        return;
                    }

                    json.WriteString("event", kind);
                    if (number is { } given) json.WriteNumber("number", given);
                    json.WritePropertyName("data");
                    data(json);
                }, stop);
            }

            Leave(id);
            await TellAsync("unsubscribed", id, null, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // Unsubscribed, or the connection is over.
        }
        catch (Headway.Storage.StorageException error)
        {
            Leave(id);
            await TellAsync("error", id, json => Write(json, error.Code, "The subscription ended: the database did not answer. Subscribe again after the last number."), CancellationToken.None);
        }
        catch (Headway.Payloads.UnreadablePayloadException)
        {
            Leave(id);
            await TellAsync("error", id, json => Write(json, "subject-erased", "The subscription ended: something that it is to tell of cannot be read any more."), CancellationToken.None);
        }
    }

    private void Leave(string id)
    {
        (CancellationTokenSource Stop, Task) own;
        lock (_gate)
        {
            if (!_subscriptions.Remove(id, out own)) return;
        }

        own.Stop.Dispose();
    }

    private Func<CancellationToken, IAsyncEnumerable<(string, long?, Action<Utf8JsonWriter>)>> JobEventsOf(Caller caller, JobId job, SocketAsk ask) =>
        stop => engine.Events(caller, job, ask.After, stop) is { } events ? events.Select(one => (one.Kind, one.Id, (Action<Utf8JsonWriter>)(json => json.WriteRawValue(one.Data.Span)))) : AsyncEnumerable.Empty<(string, long?, Action<Utf8JsonWriter>)>();

    private Func<CancellationToken, IAsyncEnumerable<(string, long?, Action<Utf8JsonWriter>)>> FeedOf(Caller caller, SocketAsk ask) =>
        stop => engine.Feed(caller, new JobFilter { Feature = ask.Feature, Subject = ask.Subject }, ask.After, stop).Select(one => one.Job is { } job
            ? ("job", (long?)one.Number, json => JsonSerializer.Serialize(json, JobWire.Of(job), HeadwayJson.Wire.JobRecord))
            : ("overflow", (long?)null, (Action<Utf8JsonWriter>)(static _ => { })));

    private async ValueTask TellAsync(string type, string? id, Action<Utf8JsonWriter>? more, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            await _out.AddAsync(MessageOf(type, id, more), stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static ReadOnlyMemory<byte> MessageOf(string type, string? id, Action<Utf8JsonWriter>? more)
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            if (id is not null) json.WriteString("id", id);
            more?.Invoke(json);
            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, string code, string message)
    {
        json.WriteString("code", code);
        json.WriteString("message", message);
    }

    public async ValueTask DisposeAsync()
    {
        // First, so that nobody waits for room.
        _out.End();
        List<(CancellationTokenSource Stop, Task Ended)> all;
        lock (_gate)
        {
            all = [.. _subscriptions.Values];
            _subscriptions.Clear();
        }

        foreach (var one in all) await one.Stop.CancelAsync();
        await Task.WhenAll(all.Select(one => one.Ended));
        foreach (var one in all) one.Stop.Dispose();
        _turn.Dispose();
    }
}
