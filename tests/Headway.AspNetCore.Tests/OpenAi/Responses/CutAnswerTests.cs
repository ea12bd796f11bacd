using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>An answer that breaks off in a job that nobody waits for: the next model goes on within the attempt, and readers are told that the answer begins anew.</summary>
public sealed class CutAnswerTests
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";
    private const string Chain = "chain: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: { prompt: note.hbs, models: [fast, claude] } }";

    private static readonly string Cut = Scripts.Fixture("openai/stream").Before("metformin");

    [Fact]
    public async Task The_next_model_answers_in_the_same_attempt()
    {
        await using var node = await OpenAiHost.StartAsync(Chain, Scripts.ByPath(Scripts.Events(Cut), Scripts.Events(Scripts.Fixture("anthropic/stream"))));

        var events = await node.CreateEventsAsync("""{"model":"chain","input":"?","stream":true}""");
        var said = events[^1]["response"]!;
        var shown = await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(said)}");
        var job = JsonNode.Parse(await node.Http.GetStringAsync($"/v1/jobs/job_{ResponsesWire.IdOf(said)["resp_".Length..]}"))!;

        events[^1]["type"].Text().ShouldBe("response.completed");
        ShouldHaveBegunAnew(events);
        job["attempt"]!.GetValue<int>().ShouldBe(1);
        job["model"].Text().ShouldBe("claude");
        node.Upstream.Calls.Count(call => call.Path == "/v1/messages").ShouldBe(1);
        shown["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(said["output"]![0]!["content"]![0]!["text"].Text());
    }

    [Fact]
    public async Task The_same_model_is_asked_again_where_there_is_no_other()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Cut), Scripts.Events(Scripts.Fixture("openai/stream")));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true,"background":true}""");
        var said = events[^1]["response"]!;

        ShouldHaveBegunAnew(events);
        said["output"]!.AsArray().ShouldHaveSingleItem()!["content"]![0]!["text"].Text().ShouldBe(Text);
        (await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(said)}")).ToJsonString().ShouldBe(said.ToJsonString());
        (await node.GetEventsAsync($"/v1/responses/{ResponsesWire.IdOf(said)}?stream=true")).Select(shown => shown.ToJsonString()).ShouldBe(events.Select(shown => shown.ToJsonString()));
        JsonNode.Parse(await node.Http.GetStringAsync($"/v1/jobs/job_{ResponsesWire.IdOf(said)["resp_".Length..]}"))!["attempt"]!.GetValue<int>().ShouldBe(1);
        node.Upstream.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_caller_who_waits_is_told_that_it_broke_off()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Cut), Scripts.Events(Scripts.Fixture("openai/stream")));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true}""");

        events[^1]["type"].Text().ShouldBe("response.failed");
        node.Upstream.Calls.Count.ShouldBe(1);
    }

    private static void ShouldHaveBegunAnew(List<JsonNode> events)
    {
        events.Select(shown => shown["sequence_number"]!.GetValue<int>()).ShouldBe(Enumerable.Range(0, events.Count));
        var done = events.Where(shown => shown["type"].Text() == "response.output_item.done").ToList();
        done.Select(shown => (shown["output_index"]!.GetValue<int>(), shown["item"]!["status"].Text())).ShouldBe([(0, "incomplete"), (1, "completed")]);
        done[0]["item"]!["id"].Text().ShouldNotBe(done[1]["item"]!["id"].Text());
    }
}
