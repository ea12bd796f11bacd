using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headway.Tests.Delivery;

/// <summary>A real server on a loopback port that takes webhooks, answers as it is told, and keeps what it got.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<HttpContext, int, Task> _answer;
    private readonly Channel<Received> _received = Channel.CreateBounded<Received>(10_000);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    private Receiver(WebApplication app, Func<HttpContext, int, Task> answer) => (_app, _answer) = (app, answer);

    public string Url => _app.Urls.Single() + "/hooks";

    /// <summary>Ends when the server does: what hangs until then.</summary>
    public Task Over => _over.Task;

    public int Calls => Volatile.Read(ref _calls);

    /// <param name="answer">Given the number of the call, from 1. Default: 204.</param>
    public static async Task<Receiver> StartAsync(Func<HttpContext, int, Task>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app, answer ?? ((context, _) => With(context, 204)));
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>One that answers each call with the next of these, and further ones with the last.</summary>
    public static Task<Receiver> StartAsync(params int[] statuses) => StartAsync((context, call) => With(context, statuses[Math.Min(call, statuses.Length) - 1]));

    public static Task With(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    public Task<Received> NextAsync() => _received.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        var call = Interlocked.Increment(ref _calls);
        await _received.Writer.WriteAsync(new Received(context.Request.Path, headers, body));
        await _answer(context, call);
    }

    public async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        await _app.DisposeAsync();
    }
}

internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Id => Headers["webhook-id"];

    public JsonElement Json { get; } = JsonElement.Parse(Body);

    public string Type => Json.GetProperty("type").GetString()!;

    public JsonElement Data => Json.GetProperty("data");
}
