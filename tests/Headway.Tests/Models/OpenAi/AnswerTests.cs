using System.Text.Json.Nodes;
using Headway.Models;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

public sealed class AnswerTests
{
    private const string Answer = "The patient takes metformin 500 mg twice daily – well tolerated.";

    [Fact]
    public async Task A_stream_is_shown_as_it_comes_and_costs_what_it_says()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        var answer = await asking.AnswerAsync();

        answer.Text.ShouldBe(Answer);
        asking.Shown.ToString().ShouldBe(Answer);
        answer.FinishReason.ShouldBe("stop");
        answer.Model.ShouldBe("fast");
        answer.ProviderModel.ShouldBe("gpt-5-mini-2025-08-07");
        answer.Usage.ShouldBe(new Usage(31, 14, ((31 * 0.25m) + (14 * 2.00m)) / 1_000_000));
    }

    [Fact]
    public async Task What_the_caller_asks_reaches_the_model_unchanged_but_for_what_must_change()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        await asking.AnswerAsync(Asking.Request(body: """{"model":"other","stream":false,"messages":[{"role":"user","content":"Grüß Gott"}],"x_unknown":{"a":[1,null]},"temperature":0.20}"""));

        var call = asking.Upstream.Calls.ShouldHaveSingleItem();
        call.Path.ShouldBe("/v1/chat/completions");
        call.Headers["Authorization"].ShouldBe($"Bearer {Asking.Key}");
        call.Headers["X-Team"].ShouldBe("triage");
        call.Headers["Content-Type"].ShouldBe("application/json");
        JsonNode.DeepEquals(JsonNode.Parse(call.Body), JsonNode.Parse("""
            {"model":"gpt-5-mini","messages":[{"role":"user","content":"Grüß Gott"}],"x_unknown":{"a":[1,null]},"temperature":0.20,"stream":true,"stream_options":{"include_usage":true}}
            """)).ShouldBeTrue(call.Body);
    }

    [Fact]
    public async Task A_limit_of_tokens_has_the_name_that_the_server_knows()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        await asking.AnswerAsync(Asking.Request() with { MaxTokens = 99 });

        JsonNode.Parse(asking.Upstream.Calls.ShouldHaveSingleItem().Body)!["max_tokens"]!.GetValue<int>().ShouldBe(99);
    }

    [Fact]
    public async Task An_answer_asked_for_whole_comes_whole()
    {
        await using var asking = await Asking.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        var answer = await asking.AnswerAsync(Asking.Request(stream: false));

        answer.Text.ShouldBe(Answer);
        answer.Usage.InputTokens.ShouldBe(31);
        JsonNode.Parse(asking.Upstream.Calls.ShouldHaveSingleItem().Body)!["stream"].ShouldBeNull();
    }

    [Fact]
    public async Task A_server_that_does_not_stream_is_understood_all_the_same()
    {
        await using var asking = await Asking.StartAsync(Scripts.Whole(200, "application/json; charset=utf-8", Scripts.Fixture("openai/whole")));

        (await asking.AnswerAsync()).Text.ShouldBe(Answer);

        asking.Shown.ToString().ShouldBe(Answer);
    }

    [Fact]
    public async Task Calls_of_tools_are_put_together_from_their_pieces()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-tools")));

        var answer = await asking.AnswerAsync();

        answer.FinishReason.ShouldBe("tool_calls");
        answer.ToolCalls!.ToJsonString().ShouldBe("""
            [{"id":"call_9XbLtq0Qm3rYzK","type":"function","function":{"name":"find_drug","arguments":"{\u0022name\u0022:\u0022metformin\u0022}"}},{"id":"call_B2c7Fhq1LwP0sT","type":"function","function":{"name":"find_dose","arguments":"{}"}}]
            """);
    }

    [Fact]
    public async Task An_answer_cut_off_by_the_limit_of_tokens_says_so()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-length")));

        (await asking.AnswerAsync()).Truncated.ShouldBeTrue();
    }

    [Fact]
    public async Task Where_the_server_does_not_say_what_it_used_the_sum_is_an_estimate()
    {
        var stream = string.Join("\n\n", Scripts.Fixture("openai/stream").Split("\n\n").Where(part => !part.Contains("prompt_tokens")));
        await using var asking = await Asking.StartAsync(Scripts.Events(stream));

        var usage = (await asking.AnswerAsync()).Usage;

        usage.Estimated.ShouldBeTrue();
        usage.OutputTokens.ShouldBe(Answer.Length / 4);
        usage.Usd.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Comments_between_events_and_other_line_ends_are_understood()
    {
        var stream = ": OPENROUTER PROCESSING\n\n" + Scripts.Fixture("openai/stream").ReplaceLineEndings("\r\n");
        await using var asking = await Asking.StartAsync(Scripts.Events(stream));

        (await asking.AnswerAsync()).Text.ShouldBe(Answer);
    }

    [Fact]
    public async Task One_connection_serves_calls_one_after_another()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        for (var i = 0; i < 3; i++)
            (await asking.AnswerAsync()).Text.ShouldBe(Answer);

        asking.Upstream.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_that_leaves_stops_the_model()
    {
        var go = new TaskCompletionSource();
        await using var asking = await Asking.StartAsync(Scripts.StallAfter(Scripts.Fixture("openai/stream").Before("metformin"), go.Task));
        using var left = new CancellationTokenSource();

        var asked = asking.AskAsync(stop: left.Token);
        await asking.FirstShown.Task;
        await left.CancelAsync();

        (await asked).ShouldBeOfType<ModelReply.Stopped>().Usage.OutputTokens.ShouldBeGreaterThan(0);
        await asking.Upstream.Calls[0].Left;
    }
}
