using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Headway.Client;
using Headway.Upstream;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Access;

/// <summary>A server that has keys: one admin of all tenants to begin with, and whoever a test makes beside.</summary>
internal sealed class KeyedHost : IAsyncDisposable
{
    public const string File = """
        defaults: { retention: { payload: 1h } }
        models: { fast: { provider: rehearsal, firstToken: { p50: 1ms, p99: 2ms }, tokensPerSecond: 10000, expose: true } }
        features:
          echo: { contract: { mode: sync, caller: waits }, handler: code }
          other: { contract: { mode: sync, caller: waits }, handler: code }
          later: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code, retry: { attempts: 1 } }
          review: { contract: { mode: async, caller: leaves, deliverWithin: 3d }, handler: code }
          scan: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: worker }
          generate:
            versions:
              1: { route: /v1/generate, contract: { mode: sync, caller: waits }, deprecated: 2026-12-01, sunset: 2027-03-01 }
              2: { contract: { mode: sync, caller: waits } }
            handler: code
        """;

    private readonly List<HttpClient> _clients = [];

    private KeyedHost(HeadwayHost host) => Host = host;

    public HeadwayHost Host { get; }

    /// <summary>Without a key.</summary>
    public HttpClient Http => Host.Http;

    /// <summary>Of all tenants.</summary>
    public HttpClient Admin { get; private set; } = null!;

    public static async Task<KeyedHost> StartAsync(string? file = null, TimeProvider? time = null)
    {
        var keyed = new KeyedHost(await HeadwayHost.StartAsync(file ?? File, Map, time: time));
        var (admin, _) = await KeyedHost.KeyAsync(keyed.Http, """{"name":"root","roles":["admin"],"allTenants":true}""");
        keyed.Admin = keyed.With(admin);
        return keyed;
    }

    public static void Map(Microsoft.AspNetCore.Builder.WebApplication app)
    {
        foreach (var echo in new[] { "echo", "other", "generate" }) app.MapFeature(echo, (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input));
        app.MapFeature("later", (JsonElement input, FeatureContext _, CancellationToken _) => input.TryGetProperty("fail", out var _)
            ? throw new InvalidOperationException("secret-of-a: it could not be done") : Task.FromResult(input));
        app.MapWorkflow<Review>("review");
    }

    /// <summary>Makes a key by what the admin asks for; its text and its id.</summary>
    public static async Task<(string Text, string Id)> KeyAsync(HttpClient by, string wish)
    {
        using var made = await by.PostAsync("/v1/admin/keys", new StringContent(wish, Encoding.UTF8, "application/json"));
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        var key = await made.JsonAsync();
        return (key.GetProperty("key").GetString()!, key.GetProperty("id").GetString()!);
    }

    /// <summary>A client with a new key of these roles.</summary>
    public async Task<HttpClient> ClientAsync(string roles, string tenant = "default", string more = "")
    {
        var listed = string.Join(",", roles.Split(' ').Select(role => $"\"{role}\""));
        return With((await KeyAsync(Admin, $$"""{"name":"{{roles}} of {{tenant}}","tenant":"{{tenant}}","roles":[{{listed}}]{{more}}}""")).Text);
    }

    public HttpClient With(string? bearer)
    {
        var client = new HttpClient { BaseAddress = Http.BaseAddress };
        if (bearer is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await Host.DisposeAsync();
    }

    internal sealed class Review : Workflow<JsonElement, string>
    {
        protected override async Task<string> RunAsync(JsonElement input, WorkflowContext flow)
        {
            var decision = await flow.Approval("legal");
            var note = await flow.Signal<string>("note");
            return $"{decision.Granted} by {decision.By}: {note}";
        }
    }
}

/// <summary>Short words for what these tests say.</summary>
internal static class KeyedCalls
{
    public static Task<HttpResponseMessage> PostJsonAsync(this HttpClient http, string path, string json, params (string Name, string Value)[] headers) => http.SendAsync(Call(path, json, headers));

    /// <summary>Accepts a job; its id.</summary>
    public static async Task<string> AcceptAsync(this HttpClient http, string feature, string json)
    {
        using var accepted = await http.PostJsonAsync($"/v1/features/{feature}", json);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await accepted.Content.ReadAsStringAsync());
        return accepted.Header("Headway-Job") ?? (await accepted.JsonAsync()).GetProperty("id").GetString()!;
    }

    /// <summary>A workflow that waits for its approval.</summary>
    public static async Task<string> WaitingAsync(this HttpClient http, string json = "{}")
    {
        var id = await http.AcceptAsync("review", json);
        await Until.IsSoAsync(async () => (await new HeadwayClient(http).GetJobAsync(id)).State is Headway.Client.JobState.Waiting);
        return id;
    }

    public static async Task<JobRecord> EndAsync(this HttpClient http, string job) => await new HeadwayClient(http).WaitJobAsync(job, TimeSpan.FromSeconds(20));
}
