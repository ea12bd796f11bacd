using System.Net;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>Conversations that a model sums up.</summary>
public sealed class CompactTests
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    [Fact]
    public async Task A_summary_stands_for_what_was_said()
    {
        await using var node = await StartAsync();
        var first = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"One."}"""));

        var compacted = await CompactAsync(node, $$"""{"model":"fast","previous_response_id":"{{first}}","input":"Two.","tools":[{"type":"function","name":"f"}]}""");
        var item = compacted["output"]!.AsArray().ShouldHaveSingleItem()!;
        await node.CreateAsync($$"""{"model":"fast","input":[{{item.ToJsonString()}},{"role":"user","content":"Three."}]}""");

        compacted["object"].Text().ShouldBe("response.compaction");
        compacted["usage"]!["total_tokens"]!.GetValue<int>().ShouldBe(45);
        item["type"].Text().ShouldBe("compaction");
        var asked = JsonNode.Parse(node.Upstream.Calls[1].Body)!;
        asked["tools"].ShouldBeNull();
        asked["messages"]!.AsArray().Take(3).Select(turn => turn!["content"].Text()).ShouldBe(["One.", Text, "Two."]);
        asked["messages"]![3]!["content"].Text().ShouldStartWith("Sum up this conversation");
        JsonNode.Parse(node.Upstream.Calls[2].Body)!["messages"]!.AsArray().Select(turn => $"{turn!["role"].Text()}: {turn["content"].Text()}")
            .ShouldBe([$"user: Summary of the conversation so far:\n{Text}", "user: Three."]);
    }

    [Fact]
    public async Task Nothing_of_it_is_stored()
    {
        await using var node = await StartAsync();

        var compacted = await CompactAsync(node, """{"model":"fast","input":"One."}""");

        using var shown = await node.Http.GetAsync($"/v1/responses/{ResponsesWire.IdOf(compacted)}");
        shown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Nobody_but_who_it_was_made_for_can_read_change_or_use_a_summary()
    {
        await using var node = await StartAsync();
        var item = (await CompactAsync(node, """{"model":"fast","input":"One."}"""))["output"]![0]!;
        var bytes = Convert.FromBase64String(item["encrypted_content"].Text()["summary.".Length..]);

        System.Text.Encoding.UTF8.GetString(bytes).ShouldNotContain("metformin");
        (await node.Host.Engine.Summaries.OpenAsync("default", bytes))!.Text.ShouldBe(Text);
        (await node.Host.Engine.Summaries.OpenAsync("other", bytes)).ShouldBeNull();
        // Each of its bytes counts, and so does its end.
        for (var at = 0; at < bytes.Length; at++)
        {
            var altered = bytes.ToArray();
            altered[at] ^= 1;
            (await node.Host.Engine.Summaries.OpenAsync("default", altered)).ShouldBeNull($"byte {at}");
            (await node.Host.Engine.Summaries.OpenAsync("default", bytes.AsMemory(0, at))).ShouldBeNull($"cut at {at}");
        }

        bytes[^1] ^= 1;
        foreach (var path in new[] { "/v1/responses", "/v1/responses/compact", "/v1/responses/input_tokens" })
        {
            using var answer = await node.PostAsync(path, $$"""{"model":"fast","input":[{"role":"user","content":"One."},{"type":"compaction","encrypted_content":"summary.{{Convert.ToBase64String(bytes)}}"}]}""");
            (await answer.ErrorOfAsync())["param"].Text().ShouldBe("input[1].encrypted_content");
        }
    }

    [Fact]
    public async Task A_summary_is_told_only_where_its_data_may_go()
    {
        await using var node = await StartAsync();
        var phi = (await CompactAsync(node, """{"model":"kept","input":"One."}"""))["output"]![0]!.ToJsonString();
        var plain = (await CompactAsync(node, """{"model":"fast","input":"One."}"""))["output"]![0]!.ToJsonString();

        foreach (var (path, model) in new[] { ("/v1/responses", "fast"), ("/v1/responses/compact", "fast"), ("/v1/responses", "note") })
        {
            using var refused = await node.PostAsync(path, $$"""{"model":"{{model}}","input":[{{phi}},{"role":"user","content":"Two."}]}""");
            var error = await refused.ErrorOfAsync();
            (error["code"].Text(), error["param"].Text()).ShouldBe(("input-invalid", "input[0].encrypted_content"));
            error["message"].Text().ShouldContain("sums up phi data");
        }

        (await node.CreateAsync($$"""{"model":"kept","input":[{{phi}},{{plain}},{"role":"user","content":"Two."}]}"""))["status"].Text().ShouldBe("completed");
        node.Upstream.Calls.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_summary_outlives_the_server_and_serves_who_goes_on_from_a_response_that_had_it()
    {
        await using var node = await StartAsync();
        var item = (await CompactAsync(node, """{"model":"fast","input":"One."}"""))["output"]![0]!.ToJsonString();
        await node.RestartAsync();

        var first = await node.CreateAsync($$"""{"model":"fast","input":[{{item}},{"role":"user","content":"Two."}]}""");
        await node.CreateAsync($$"""{"model":"fast","input":"Three.","previous_response_id":"{{ResponsesWire.IdOf(first)}}"}""");

        JsonNode.Parse(node.Upstream.Calls[2].Body)!["messages"]!.AsArray().Select(turn => turn!["content"].Text())
            .ShouldBe([$"Summary of the conversation so far:\n{Text}", "Two.", Text, "Three."]);
        (await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(first)}/input_items?order=asc"))["data"]![0]!["encrypted_content"].Text().ShouldBe(JsonNode.Parse(item)!["encrypted_content"].Text());
    }

    [Theory]
    [InlineData("""{"input":"One."}""", "input-invalid", "model")]
    [InlineData("""{"model":"note","input":"One."}""", "mode-forbidden", "model")]
    [InlineData("""{"model":"vectors","input":"One."}""", "mode-forbidden", "model")]
    [InlineData("""{"model":"fast"}""", "input-invalid", "input")]
    [InlineData("""{"model":"fast","input":"One.","stream":true}""", "input-invalid", "stream")]
    [InlineData("""{"model":"fast","input":[{"type":"compaction","encrypted_content":"gAAAAAB of another maker"}]}""", "input-invalid", "input[0].encrypted_content")]
    [InlineData("""{"model":"fast","input":[{"type":"compaction","encrypted_content":"summary./w=="}]}""", "input-invalid", "input[0].encrypted_content")]
    [InlineData("""{"model":"fast","input":[{"type":"compaction"}]}""", "input-invalid", "input[0].encrypted_content")]
    public async Task What_cannot_be_summed_up_is_refused(string body, string code, string param)
    {
        await using var node = await StartAsync();

        using var answer = await node.PostAsync("/v1/responses/compact", body);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = await answer.ErrorOfAsync();
        error["code"].Text().ShouldBe(code);
        error["param"].Text().ShouldBe(param);
        node.Upstream.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("openai/whole-refusal")]
    [InlineData("openai/whole-tools")]
    public async Task What_is_no_summary_is_not_passed_off_as_one(string fixture)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture(fixture)));

        using var answer = await node.PostAsync("/v1/responses/compact", """{"model":"fast","input":"One."}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await answer.ErrorOfAsync())["code"].Text().ShouldBe("summary-missing");
    }

    private static async Task<JsonNode> CompactAsync(OpenAiHost node, string body)
    {
        using var answer = await node.PostAsync("/v1/responses/compact", body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private static Task<OpenAiHost> StartAsync() => OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
}
