using System.Text;
using Headway.Models.Providers.Anthropic;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.Anthropic;

public sealed class FaultTests
{
    private static readonly string Stream = AskingClaude.Fixture("stream");

    [Theory]
    [InlineData(302, null, "model-redirected", FailureKind.Permanent, false)]
    [InlineData(400, null, "model-bad-request", FailureKind.Permanent, true)]
    [InlineData(400, "prefill", "model-bad-request", FailureKind.Permanent, true)]
    [InlineData(400, "parameter", "model-parameter-unsupported", FailureKind.Permanent, true)]
    [InlineData(400, "context-length", "model-context-length", FailureKind.Permanent, true)]
    [InlineData(400, "context-limit", "model-context-length", FailureKind.Permanent, true)]
    [InlineData(400, "filter", "model-content-filter", FailureKind.Permanent, true)]
    [InlineData(400, "credit", "model-quota-exhausted", FailureKind.Unavailable, false)]
    [InlineData(400, "usage-limit", "model-quota-exhausted", FailureKind.Unavailable, false)]
    [InlineData(401, "key", "model-unauthorized", FailureKind.Permanent, false)]
    [InlineData(402, "billing", "model-quota-exhausted", FailureKind.Unavailable, false)]
    [InlineData(403, "permission", "model-unauthorized", FailureKind.Permanent, false)]
    [InlineData(404, "model", "model-not-found", FailureKind.Permanent, false)]
    [InlineData(408, null, "model-unavailable", FailureKind.Unavailable, false)]
    [InlineData(409, null, "model-unavailable", FailureKind.Unavailable, false)]
    [InlineData(413, "too-large", "model-context-length", FailureKind.Permanent, true)]
    [InlineData(422, null, "model-bad-request", FailureKind.Permanent, true)]
    [InlineData(429, "rate-limit", "model-rate-limited", FailureKind.RateLimited, false)]
    [InlineData(500, "server", "model-unavailable", FailureKind.Unavailable, false)]
    [InlineData(502, null, "model-unavailable", FailureKind.Unavailable, false)]
    [InlineData(504, "timeout", "model-unavailable", FailureKind.Unavailable, false)]
    [InlineData(529, "overloaded", "model-unavailable", FailureKind.Unavailable, false)]
    internal async Task A_status_has_a_code_a_kind_and_one_to_blame(int status, string? fixture, string code, FailureKind kind, bool ofInput)
    {
        var body = fixture is null ? "<html><body>Bad gateway</body></html>" : AskingClaude.Fixture($"error-{fixture}");
        var error = AnthropicError.Read(Encoding.UTF8.GetBytes(body));
        await using var asking = await AskingClaude.StartAsync(Scripts.Whole(status, fixture is null ? "text/html" : "application/json", body, ("Location", "http://127.0.0.1:1/v1")));

        var fault = await asking.FaultAsync(AskingClaude.Request());

        fault.ShouldBe(AnthropicFaults.OfStatus(asking.Model, status, null, error));
        fault.Failure.Code.ShouldBe(code);
        fault.Failure.Kind.ShouldBe(kind);
        fault.OfInput.ShouldBe(ofInput);
        fault.Failure.Message.ShouldStartWith("Model 'fast' ");
        fault.Failure.Message.ShouldNotContain("<html>");
        fault.Failure.Fingerprint.ShouldStartWith($"{code}/fast");
        asking.Upstream.Calls.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("error-context-length", "model-context-length")]
    [InlineData("error-filter", "model-content-filter")]
    [InlineData("error-credit", "model-quota-exhausted")]
    [InlineData("error-key", "model-unauthorized")]
    [InlineData("error-billing", "model-quota-exhausted")]
    [InlineData("error-permission", "model-unauthorized")]
    [InlineData("error-model", "model-not-found")]
    [InlineData("error-too-large", "model-context-length")]
    [InlineData("error-rate-limit", "model-rate-limited")]
    [InlineData("error-server", "model-unavailable")]
    [InlineData("error-timeout", "model-unavailable")]
    [InlineData("error-overloaded", "model-unavailable")]
    [InlineData("error-prefill", "model-bad-request")]
    public async Task An_error_in_place_of_an_answer_is_an_error_whatever_the_status_says(string fixture, string code)
    {
        await using var whole = await AskingClaude.WholeAsync(fixture);
        await using var streamed = await AskingClaude.StartAsync(Scripts.Events(Stream.Before("metformin") + $"event: error\ndata: {AskingClaude.Fixture(fixture)}\n\n"));

        (await whole.FaultAsync(AskingClaude.Request())).Failure.Code.ShouldBe(code);
        (await streamed.FaultAsync(AskingClaude.Request())).Failure.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_stream_that_ends_with_an_error_is_paid_as_far_as_it_came()
    {
        await using var asking = await AskingClaude.StreamAsync("stream-error");

        var fault = await asking.FaultAsync(AskingClaude.Request());

        fault.Failure.Code.ShouldBe("model-unavailable");
        fault.Failure.Retryable.ShouldBeTrue();
        fault.Failure.Message.ShouldContain("overloaded_error");
        asking.Shown.ToString().ShouldBe("The patient takes metformin");
        fault.Usage.InputTokens.ShouldBe(31);
        fault.Usage.OutputTokens.ShouldBe(7);
        fault.Usage.Estimated.ShouldBeTrue();
    }

    [Fact]
    public async Task Words_that_were_cut_in_the_middle_of_a_letter_still_tell_what_failed()
    {
        await using var asking = await AskingClaude.StartAsync(Scripts.Whole(529, "application/json", """{"type":"error","error":{"type":"overloaded_error","message":"cut \ud83d"}}"""));

        (await asking.FaultAsync(AskingClaude.Request())).Failure.Code.ShouldBe("model-unavailable");
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-1")]
    public async Task A_count_of_tokens_that_cannot_be_true_is_estimated_instead_of_paid(string tokens)
    {
        var whole = System.Text.RegularExpressions.Regex.Replace(AskingClaude.Fixture("whole"), "\"output_tokens\": ?[0-9]+", $"\"output_tokens\": {tokens}");
        whole.ShouldContain(tokens);
        await using var asking = await AskingClaude.StartAsync(Scripts.Whole(200, "application/json", whole));

        var usage = (await asking.AnswerAsync(AskingClaude.Request())).Usage;

        usage.Estimated.ShouldBeTrue();
        usage.Usd.ShouldBeInRange(0, 0.01m);
    }

    [Fact]
    public async Task Why_a_request_was_refused_is_passed_on()
    {
        await using var prefill = await AskingClaude.WholeAsync("error-prefill", 400);
        await using var parameter = await AskingClaude.WholeAsync("error-parameter", 400);

        (await prefill.FaultAsync(AskingClaude.Request(messages: """[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]"""))).Failure.Message
            .ShouldBe("Model 'fast' does not accept the request (400). It said: This model does not support assistant message prefill. The conversation must end with a user message.");
        (await parameter.FaultAsync(AskingClaude.Request())).Failure.Message.ShouldContain("`temperature` is deprecated for this model");
    }

    [Theory]
    [InlineData(429, "7")]
    [InlineData(529, "7")]
    public async Task Retry_After_is_kept(int status, string seconds)
    {
        await using var asking = await AskingClaude.StartAsync(Scripts.Whole(status, "application/json", AskingClaude.Fixture("error-rate-limit"), ("retry-after", seconds)));

        (await asking.FaultAsync(AskingClaude.Request())).Failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Theory]
    [InlineData("text/html", "<html>log in</html>", "model-not-json")]
    [InlineData(null, "", "model-empty-answer")]
    [InlineData("application/json", "", "model-empty-answer")]
    [InlineData("application/json", "{}", "model-malformed")]
    [InlineData("application/json", """{"content":[null],"stop_reason":"end_turn"}""", "model-malformed")]
    [InlineData("application/json", """{"content":[{"type":"text","text":"a","text":"b"}],"stop_reason":"end_turn"}""", "model-malformed")]
    [InlineData("application/json", """{"content":[{"type":"tool_use","id":"t","name":"f","input":{"a":1,"a":2}}],"stop_reason":"tool_use"}""", "model-malformed")]
    [InlineData("application/json", """{"content":[{"type":"text","text":"a""", "model-malformed")]
    [InlineData("application/json", """{"content":[{"type":"text","text":"half"}],"stop_reason":null}""", "model-answer-cut")]
    [InlineData("application/json", """{"content":[],"stop_reason":"end_turn"}""", "model-empty-answer")]
    [InlineData("application/json", """{"content":[{"type":"text","text":"half"}],"stop_reason":"pause_turn"}""", "model-answer-cut")]
    [InlineData("application/json", """{"content":[{"type":"text","text":"half"}],"stop_reason":"later_idea"}""", "model-malformed")]
    public async Task A_200_is_no_answer_by_itself(string? mediaType, string body, string code)
    {
        await using var asking = await AskingClaude.StartAsync(Scripts.Whole(200, mediaType, body));

        (await asking.FaultAsync(AskingClaude.Request())).Failure.Code.ShouldBe(code);
        asking.Shown.Length.ShouldBe(0);
    }

    [Fact]
    public async Task A_stream_ends_well_only_when_it_says_so_twice()
    {
        var cases = new Dictionary<string, Script>
        {
            ["ended in the middle"] = Scripts.Events(Stream.Before("metformin")),
            ["ended in the middle of an event"] = Scripts.Events(Stream[..(Stream.IndexOf("metformin", StringComparison.Ordinal) - 20)]),
            ["ended before message_stop"] = Scripts.Events(Stream.Before("event: message_stop")),
            ["message_stop without a stop_reason"] = Scripts.Events(Stream.Before("event: message_delta") + Stream[Stream.IndexOf("event: message_stop", StringComparison.Ordinal)..]),
            ["nothing"] = Scripts.Events(""),
            ["message_stop alone"] = Scripts.Events("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
            ["torn before its head"] = Scripts.Abort(),
            ["a body shorter than promised"] = Scripts.CutWhole("""{"content":[{"""),
        };

        foreach (var (name, script) in cases)
        {
            await using var asking = await AskingClaude.StartAsync(script);
            var fault = await asking.FaultAsync(AskingClaude.Request());
            fault.Failure.Code.ShouldBe("model-answer-cut", name);
            fault.Failure.Retryable.ShouldBeTrue(name);
            (fault.Usage.OutputTokens > 0).ShouldBe(asking.Shown.Length > 0, name);
        }
    }

    [Fact]
    public async Task A_connection_torn_in_the_middle_ends_the_answer_as_cut()
    {
        var received = new TaskCompletionSource();
        await using var asking = await AskingClaude.StartAsync(Scripts.CutAfter(Stream.Before("metformin"), received.Task));

        var asked = asking.FaultAsync(AskingClaude.Request());
        await asking.FirstShown.Task;
        received.SetResult();

        (await asked).Failure.Code.ShouldBe("model-answer-cut");
    }

    [Theory]
    [InlineData("data: {\"type\":\"content_block_delta\",\n\n")]
    [InlineData("data: <html>\n\n")]
    [InlineData("data: {\"type\":\"message_delta\",\"delta\":\"none\"}\n\n")]
    public async Task An_event_that_cannot_be_read_ends_the_answer(string happened)
    {
        await using var asking = await AskingClaude.StartAsync(Scripts.Events(Stream.Before("metformin") + "\n" + happened + Stream));

        (await asking.FaultAsync(AskingClaude.Request())).Failure.Code.ShouldBe("model-malformed");
    }

    [Theory]
    [InlineData("stream-refusal", "The request could enable biological harm")]
    [InlineData("whole-refusal", "cyber")]
    public async Task A_model_that_will_not_answer_is_not_asked_again(string fixture, string why)
    {
        await using var asking = fixture[0] == 's' ? await AskingClaude.StreamAsync(fixture) : await AskingClaude.WholeAsync(fixture);

        var fault = await asking.FaultAsync(AskingClaude.Request());

        fault.Failure.Code.ShouldBe("model-refused");
        fault.Failure.Message.ShouldContain(why);
        fault.Failure.Retryable.ShouldBeFalse();
        fault.OfInput.ShouldBeTrue();
        fault.Usage.Usd.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task No_failure_tells_the_key()
    {
        var body = $$$"""{"type":"error","error":{"type":"api_error","message":"The key {{{Asking.Key}}} is over its limit"}}""";
        foreach (var status in new[] { 200, 400, 401, 403, 404, 429, 500 })
        {
            await using var asking = await AskingClaude.StartAsync(Scripts.Whole(status, "application/json", body));

            var failure = (await asking.FaultAsync(AskingClaude.Request())).Failure;

            failure.Message.ShouldNotContain(Asking.Key);
            failure.Fingerprint.ShouldNotContain(Asking.Key);
        }
    }
}
