using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Http;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Handlers.Http;

/// <summary>A real service that takes groups and answers each request when a test says what; and the handler that groups for it.</summary>
internal sealed class GroupService : IAsyncDisposable
{
    public static readonly TimeSpan Within = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<GroupRequest> _arrived = new();
    private readonly SemaphoreSlim _arrivals = new(0);
    private HttpHandler _handler = null!;

    public Service Service { get; private set; } = null!;
    public FeatureVersion Version { get; private set; } = null!;
    public ManualTime Time => Service.Time;

    public static async Task<GroupService> StartAsync(int upTo = 8)
    {
        var groups = new GroupService();
        groups.Service = await Service.StartAsync(groups.HoldAsync);
        groups.Version = Attempts.Version(groups.Service.Definition() with { Group = new GroupOptions(upTo, Within) });
        groups._handler = groups.Service.Handler((HttpDefinition)groups.Version.Handler);
        return groups;
    }

    public Task<Outcome> CallAsync(string json, CancellationToken stop = default) => CallAsync(new Attempts().Make(Version, json), stop);

    /// <summary>When it returns, the call has joined its group.</summary>
    public Task<Outcome> CallAsync(Attempt attempt, CancellationToken stop = default) => _handler.RunAsync(attempt, stop);

    public async Task<GroupRequest> NextAsync()
    {
        (await _arrivals.WaitAsync(Patience)).ShouldBeTrue("no request came");
        _arrived.TryDequeue(out var next).ShouldBeTrue();
        return next!;
    }

    /// <summary>A call under way, and a group of these behind it which has just arrived. The first is answered, the group is not.</summary>
    public async Task<(GroupRequest Request, Task<Outcome>[] Calls)> GroupAsync(params string[] inputs)
    {
        var first = CallAsync("0");
        var alone = await NextAsync();
        Task<Outcome>[] calls = [.. inputs.Select(input => CallAsync(input))];
        alone.Echo();
        (await first).Text().ShouldBe("0");
        return (await NextAsync(), calls);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();

    private async Task HoldAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        var request = new GroupRequest(context, await body.ReadToEndAsync());
        _arrived.Enqueue(request);
        _arrivals.Release();
        var answer = await request.Answer;
        await answer(context);
    }
}

/// <summary>A request that waits for its answer.</summary>
internal sealed class GroupRequest
{
    private readonly TaskCompletionSource<RequestDelegate> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GroupRequest(HttpContext context, string body)
    {
        Body = body;
        Headers = context.Request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        context.RequestAborted.Register(() => _aborted.TrySetResult());
    }

    public string Body { get; }
    public IReadOnlyDictionary<string, string> Headers { get; }
    public Task<RequestDelegate> Answer => _answer.Task;
    public Task Aborted => _aborted.Task;

    public string[] Inputs => Elements("instances", item => item.GetRawText());
    public string[] Jobs => Elements("jobs", item => item.GetProperty("id").GetString()!);

    public void Echo() => Say($$"""{"predictions":[{{string.Join(',', Inputs)}}]}""");

    public void Say(string body, int status = 200, string type = "application/json", string? retryAfter = null) => Say(context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        return context.Response.WriteAsync(body, Encoding.UTF8);
    });

    public void Say(RequestDelegate answer) => _answer.SetResult(answer);

    private string[] Elements(string name, Func<JsonElement, string> read)
    {
        using var document = JsonDocument.Parse(Body);
        return [.. document.RootElement.GetProperty(name).EnumerateArray().Select(read)];
    }
}
