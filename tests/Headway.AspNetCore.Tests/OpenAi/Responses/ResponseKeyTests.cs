using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>A key gets the response that it got before.</summary>
public sealed class ResponseKeyTests
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    [Fact]
    public async Task The_same_key_gets_the_same_response()
    {
        await using var node = await StartAsync();
        const string Ask = """{"model":"fast","input":"?"}""";

        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = new StringContent(Ask, System.Text.Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
            request.Headers.Add("Idempotency-Key", "k1");
            using var answer = await node.Http.SendAsync(request);
            ids.Add(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"].Text());
        }

        ids[0].ShouldBe(ids[1]);
        node.Upstream.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_key_gets_one_of_the_background_as_it_is_by_then()
    {
        await using var node = await StartAsync();
        var first = await AskWithKeyAsync(node);
        using var wait = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/job_{ResponsesWire.IdOf(first)["resp_".Length..]}");
        wait.Headers.Add("Prefer", "wait=30");
        using var ended = await node.Http.SendAsync(wait);

        var again = await AskWithKeyAsync(node);

        first["status"].Text().ShouldBe("queued");
        again["id"].Text().ShouldBe(first["id"].Text());
        again["status"].Text().ShouldBe("completed");
        again["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(Text);
    }

    [Theory]
    [InlineData("/v1/responses", "")]
    [InlineData("/v1/responses", ",\"background\":true")]
    [InlineData("/v1/responses", ",\"store\":false")]
    [InlineData("/v1/responses/compact", "")]
    public async Task A_key_gets_its_answer_again_though_what_it_went_on_from_was_deleted(string path, string more)
    {
        await using var node = await StartAsync();
        var previous = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"One."}"""));
        var body = $$"""{"model":"fast","input":"Two.","previous_response_id":"{{previous}}"{{more}}}""";
        var first = await AskAsync("k4", body);
        if (more.Contains("background", StringComparison.Ordinal)) await node.EndedAsync(ResponsesWire.IdOf(first));
        using (await node.Http.DeleteAsync($"/v1/responses/{previous}"))
        {
        }

        var again = await AskAsync("k4", body);
        var other = await AskAsync("k5", body);
        var changed = await AskAsync("k4", body.Replace("Two.", "Three.", StringComparison.Ordinal));

        again["id"].Text().ShouldBe(first["id"].Text());
        (again["status"] ?? "completed").Text().ShouldBe("completed");
        other["error"]!["code"].Text().ShouldBe("previous_response_not_found");
        changed["error"]!["code"].Text().ShouldBe("idempotency-mismatch");
        node.Upstream.Calls.Count.ShouldBe(2);

        async Task<JsonNode> AskAsync(string key, string asked)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(asked, System.Text.Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
            request.Headers.Add("Idempotency-Key", key);
            using var answer = await node.Http.SendAsync(request);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        }
    }

    private static async Task<JsonNode> AskWithKeyAsync(OpenAiHost node)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = new StringContent("""{"model":"fast","input":"?","background":true}""", System.Text.Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("Idempotency-Key", "k2");
        using var answer = await node.Http.SendAsync(request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private static Task<OpenAiHost> StartAsync() => OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
}
