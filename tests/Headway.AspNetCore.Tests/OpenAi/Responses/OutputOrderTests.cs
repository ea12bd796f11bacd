using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>A model may think, speak and call in any order. What is retrieved has the items of the stream, as it had them.</summary>
public sealed class OutputOrderTests
{
    private const string Text = """{"content":"Hm. "}""";
    private const string Thought = """{"reasoning_content":"Let me see."}""";
    private const string More = """{"content":"So."}""";
    private const string Call = """{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]}""";
    private const string Refusal = """{"refusal":"No."}""";

    public static readonly TheoryData<string[], string> Orders = new()
    {
        { [Text, Thought, More], "message reasoning message" },
        { [Call, Text], "function_call message" },
        { [Text, Call, More], "message function_call message" },
        { [Thought, Text, Thought, Call], "reasoning message reasoning function_call" },
        { [Refusal, Text], "message" },
        { [Thought, Text], "reasoning message" },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task What_is_retrieved_is_what_the_stream_said(string[] deltas, string order)
    {
        foreach (var background in new[] { "false", "true" })
        {
            await using var node = await OpenAiHost.StartAsync(Scripts.Events(StreamOf(deltas)));

            var events = await node.CreateEventsAsync($$"""{"model":"fast","input":"?","stream":true,"background":{{background}}}""");
            var said = events[^1]["response"]!;
            var shown = await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(said)}");

            string.Join(' ', said["output"]!.AsArray().Select(item => item!["type"].Text())).ShouldBe(order);
            events.Where(shown => shown["type"].Text() == "response.output_item.done").Select(done => done["item"]!.ToJsonString()).ShouldBe(said["output"]!.AsArray().Select(item => item!.ToJsonString()));
            shown.ToJsonString().ShouldBe(said.ToJsonString());
        }
    }

    [Fact]
    public async Task An_attempt_that_broke_is_no_part_of_what_is_retrieved()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Chunk(Text) + Chunk(Call)), Scripts.Events(StreamOf([Call, Text])));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true,"background":true}""");
        var said = events[^1]["response"]!;

        said["output"]!.AsArray().Count.ShouldBe(2);
        (await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(said)}")).ToJsonString().ShouldBe(said.ToJsonString());
    }

    [Fact]
    public async Task Whoever_goes_on_from_it_tells_the_model_calls_before_their_outputs()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(StreamOf([Text, Call, More])), Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var first = (await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true}"""))[^1]["response"]!;

        await node.CreateAsync($$"""{"model":"fast","previous_response_id":"{{ResponsesWire.IdOf(first)}}","input":[{"type":"function_call_output","call_id":"call_1","output":"1"}]}""");

        JsonNode.Parse(node.Upstream.Calls[1].Body)!["messages"]!.ToJsonString().ShouldBe(
            """[{"role":"user","content":"?"},{"role":"assistant","content":"Hm. So.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"1"}]""");
    }

    private static string StreamOf(string[] deltas) => string.Concat(deltas.Select(delta => Chunk(delta))) + Chunk("{}", "\"stop\"") + "data: [DONE]\n\n";

    private static string Chunk(string delta, string finish = "null") => $$"""
        data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}


        """;
}
