using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Headway.AspNetCore.Tests;

/// <summary>One host with a feature of every contract, shared by the tests of a class. Their code waits where a test tells it to.</summary>
public sealed class EdgeHost : IAsyncLifetime
{
    private const string File = """
        endpoints:
          app: { webhook: https://app.example.com/hooks, secret: shh }
        features:
          echo: { contract: { mode: sync, caller: waits }, handler: code }
          form: { contract: { mode: sync, caller: waits }, handler: code, input: form.json }
          files: { contract: { mode: sync, caller: waits }, handler: code, maxInput: 300KiB }
          troubled: { contract: { mode: sync, caller: waits }, handler: code, timeout: 200ms }
          narrow: { contract: { mode: sync, caller: waits }, handler: code, timeout: 30s, pool: { concurrency: 1, queue: 0 } }
          held: { contract: { mode: sync, caller: waits }, handler: code, timeout: 30s }
          chart: { contract: { mode: async, caller: leaves, deliverWithin: 10m, data: phi }, handler: code }
          later: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code, metadata: [ward] }
          cramped: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code, pool: { concurrency: 1, queued: 1 } }
          doomed: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code, retry: { attempts: 1 } }
          either: { contract: { mode: hybrid, wait: 20s, deliverWithin: 10m, caller: waits }, handler: code }
          chat: { contract: { mode: stream, caller: converses }, handler: code }
          generate:
            versions:
              1: { route: /v1/generate, contract: { mode: sync, caller: waits }, deprecated: 2026-12-01, sunset: 2027-03-01 }
              2: { route: /v2/generate, contract: { mode: async, caller: leaves, deliverWithin: 5m } }
            handler: code
        """;

    private const string FormSchema = """{ "type": "object", "required": ["age"], "additionalProperties": false, "properties": { "age": { "type": "integer", "minimum": 0 }, "tags": { "type": "array", "items": { "type": "string" } } } }""";

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _started = new();

    private readonly ConcurrentDictionary<string, string> _jobs = new();

    internal HeadwayHost Host { get; private set; } = null!;

    public HttpClient Http => Host.Http;

    /// <summary>Lets the work that waits at this gate go on.</summary>
    public void Open(string gate) => At(_gates, gate).TrySetResult();

    /// <summary>Ends when work has come to this gate.</summary>
    public Task ReachedAsync(string gate) => At(_started, gate).Task.WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>The job whose work has come to this gate.</summary>
    public string JobAt(string gate) => $"/v1/jobs/{_jobs[gate]}";

    public async ValueTask InitializeAsync() => Host = await HeadwayHost.StartAsync(File, Map, beside: ("form.json", FormSchema));

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private void Map(WebApplication app)
    {
        app.MapFeature("echo", (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input));
        app.MapFeature("form", (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input));
        app.MapFeature("files", (JsonElement fields, FeatureContext feature, CancellationToken stop) => DigestAsync(fields, feature, stop));
        app.MapFeature<Work, string>("troubled", Trouble);
        app.MapFeature<Work, string>("narrow", WaitAsync);
        app.MapFeature<Work, string>("held", WaitAsync);
        app.MapFeature<Work, string>("chart", WaitAsync);
        app.MapFeature<Work, string>("later", WaitAsync);
        app.MapFeature<Work, string>("cramped", WaitAsync);
        app.MapFeature<Work, FeatureResult<string>>("doomed", (work, _, _) => Task.FromResult<FeatureResult<string>>(
            At(_gates, work.Gate!).Task.IsCompleted ? "saved" : FeatureResult.DeadLetter("no-hope", "This cannot be done.")));
        app.MapFeature<Work, string>("either", WaitAsync);
        app.MapFeature<Work, string>("chat", Chat);
        app.MapFeature("generate", (JsonElement _, FeatureContext feature, CancellationToken _) => Task.FromResult($"version {feature.Version}"));
    }

    private async Task<string> WaitAsync(Work work, FeatureContext feature, CancellationToken stop)
    {
        if (work.Gate is not { } gate) return "done";
        _jobs[gate] = feature.Job;
        At(_started, gate).TrySetResult();
        await At(_gates, gate).Task.WaitAsync(stop);
        return $"done after {gate}";
    }

    private static async Task<string> Trouble(Work work, FeatureContext feature, CancellationToken stop)
    {
        if (work.Gate is "throw") throw new InvalidOperationException("the code has a bug");
        await Task.Delay(Timeout.Infinite, stop);
        return "never";
    }

    private async IAsyncEnumerable<string> Chat(Work work, FeatureContext feature, [EnumeratorCancellation] CancellationToken stop)
    {
        yield return "one ";
        yield return "two ";
        if (work.Gate is { } gate)
        {
            At(_started, gate).TrySetResult();
            await At(_gates, gate).Task.WaitAsync(stop);
        }

        if (work.Gate is "broken model") throw new InvalidOperationException("the model broke");
        yield return "three ";
        yield return "four";
    }

    private static async Task<IReadOnlyList<string>> DigestAsync(JsonElement fields, FeatureContext feature, CancellationToken stop)
    {
        var told = new List<string> { fields.GetRawText() };
        foreach (var file in feature.Files)
        {
            await using var content = await file.Open(stop);
            using var whole = new MemoryStream();
            await content.CopyToAsync(whole, stop);
            told.Add($"{file.Name} {file.FileName} {file.MediaType} {whole.Length}");
        }

        return told;
    }

    private static TaskCompletionSource At(ConcurrentDictionary<string, TaskCompletionSource> signals, string name)
        => signals.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <param name="Gate">Where the work waits; none: it does not.</param>
    public sealed record Work(string? Gate = null);
}
