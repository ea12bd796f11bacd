using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.Tests.Models.Anthropic;

public sealed class AnswerTests
{
    private const string Answer = "The patient takes metformin 500 mg twice daily – well tolerated.";
    private const string Call = """{"id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","type":"function","function":{"name":"find_drug","arguments":"{\"name\": \"metformin\"}"}}""";

    [Fact]
    public async Task A_stream_is_shown_as_it_comes_and_costs_what_it_says()
    {
        await using var asking = await AskingClaude.StreamAsync("stream");

        var answer = await asking.AnswerAsync(AskingClaude.Request());

        answer.Text.ShouldBe(Answer);
        asking.Shown.ToString().ShouldBe(Answer);
        answer.FinishReason.ShouldBe("stop");
        answer.Model.ShouldBe("fast");
        answer.ProviderModel.ShouldBe("claude-sonnet-5");
        answer.Usage.ShouldBe(new Usage(31, 14, ((31 * 3m) + (14 * 15m)) / 1_000_000));
        answer.Wire.IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_whole_answer_is_understood_whether_it_was_asked_for_or_not(bool stream)
    {
        await using var asking = await AskingClaude.WholeAsync("whole");

        var answer = await asking.AnswerAsync(AskingClaude.Request(stream: stream));

        answer.Text.ShouldBe(Answer);
        asking.Shown.ToString().ShouldBe(Answer);
        answer.Usage.ShouldBe(new Usage(31, 14, ((31 * 3m) + (14 * 15m)) / 1_000_000));
        (JsonNode.Parse(asking.Upstream.Calls.ShouldHaveSingleItem().Body)!["stream"]?.GetValue<bool>()).ShouldBe(stream ? true : null);
    }

    [Fact]
    public async Task What_was_read_from_the_cache_or_written_to_it_is_input()
    {
        await using var asking = await AskingClaude.StreamAsync("stream-cache");

        (await asking.AnswerAsync(AskingClaude.Request())).Usage.InputTokens.ShouldBe(5 + 20 + 6);
    }

    [Fact]
    public async Task Calls_of_tools_are_put_together_from_their_pieces()
    {
        await using var asking = await AskingClaude.StreamAsync("stream-tools");

        var answer = await asking.AnswerAsync(AskingClaude.Request());

        answer.FinishReason.ShouldBe("tool_calls");
        answer.Text.ShouldBe("I'll look that up.");
        JsonNode.DeepEquals(answer.ToolCalls, JsonNode.Parse($$$"""[{{{Call}}},{"id":"toolu_01A09q90qw90lq917835lq9","type":"function","function":{"name":"find_dose","arguments":"{}"}}]""")).ShouldBeTrue(answer.ToolCalls!.ToJsonString());
    }

    [Fact]
    public async Task Calls_of_tools_in_a_whole_answer_have_the_same_form()
    {
        await using var asking = await AskingClaude.WholeAsync("whole-tools");

        var answer = await asking.AnswerAsync(AskingClaude.Request(stream: false));

        answer.FinishReason.ShouldBe("tool_calls");
        JsonNode.DeepEquals(answer.ToolCalls, JsonNode.Parse($"[{Call.Replace(": \\", ":\\", StringComparison.Ordinal)}]")).ShouldBeTrue(answer.ToolCalls!.ToJsonString());
    }

    [Theory]
    [InlineData("stream-thinking")]
    [InlineData("whole-thinking")]
    public async Task What_the_model_thinks_is_told_apart_from_what_it_answers(string fixture)
    {
        await using var asking = fixture[0] == 's' ? await AskingClaude.StreamAsync(fixture) : await AskingClaude.WholeAsync(fixture);

        var answer = await asking.AnswerAsync(AskingClaude.Request());

        answer.Text.ShouldBe(Answer);
        asking.Shown.ToString().ShouldBe(Answer);
        answer.Reasoning.ShouldBe("She asks for her drug. The record says metformin.");
        answer.Usage.OutputTokens.ShouldBe(40);
    }

    [Theory]
    [InlineData("end_turn", "stop")]
    [InlineData("stop_sequence", "stop")]
    [InlineData("max_tokens", "length")]
    [InlineData("model_context_window_exceeded", "length")]
    public async Task Why_it_stopped_is_said_in_the_words_of_the_other_API(string reason, string finish)
    {
        var body = AskingClaude.Fixture("whole").Replace("end_turn", reason, StringComparison.Ordinal);
        await using var asking = await AskingClaude.StartAsync(Scripts.Whole(200, "application/json", body));

        (await asking.AnswerAsync(AskingClaude.Request())).FinishReason.ShouldBe(finish);
    }

    [Fact]
    public async Task An_answer_cut_off_by_the_limit_of_tokens_says_so()
    {
        await using var asking = await AskingClaude.StreamAsync("stream-length");

        (await asking.AnswerAsync(AskingClaude.Request())).Truncated.ShouldBeTrue();
    }

    [Fact]
    public async Task Pings_and_events_that_are_not_known_add_nothing()
    {
        var stream = AskingClaude.Fixture("stream-ping").Replace("event: message_delta", "event: later_idea\ndata: {\"type\":\"later_idea\",\"delta\":{\"type\":\"x\"}}\n\nevent: message_delta", StringComparison.Ordinal);
        await using var asking = await AskingClaude.StartAsync(Scripts.Events(stream.ReplaceLineEndings("\r\n")));

        (await asking.AnswerAsync(AskingClaude.Request())).Text.ShouldBe(Answer);
    }

    [Fact]
    public async Task What_the_provider_says_of_its_limits_is_told_with_answers_and_failures()
    {
        (string, string)[] headers =
        [
            ("anthropic-ratelimit-requests-remaining", "999"), ("anthropic-ratelimit-requests-reset", "2026-03-02T09:00:12Z"),
            ("anthropic-ratelimit-tokens-remaining", "96000"), ("anthropic-ratelimit-tokens-reset", "2026-03-02T08:59:59Z"),
        ];
        await using var asking = await AskingClaude.StartAsync(
            Scripts.Whole(200, "application/json", AskingClaude.Fixture("whole"), headers),
            Scripts.Whole(429, "application/json", AskingClaude.Fixture("error-rate-limit"), headers),
            Scripts.Whole(200, "application/json", AskingClaude.Fixture("whole"), ("anthropic-ratelimit-requests-reset", "soon")));

        var said = new Headway.Models.UpstreamLimits { RemainingRequests = 999, RequestsReset = TimeSpan.FromSeconds(12), RemainingTokens = 96000, TokensReset = TimeSpan.Zero };
        (await asking.AskAsync(AskingClaude.Request())).Limits.ShouldBe(said);
        (await asking.AskAsync(AskingClaude.Request())).Limits.ShouldBe(said);
        (await asking.AskAsync(AskingClaude.Request())).Limits.ShouldBeNull();
    }
}
