using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
    public Uri BaseUrl => new(Address, "/v1");

    /// <summary>Without a path.</summary>
    public Uri Address => new(_app.Urls.Single());

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
    public static Task<ModelUpstream> StartAsync(params Script[] scripts) => StartAsync(null, scripts);

    /// <summary>The same over TLS, where HTTP/2 is offered too.</summary>
    public static async Task<ModelUpstream> StartAsync(X509Certificate2? certificate, params Script[] scripts)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        ArgumentOutOfRangeException.ThrowIfZero(scripts.Length, nameof(scripts));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (certificate is null)
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        else
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(server => server.Listen(System.Net.IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate);
            }));
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
            context.Request.Path + context.Request.QueryString,
            context.Request.Protocol,
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
        context.Items[typeof(UpstreamCall)] = call;
        arrived.SetResult();
        await script(context).ConfigureAwait(false);
    }
}

/// <summary>How one call is answered.</summary>
public delegate Task Script(HttpContext context);

/// <summary>What the upstream was asked.</summary>
public sealed class UpstreamCall(string path, string protocol, IReadOnlyDictionary<string, string> headers, string body)
{
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>With the query.</summary>
    public string Path { get; } = path;

    /// <summary>HTTP/1.1 or HTTP/2.</summary>
    public string Protocol { get; } = protocol;
    public IReadOnlyDictionary<string, string> Headers { get; } = headers;
    public string Body { get; } = body;

    /// <summary>Ends when the caller broke the call off, or its connection went.</summary>
    public Task Left => _left.Task;

    internal void MarkLeft() => _left.TrySetResult();
}
