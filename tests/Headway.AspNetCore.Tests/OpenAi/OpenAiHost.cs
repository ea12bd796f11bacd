using System.Net.Http.Headers;
using System.Text;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi;

/// <summary>A node in front of a scripted upstream, called as an OpenAI server.</summary>
internal sealed class OpenAiHost : IAsyncDisposable
{
    private OpenAiHost(ModelUpstream upstream, HeadwayHost host) => (Upstream, Host) = (upstream, host);

    public ModelUpstream Upstream { get; }
    public HeadwayHost Host { get; private set; }
    public HttpClient Http => Host.Http;

    public static Task<OpenAiHost> StartAsync(params Script[] scripts) => StartAsync("", scripts);

    /// <param name="more">A feature more, on one line.</param>
    public static Task<OpenAiHost> StartAsync(string more, params Script[] scripts) => StartAsync(more, "", null, scripts);

    /// <param name="keys">More keys of the model `fast`.</param>
    public static Task<OpenAiHost> StartAsync(string more, string keys, params Script[] scripts) => StartAsync(more, keys, null, scripts);

    /// <param name="time">Of the node. Null: that of the system.</param>
    public static Task<OpenAiHost> StartAsync(string more, TimeProvider? time, params Script[] scripts) => StartAsync(more, "", time, scripts);

    private static async Task<OpenAiHost> StartAsync(string more, string keys, TimeProvider? time, Script[] scripts)
    {
        var upstream = await ModelUpstream.StartAsync(scripts);
        var host = await HeadwayHost.StartAsync($$"""
            defaults: { retention: { payload: 1h } }
            models:
              fast: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: gpt-5-mini, price: { input: 0.25, output: 2.00 }, expose: true{{keys}} }
              claude: { provider: anthropic, baseUrl: "{{upstream.BaseUrl}}", model: claude-sonnet-5, apiKey: sk-1, expose: true }
              vectors: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: text-embedding-3-small, kind: embedding, expose: true }
              kept: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: gpt-5-mini, data: phi, allowedData: [phi], expose: true }
            features:
              {{more}}
              note:
                contract: { mode: sync, caller: waits, acceptableWait: 20s }
                handler: { prompt: note.hbs, models: [fast] }
                timeout: 10s
                fallback: none
              talk:
                contract: { mode: stream, caller: converses, output: prose }
                handler: { prompt: note.hbs, models: [fast] }
                timeout: 10s
              form:
                contract: { mode: sync, caller: waits, acceptableWait: 20s }
                input: form.json
                handler: { prompt: note.hbs, models: [fast] }
                timeout: 10s
                fallback: none
              later:
                contract: { mode: async, caller: leaves, deliverWithin: 10m }
                handler: { prompt: note.hbs, models: [fast] }
            """, time: time, beside: [("form.json", """{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}"""), ("note.hbs", "Summarise: {{#if text}}{{text}}{{/if}}{{#if note}}{{note}}{{/if}}")]);
        return new OpenAiHost(upstream, host);
    }

    public async Task RestartAsync() => Host = await Host.RestartAsync();

    public Task<HttpResponseMessage> PostAsync(string path, string body, bool streams = false) => Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) },
        streams ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead);

    /// <summary>The data of each event of an answer in pieces.</summary>
    public async Task<List<string>> EventsAsync(string body)
    {
        using var answer = await PostAsync("/v1/chat/completions", body, streams: true);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(entry => !entry.StartsWith(':')).Select(entry => entry["data: ".Length..])];
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
