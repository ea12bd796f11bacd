using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headway.Upstream;

/// <summary>A real server on a loopback port that speaks a model API as scripted, and keeps what it was asked.</summary>
public sealed class ModelUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Script[] _scripts;
    private readonly List<UpstreamCall> _calls = [];
    private readonly HashSet<string> _connections = [];
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ModelUpstream(WebApplication app, Script[] scripts) => (_app, _scripts) = (app, scripts);

    /// <summary>What a model of the feature file names.</summary>
    public Uri BaseUrl => new(_app.Urls.Single() + "/v1");

    /// <summary>Everything that was asked so far, in order.</summary>
    public IReadOnlyList<UpstreamCall> Calls
    {
        get
        {
            lock (_calls) return [.. _calls];
        }
    }

    /// <summary>Connections that callers have opened so far.</summary>
    public int Connections
    {
        get
        {
            lock (_calls) return _connections.Count;
        }
    }

    /// <summary>Starts a server that answers the first call by the first script and so on; the last one answers all further calls.</summary>
    public static async Task<ModelUpstream> StartAsync(params Script[] scripts)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        ArgumentOutOfRangeException.ThrowIfZero(scripts.Length, nameof(scripts));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var upstream = new ModelUpstream(app, scripts);
        app.Run(upstream.AnswerAsync);
        await app.StartAsync().ConfigureAwait(false);
        return upstream;
    }

    /// <summary>Ends when so many calls have arrived.</summary>
    public async Task ArrivedAsync(int calls)
    {
        while (true)
        {
            Task next;
            lock (_calls)
            {
                if (_calls.Count >= calls) return;
                next = _arrived.Task;
            }
            await next.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync().ConfigureAwait(false);
        await _app.StopAsync(now.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var call = new UpstreamCall(
            context.Request.Path,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false));
        context.RequestAborted.Register(call.MarkLeft);
        Script script;
        TaskCompletionSource arrived;
        lock (_calls)
        {
            script = _scripts[Math.Min(_calls.Count, _scripts.Length - 1)];
            _calls.Add(call);
            _connections.Add(context.Connection.Id);
            (arrived, _arrived) = (_arrived, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        arrived.SetResult();
        await script(context).ConfigureAwait(false);
    }
}

/// <summary>How one call is answered.</summary>
public delegate Task Script(HttpContext context);

/// <summary>What the upstream was asked.</summary>
public sealed class UpstreamCall(string path, IReadOnlyDictionary<string, string> headers, string body)
{
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Path { get; } = path;
    public IReadOnlyDictionary<string, string> Headers { get; } = headers;
    public string Body { get; } = body;

    /// <summary>Ends when the caller broke the call off, or its connection went.</summary>
    public Task Left => _left.Task;

    internal void MarkLeft() => _left.TrySetResult();
}
