using System.Text;
using System.Text.Json.Nodes;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Upstream;
using Headway.Upstream.Failing;

namespace Headway.Tests.Jobs;

/// <summary>Citations through the whole engine: no answer is delivered that cites what its input does not say.</summary>
public sealed class A_citation_is_in_the_input
{
    private const string Input = """{"letter":"The patient takes metformin 500 mg twice daily."}""";
    private const string Right = """{"findings":[{"quote":"metformin 500 mg … daily"}]}""";
    private const string Invented = """{"findings":[{"quote":"insulin ten units"}]}""";

    private static readonly Dictionary<string, string> Files = new()
    {
        ["prompts/drugs.hbs"] = "List the drugs: {{letter}}",
        ["schemas/drugs.json"] = """{"type":"object","additionalProperties":false,"required":["findings"],"properties":{"findings":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["quote"],"properties":{"quote":{"type":"string"}}}}}}""",
    };

    [Fact]
    public async Task An_invented_one_is_told_to_the_model_which_mends_it_and_both_calls_are_paid()
    {
        await using var upstream = await ModelUpstream.StartAsync(Says(Invented), Says(Right));
        await using var node = await StartAsync(upstream, "[fast]");

        var done = (await node.CallAsync("drugs", Input)).ShouldBeOfType<Answer.Done>();

        Node.Text(done.Result).ShouldBe(Right);
        var turns = JsonNode.Parse(upstream.Calls[1].Body)!["messages"]!.AsArray();
        turns[^2]!["content"]!.GetValue<string>().ShouldBe(Invented);
        turns[^1]!["content"]!.GetValue<string>().ShouldContain("$.findings[0].quote is not in the input (\"insulin ten units\")");
        upstream.Calls.Count.ShouldBe(2);
        var attempt = (await node.Engine.AttemptsAsync(Caller.Local, done.Job.Id)).ShouldHaveSingleItem();
        attempt.Calls.Select(call => (call.Model, call.ErrorCode, call.Usage.InputTokens)).ShouldBe([("fast", "citation-missing", 40), ("fast", null, 40)]);
        done.Job.Usage.InputTokens.ShouldBe(80);
    }

    [Fact]
    public async Task The_stronger_model_is_asked_when_the_first_cannot_mend_it()
    {
        await using var upstream = await ModelUpstream.StartAsync(Says(Invented), Says(Invented), Says(Right));
        await using var node = await StartAsync(upstream, "[fast, strong]");

        var done = (await node.CallAsync("drugs", Input)).ShouldBeOfType<Answer.Done>();

        Node.Text(done.Result).ShouldBe(Right);
        done.Job.Model.ShouldBe("strong");
        var calls = (await node.Engine.AttemptsAsync(Caller.Local, done.Job.Id)).ShouldHaveSingleItem().Calls;
        calls.Select(call => (call.Model, call.ErrorCode)).ShouldBe([("fast", "citation-missing"), ("fast", "citation-missing"), ("strong", null)]);
        // It is asked the question, not to mend the work of another.
        JsonNode.Parse(upstream.Calls[2].Body)!["messages"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_is_delivered_when_no_model_cites_what_is_there()
    {
        await using var upstream = await ModelUpstream.StartAsync(Says(Invented));
        await using var node = await StartAsync(upstream, "[fast, strong]");

        var failed = (await node.CallAsync("drugs", Input)).ShouldBeOfType<Answer.Failed>();

        failed.Failure.Code.ShouldBe("citation-missing");
        failed.Failure.Message.ShouldNotContain("insulin");
        upstream.Calls.Count.ShouldBe(4);
        failed.Job.Usage.InputTokens.ShouldBe(160);
    }

    [Fact]
    public async Task A_queued_job_is_tried_again_and_dies_with_the_code()
    {
        await using var upstream = await ModelUpstream.StartAsync(Says(Invented));
        await using var node = await StartAsync(upstream, "[fast]");

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("later", Input))).Id);

        (job.State, job.Error!.Code, job.Attempt).ShouldBe((JobState.Dead, "citation-missing", 2));
        upstream.Calls.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_stream_that_is_held_shows_the_checked_answer_and_nothing_before()
    {
        await using var upstream = await ModelUpstream.StartAsync(Says(Invented), Says(Right));
        await using var node = await StartAsync(upstream, "[fast]");

        var job = (await node.CallAsync("held", Input)).ShouldBeOfType<Answer.Streaming>().Job;
        var events = await node.EventsOfAsync(job.Id);

        string.Concat(events.Select(entry => Encoding.UTF8.GetString(entry.Data.Span))).ShouldNotContain("insulin");
        events[^1].Kind.ShouldBe("end");
        (await node.ResultOfAsync(job.Id)).ShouldBe(Right);
    }

    [Fact]
    public async Task A_rehearsal_cites_its_input()
    {
        await using var upstream = await ModelUpstream.StartAsync(Says(Right));
        await using var node = await StartAsync(upstream, "[practice]");

        var done = (await node.CallAsync("drugs", Input)).ShouldBeOfType<Answer.Done>();

        JsonNode.Parse(Node.Text(done.Result))!["findings"]![0]!["quote"]!.GetValue<string>().ShouldBe("The patient takes metformin 500 mg twice daily.");
    }

    [Fact]
    public async Task A_rehearsal_leaves_a_citation_in_the_item_that_it_was_given_in()
    {
        await using var upstream = await ModelUpstream.StartAsync(Says(Right));
        await using var node = await StartAsync(upstream, "[practice]");

        var done = (await node.CallAsync("drugs", """{"letter":"The patient takes metformin 500 mg twice daily.","findings":[{"quote":"metformin 500 mg"},{"quote":"twice daily"}]}""")).ShouldBeOfType<Answer.Done>();

        JsonNode.Parse(Node.Text(done.Result))!["findings"]!.AsArray().Select(finding => finding!["quote"]!.GetValue<string>()).ShouldBe(["metformin 500 mg", "twice daily"]);
    }

    private static Task<Node> StartAsync(ModelUpstream upstream, string models) => Node.StartAsync($$"""
        models:
          fast: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: small, price: { input: 1, output: 2 }, allowedData: [personal] }
          strong: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: large, price: { input: 10, output: 20 }, allowedData: [personal] }
          practice: { provider: rehearsal, firstToken: { p50: 1ms, p99: 1ms }, tokensPerSecond: 1000000, allowedData: [personal] }
        defaults: { timeout: 20s }
        features:
          drugs: { contract: { mode: sync, caller: waits, data: personal }, handler: { prompt: prompts/drugs.hbs, models: {{models}}, output: schemas/drugs.json, citations: $.findings.*.quote } }
          later: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, retry: { attempts: 2, backoff: 1ms..1ms }, handler: { prompt: prompts/drugs.hbs, models: {{models}}, output: schemas/drugs.json, citations: $.findings.*.quote } }
          held: { contract: { mode: stream, caller: converses }, handler: { prompt: prompts/drugs.hbs, models: {{models}}, output: schemas/drugs.json, citations: $.findings.*.quote, stream: hold } }
        """, _ => { }, files: Files);

    private static Script Says(string answer) => Scripts.Whole(200, "application/json", new OpenAiDialect().Whole(new Reply("small"), answer, Finish.Stop, new Tokens(40, 10)));
}
