using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Models.Providers;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>One tool server: connected to when first needed and again when the connection broke, and asked for its tools again every few minutes.</summary>
internal sealed class ToolServer(ToolServerDefinition definition, TimeProvider time) : IAsyncDisposable
{
    /// <summary>New tools are noticed after this, and so is a tool that has changed its parameters.</summary>
    public static readonly TimeSpan ListLife = TimeSpan.FromMinutes(5);

    /// <summary>More pages of tools than anybody offers.</summary>
    private const int MostPages = 32;

    /// <summary>After a node was told to stop, calls are not waited for: their attempts are stopped too.</summary>
    private static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(2);

    /// <summary>Between the end of a connection and the word of it to whoever has a call on it: the library's threads may be busy with others.</summary>
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(1);

    private readonly HttpClient? _http = definition.Url is { } url ? ToolTransport.Client(url, time) : null;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private Task<ToolSession>? _session;
    private bool _isClosed;

    public ToolServerDefinition Definition { get; } = definition;

    public async Task<ToolListing> ToolsAsync(CancellationToken stop)
    {
        try
        {
            return new ToolListing((await SessionAsync(stop).ConfigureAwait(false)).Tools, null);
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            return new ToolListing([], Failed(exception, "say which tools it has"));
        }
    }

    /// <summary>Calls a tool. What it says, complaints included, is for the model; a failure is of the server.</summary>
    public async Task<ToolAnswer> CallAsync(string tool, IDictionary<string, JsonElement> arguments, JsonObject meta, CancellationToken stop)
    {
        using var timer = new CancellationTokenSource(Definition.Timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, timer.Token);
        for (var isAgain = false; ; isAgain = true)
        {
            ToolSession? session = null;
            try
            {
                session = await UseAsync(limit.Token).ConfigureAwait(false);
                var call = new CallToolRequestParams { Name = tool, Arguments = arguments, Meta = (JsonObject)meta.DeepClone() };
                return new ToolAnswer(ToolResults.Text(await AnsweredAsync(session, session.Client.CallToolAsync(call, limit.Token).AsTask()).ConfigureAwait(false)), null);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                throw new OperationCanceledException(stop);
            }
            catch (McpProtocolException complaint) when (session is not null)
            {
                return new ToolAnswer(ToolResults.Complaint(complaint.Message), null);
            }
            catch (InvalidOperationException asks) when (session is not null && asks is not ObjectDisposedException)
            {
                return new ToolAnswer(ToolResults.Complaint("it asks for something that nobody here can give"), null);
            }
            catch (Exception exception) when (session is not null && IsTooLarge(exception))
            {
                return new ToolAnswer(ToolResults.Complaint($"its result is larger than {ToolTransport.MostBytes / (1024 * 1024)} MiB"), null);
            }
            catch (Exception exception)
            {
                if (session is not null && exception is not OperationCanceledException) _ = session.GiveUpAsync(Definition.Timeout, time);
                // A server that was started anew has not looked at the call: it does not know whose it is.
                if (!isAgain && session is not null && exception is HttpRequestException { StatusCode: HttpStatusCode.NotFound }) continue;
                return new ToolAnswer(null, Failed(exception, $"answer the call of {tool}"));
            }
            finally
            {
                session?.Leave();
            }
        }
    }

    // A call that meets the end of its connection may be left waiting by the library: nobody answers it any more.
    private async Task<CallToolResult> AnsweredAsync(ToolSession session, Task<CallToolResult> calling)
    {
        if (await Task.WhenAny(calling, session.Client.Completion).ConfigureAwait(false) != calling)
        {
            var end = await session.Client.Completion.ConfigureAwait(false);
            // Those it tells of it have their reason from there, and that may say that the call was never looked at.
            using var told = new CancellationTokenSource();
            var isLeft = await Task.WhenAny(calling, Task.Delay(ToldWithin, time, told.Token)).ConfigureAwait(false) != calling;
            await told.CancelAsync().ConfigureAwait(false);
            if (isLeft)
            {
                _ = calling.ContinueWith(static left => left.Exception, TaskScheduler.Default);
                throw new IOException("The connection has ended.", end.Exception);
            }
        }
        return await calling.ConfigureAwait(false);
    }

