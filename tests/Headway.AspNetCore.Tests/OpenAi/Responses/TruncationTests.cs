using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>Conversations that are longer than their model takes (`truncation`).</summary>
public sealed class TruncationTests
{
    private static readonly Script Answer = Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole"));
    private static readonly Script TooLong = Scripts.Whole(400, "application/json", Scripts.Fixture("openai/error-context-length"));

    private static readonly string Old = new('o', 600);

    [Fact]
    public async Task What_the_window_of_the_model_does_not_hold_is_left_out_before_it_is_asked()
    {
        await using var node = await StartAsync(300, Answer);

        var response = await node.CreateAsync(Asked("auto"));

        response["truncation"].Text().ShouldBe("auto");
        Told(node).ShouldBe(["system:Be brief.", "user:newer", "assistant:yes", "user:now?"]);
        (await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(response)}/input_items"))["data"]!.AsArray().Count.ShouldBe(5);
    }

    [Fact]
    public async Task The_answer_has_its_place_in_the_window()
    {
        await using var node = await StartAsync(900, Answer);

        await node.CreateAsync(Asked("auto"));
        await node.CreateAsync(Asked("auto", ",\"max_output_tokens\":500"));

        node.Upstream.Calls[0].Body.ShouldContain(Old);
        node.Upstream.Calls[1].Body.ShouldNotContain(Old);
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData(null)]
    public async Task Nothing_is_left_out_unless_it_is_asked_for(string? truncation)
    {
        await using var node = await StartAsync(100, TooLong);

        using var refused = await node.PostAsync("/v1/responses", Asked(truncation));

        (await refused.ErrorOfAsync())["code"].Text().ShouldBe("context_length_exceeded");
        node.Upstream.Calls.ShouldHaveSingleItem().Body.ShouldContain(Old);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"stream\":true")]
    [InlineData(",\"background\":true,\"store\":true")]
    [InlineData(",\"store\":false")]
    public async Task Where_nobody_says_how_large_the_window_is_the_model_says_what_is_too_long(string more)
    {
        var streams = more.Contains("stream");
        await using var node = await StartAsync(null, TooLong, streams ? Scripts.Events(Scripts.Fixture("openai/stream")) : Answer);

        if (streams) (await node.CreateEventsAsync(Asked("auto", more)))[^1]["type"].Text().ShouldBe("response.completed");
        else if (more.Contains("background")) (await node.EndedAsync(ResponsesWire.IdOf(await node.CreateAsync(Asked("auto", more)))))["status"].Text().ShouldBe("completed");
        else (await node.CreateAsync(Asked("auto", more)))["truncation"].Text().ShouldBe("auto");

        node.Upstream.Calls.Count.ShouldBe(2);
        Told(node).ShouldBe(["system:Be brief.", "user:newer", "assistant:yes", "user:now?"]);
    }

    [Fact]
    public async Task A_model_that_finds_everything_too_long_is_asked_no_more_than_is_left_to_leave_out()
    {
        await using var node = await StartAsync(null, TooLong);
        var turns = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""{"role":"{{(i % 2 == 0 ? "user" : "assistant")}}","content":"turn {{i}}"}"""));

        using var refused = await node.PostAsync("/v1/responses", $$"""{"model":"fast","truncation":"auto","input":[{{turns}},{"role":"user","content":"now?"}]}""");

        (await refused.ErrorOfAsync())["code"].Text().ShouldBe("context_length_exceeded");
        node.Upstream.Calls.Count.ShouldBe(5);
        Told(node).ShouldBe(["user:now?"]);
    }

    [Fact]
    public async Task Results_of_tools_go_with_their_calls_over_the_responses_of_a_chain()
    {
        await using var node = await StartAsync(null, Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole-tools")), Answer, TooLong, Answer);
        var first = await node.CreateAsync("""{"model":"fast","input":"find it"}""");
        var calls = first["output"]!.AsArray().Where(item => item!["type"].Text() == "function_call").Select(item => item!["call_id"].Text()).ToList();
        var outputs = string.Join(',', calls.Select(call => $$"""{"type":"function_call_output","call_id":"{{call}}","output":"500 mg"}"""));
        var second = await node.CreateAsync($$"""{"model":"fast","input":[{{outputs}}],"previous_response_id":"{{ResponsesWire.IdOf(first)}}"}""");

        await node.CreateAsync($$"""{"model":"fast","truncation":"auto","input":"And now?","previous_response_id":"{{ResponsesWire.IdOf(second)}}"}""");

        node.Upstream.Calls[2].Body.ShouldContain("500 mg");
        Told(node).ShouldBe(["user:And now?"]);
    }

    private static string Asked(string? truncation, string more = "") => $$"""
        {"model":"fast","instructions":"Be brief."{{(truncation is null ? "" : $",\"truncation\":\"{truncation}\"")}}{{more}},"input":[
        {"role":"user","content":"{{Old}}"},{"role":"assistant","content":"{{Old}}"},{"role":"user","content":"newer"},{"role":"assistant","content":"yes"},{"role":"user","content":"now?"}]}
        """;

    private static IEnumerable<string> Told(OpenAiHost node) =>
        JsonNode.Parse(node.Upstream.Calls[^1].Body)!["messages"]!.AsArray().Select(turn => $"{turn!["role"].Text()}:{turn["content"].Text()}");

    private static Task<OpenAiHost> StartAsync(int? window, params Script[] scripts) => OpenAiHost.StartAsync("", window is null ? "" : $", contextTokens: {window}", scripts);
}
