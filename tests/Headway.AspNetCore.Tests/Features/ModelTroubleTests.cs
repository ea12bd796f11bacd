using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

/// <summary>What a caller is told when the model behind a prompt does well, or badly.</summary>
public sealed class ModelTroubleTests : IAsyncLifetime
{
    private WebApplication _upstream = null!;
    private HeadwayHost _host = null!;
    private volatile Func<HttpContext, Task> _model = _ => Task.CompletedTask;

    [Fact]
    public async Task A_good_answer_names_its_model_and_its_cost()
    {
        Answers("application/json", Whole("It is well."));

        var answer = await _host.Http.SendAsync(Call("ask", """{"text":"How is it?"}"""));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        (await answer.Content.ReadAsStringAsync()).ShouldBe("It is well.");
        answer.Header("Headway-Model").ShouldBe("fast");
        answer.Header("Headway-Cost").ShouldBe("0.00003");
    }

    [Theory]
    [InlineData("text/html", "<html><body>Welcome to the proxy</body></html>", "model-not-json")]
    [InlineData("application/json", "", "model-empty-answer")]
    [InlineData("application/json", "{\"choices\":[{\"mess", "model-malformed")]
    [InlineData("application/json", """{"error":{"message":"The engine is overloaded","type":"server_error","code":null}}""", "model-unavailable")]
    [InlineData("application/json", """{"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}""", "model-empty-answer")]
    public async Task A_model_that_answers_garbage_is_a_502_with_a_code(string mediaType, string body, string code)
    {
        Answers(mediaType, body);

        await (await _host.Http.SendAsync(Call("ask", """{"text":"?"}"""))).ShouldBeProblemAsync(HttpStatusCode.BadGateway, code);
    }

    [Fact]
    public async Task An_answer_that_breaks_the_output_schema_is_a_502_and_no_result()
    {
        Answers("application/json", Whole("""{\"score\":\"high\"}"""));

        await (await _host.Http.SendAsync(Call("score", """{"text":"?"}"""))).ShouldBeProblemAsync(HttpStatusCode.BadGateway, "output-invalid");
    }

    [Fact]
    public async Task A_model_that_limits_its_callers_says_when_to_come_again()
    {
        _model = async context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            await context.Response.WriteAsJsonAsync(new { error = new { message = "Slow down", type = "rate_limit_error" } });
        };

        var answer = await _host.Http.SendAsync(Call("ask", """{"text":"?"}"""));

        await answer.ShouldBeProblemAsync(HttpStatusCode.BadGateway, "model-rate-limited");
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task Half_a_stream_ends_as_failed()
    {
        _model = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("""data: {"id":"1","choices":[{"index":0,"delta":{"role":"assistant","content":"Half an "}}]}""" + "\n\n");
            await context.Response.Body.FlushAsync();
        };

        using var answer = await _host.Http.SendAsync(Call("tell", """{"text":"?"}"""), HttpCompletionOption.ResponseHeadersRead);
        var events = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync()).EnumerateAsync()) events.Add(item);

        events.Count(item => item.EventType == "delta").ShouldBe(1);
        events[^1].EventType.ShouldBe("end");
        var end = JsonElement.Parse(events[^1].Data);
        end.GetProperty("state").GetString().ShouldBe("failed");
        end.GetProperty("error").GetProperty("code").GetString().ShouldBe("model-answer-cut");
    }

    private void Answers(string mediaType, string body) => _model = context =>
    {
        context.Response.ContentType = mediaType;
        return context.Response.WriteAsync(body);
    };

    private static string Whole(string text) => $$$"""
        {"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":10,"total_tokens":20}}
        """;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _upstream = builder.Build();
        _upstream.Urls.Add("http://127.0.0.1:0");
        _upstream.MapFallback(context => _model(context));
        await _upstream.StartAsync();
        var address = _upstream.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var file = $$"""
            models:
              fast: { provider: openai, baseUrl: {{address}}/v1, apiKey: none, model: m, price: { input: 1, output: 2 } }
            features:
              ask: { contract: { mode: sync, caller: waits, output: prose }, handler: { prompt: ask.hbs, models: [fast] }, fallback: none, timeout: 10s }
              score: { contract: { mode: sync, caller: waits, output: structured }, handler: { prompt: ask.hbs, models: [fast], output: score.json }, fallback: none, timeout: 10s }
              tell: { contract: { mode: stream, caller: converses, output: prose }, handler: { prompt: ask.hbs, models: [fast] }, fallback: none, timeout: 10s }
            """;
        _host = await HeadwayHost.StartAsync(file, beside:
        [
            ("ask.hbs", "Answer: {{text}}"),
            ("score.json", """{ "type": "object", "required": ["score"], "additionalProperties": false, "properties": { "score": { "type": "integer" } } }"""),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _upstream.DisposeAsync();
    }
}