    /// <summary>Nobody calls it any more, but for those who have found it a moment ago.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_session is { IsCompletedSuccessfully: true } open) _ = open.GetAwaiter().GetResult().GiveUpAsync(Definition.Timeout, time);
            else if (_session is not null) _ = LetGoAsync(_session);
        }
    }

    /// <summary>A connection that is made when the server is closed serves those who have asked for it, and nobody comes for it after them.</summary>
    private async Task LetGoAsync(Task<ToolSession> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!opening.IsCompletedSuccessfully) return;
        await Task.Delay(Definition.Timeout, time, CancellationToken.None).ConfigureAwait(false);
        await (await opening.ConfigureAwait(false)).GiveUpAsync(Definition.Timeout, time).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        Task<ToolSession>? last;
        lock (_gate) last = _session;
        // One that is being connected to is not waited for.
        await _ending.CancelAsync().ConfigureAwait(false);
        if (last is not null) await ((Task)last).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (last is { IsCompletedSuccessfully: true }) await (await last.ConfigureAwait(false)).GiveUpAsync(CloseWithin, time).ConfigureAwait(false);
        _http?.Dispose();
        _ending.Dispose();
    }

    private async Task<ToolSession> UseAsync(CancellationToken stop)
    {
        while (true)
        {
            var session = await SessionAsync(stop).ConfigureAwait(false);
            if (session.TryUse()) return session;
        }
    }

    /// <summary>One connects, and whoever else needs it waits for the same: a server that is down is not asked by each of them.</summary>
    private Task<ToolSession> SessionAsync(CancellationToken stop)
    {
        lock (_gate)
        {
            if (_session is null || (_session.IsCompleted && !IsGood(_session)))
            {
                _session = OpenAsync(_session);
                if (_isClosed) _ = LetGoAsync(_session);
            }

            return _session.WaitAsync(stop);
        }
    }

    private bool IsGood(Task<ToolSession> session) =>
        session.IsCompletedSuccessfully && session.GetAwaiter().GetResult() is { IsOpen: true } open && time.GetUtcNow() - open.Listed < ListLife;

    private async Task<ToolSession> OpenAsync(Task<ToolSession>? before)
    {
        // Out of the lock of whoever asks.
        await Task.Yield();
        using var timer = new CancellationTokenSource(Definition.Timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _ending.Token);
        if (before is { IsCompletedSuccessfully: true } && await before.ConfigureAwait(false) is var old)
        {
            if (old.IsOpen && await TryListAsync(old.Client, limit.Token).ConfigureAwait(false) is { } tools)
            {
                old.Offer(tools, time.GetUtcNow());
                return old;
            }

            _ = old.GiveUpAsync(Definition.Timeout, time);
        }

        var session = new ToolSession(await ToolTransport.ConnectAsync(Definition, _http, time, limit.Token).ConfigureAwait(false));
        try
        {
            session.Offer(await ListAsync(session.Client, limit.Token).ConfigureAwait(false), time.GetUtcNow());
            return session;
        }
        catch
        {
            await session.GiveUpAsync(TimeSpan.Zero, time).ConfigureAwait(false);
            throw;
        }
    }

    // A connection that does not answer any more is made anew, and the old one is closed even if there is no time left for that.
    private static async Task<IReadOnlyList<Tool>?> TryListAsync(McpClient client, CancellationToken stop)
    {
        try
        {
            return await ListAsync(client, stop).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever is wrong with it, it is given up.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<Tool>> ListAsync(McpClient client, CancellationToken stop)
    {
        var tools = new List<Tool>();
        var page = new ListToolsRequestParams();
        for (var i = 0; i < MostPages; i++)
        {
            var listed = await client.ListToolsAsync(page, stop).ConfigureAwait(false);
            tools.AddRange(listed.Tools);
            if (listed.NextCursor is null) break;
            page = new ListToolsRequestParams { Cursor = listed.NextCursor };
        }

        client.ClearKnownTools();
        client.AddKnownTools(tools);
        return tools;
    }

    private Failure Failed(Exception exception, string what) => exception is OperationCanceledException or TimeoutException
        ? ToolFailures.TimedOut(Definition, what)
        : ToolFailures.OfException(Definition, exception);

    private static bool IsTooLarge(Exception? exception) => exception is not null && (exception is CappedStreamException || IsTooLarge(exception.InnerException));
}

/// <param name="Failure">Null: these are all.</param>
internal readonly record struct ToolListing(IReadOnlyList<Tool> Tools, Failure? Failure);

/// <param name="Text">For the model. Null: there is a failure.</param>
internal readonly record struct ToolAnswer(string? Text, Failure? Failure);
