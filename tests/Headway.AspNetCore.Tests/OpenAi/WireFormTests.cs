using System.Net;
using System.Text.Json.Nodes;
using Headway.Jobs.Storage;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi;

/// <summary>Whatever form an upstream answers in, a caller gets the one that was asked for.</summary>
public sealed class WireFormTests
{
    [Fact]
    public async Task A_chunk_over_several_lines_stays_one_event()
    {
        var sent = "data: {\ndata:   \"id\": \"c\", \"object\": \"chat.completion.chunk\", \"created\": 1, \"model\": \"m\",\ndata:   \"choices\": [{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]\ndata: }\n\ndata: [DONE]\n\n";
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(sent));

        var events = await node.EventsAsync("""{"model":"fast","messages":[],"stream":true}""");

        events.Count.ShouldBe(2);
        events[0].ShouldNotContain("\n");
        JsonNode.Parse(events[0])!["choices"]![0]!["delta"]!["content"]!.GetValue<string>().ShouldBe("a");
    }

    [Fact]
    public async Task A_whole_answer_where_pieces_were_asked_is_one_piece()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        var events = await node.EventsAsync("""{"model":"fast","messages":[],"stream":true}""");

        events[^1].ShouldBe("[DONE]");
        var chunk = JsonNode.Parse(events[0])!;
        chunk["object"]!.GetValue<string>().ShouldBe("chat.completion.chunk");
        chunk["choices"]![0]!["delta"]!["content"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Pieces_where_a_whole_answer_was_asked_are_put_together()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        using var answer = await node.PostAsync("/v1/chat/completions", """{"model":"fast","messages":[]}""");

        var completion = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        completion["object"]!.GetValue<string>().ShouldBe("chat.completion");
        completion["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldEndWith("well tolerated.");
    }

    [Fact]
    public async Task A_key_gives_an_answer_again_in_its_form_and_in_no_other()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        const string Whole = """{"model":"fast","messages":[]}""", Pieces = """{"model":"fast","messages":[],"stream":true}""";

        var first = await (await KeyedAsync(node, Pieces)).Content.ReadAsStringAsync();
        var again = await (await KeyedAsync(node, Pieces)).Content.ReadAsStringAsync();
        using var other = await KeyedAsync(node, Whole);

        again.ShouldBe(first);
        other.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await other.Content.ReadAsStringAsync()).ShouldContain("idempotency-mismatch");
        node.Upstream.Calls.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"model":"fast","messages":[],"stream":true}""")]
    [InlineData("""{"model":"talk","messages":[{"role":"user","content":"?"}],"stream":true}""")]
    [InlineData("""{"model":"talk","messages":[{"role":"user","content":"?"}]}""")]
    public async Task An_answer_that_is_not_kept_any_more_is_none_and_never_an_empty_one(string body)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        (await KeyedAsync(node, body)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var database = node.Host.Engine.Database;
        (await database.WriteAsync(new PruneHistory(database.Now + (long)TimeSpan.FromMinutes(90).TotalMilliseconds, 10))).Payloads.ShouldBe(1);

        using var again = await KeyedAsync(node, body);

        again.StatusCode.ShouldBe(HttpStatusCode.Gone, await again.Content.ReadAsStringAsync());
        JsonNode.Parse(await again.Content.ReadAsStringAsync())!["error"]!["code"]!.GetValue<string>().ShouldBe("result-expired");
    }

    [Fact]
    public async Task A_call_is_known_from_the_moment_of_its_answer()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        for (var i = 0; i < 20; i++)
        {
            using var answer = await node.PostAsync("/v1/chat/completions", """{"model":"fast","messages":[]}""");
            using var result = await node.Http.GetAsync($"/v1/jobs/{answer.Headers.GetValues("Headway-Job").Single()}/result");
            result.StatusCode.ShouldBe(HttpStatusCode.Gone);
            using var next = await node.PostAsync("/v1/chat/completions", """{"model":"fast","messages":[]}""");
            using var cancelled = await node.Http.PostAsync($"/v1/jobs/{next.Headers.GetValues("Headway-Job").Single()}/cancel", null);
            cancelled.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("played", true)]
    [InlineData("played", false)]
    [InlineData("vectors-played", false)]
    public async Task A_rehearsal_answers_in_the_form_of_the_API(string model, bool streams)
    {
        await using var host = await HeadwayHost.StartAsync("""
            models:
              played: { provider: rehearsal, expose: true }
              vectors-played: { provider: rehearsal, kind: embedding, expose: true }
            """);
        var embeds = model.StartsWith('v');

        using var answer = await host.Http.PostAsync(embeds ? "/v1/embeddings" : "/v1/chat/completions", new StringContent(
            embeds ? $$"""{"model":"{{model}}","input":"heart"}""" : $$"""{"model":"{{model}}","messages":[{"role":"user","content":"She sleeps well."}],"stream":{{(streams ? "true" : "false")}}}""",
            System.Text.Encoding.UTF8, "application/json"));

        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        if (!streams)
        {
            JsonNode.Parse(text)![embeds ? "data" : "choices"]!.AsArray().ShouldNotBeEmpty();
            return;
        }

        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(entry => entry["data: ".Length..]).ToList();
        events[^1].ShouldBe("[DONE]");
        string.Concat(events.SkipLast(1).Select(entry => JsonNode.Parse(entry)!["choices"]![0]!["delta"]!["content"]?.GetValue<string>())).ShouldNotBeEmpty();
    }

    private static Task<HttpResponseMessage> KeyedAsync(OpenAiHost node, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "k1");
        return node.Http.SendAsync(request);
    }
}
