using System.Net;
using System.Net.Sockets;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

public sealed class FaultTests
{
    private static readonly string Stream = Scripts.Fixture("openai/stream");

    [Theory]
    [InlineData(302, null, "model-redirected", FailureKind.Permanent, false)]
    [InlineData(400, null, "model-bad-request", FailureKind.Permanent, true)]
    [InlineData(400, "error-context-length", "model-context-length", FailureKind.Permanent, true)]
    [InlineData(401, "error-key", "model-unauthorized", FailureKind.Permanent, false)]
    [InlineData(402, null, "model-quota-exhausted", FailureKind.Unavailable, false)]
    [InlineData(403, null, "model-unauthorized", FailureKind.Permanent, false)]
    [InlineData(404, "error-model", "model-not-found", FailureKind.Permanent, false)]
    [InlineData(408, null, "model-unavailable", FailureKind.Unavailable, false)]
    [InlineData(413, null, "model-context-length", FailureKind.Permanent, true)]
    [InlineData(422, null, "model-bad-request", FailureKind.Permanent, true)]
    [InlineData(429, "error-rate-limit", "model-rate-limited", FailureKind.RateLimited, false)]
    [InlineData(429, "error-quota", "model-quota-exhausted", FailureKind.Unavailable, false)]
    [InlineData(500, "error-server", "model-unavailable", FailureKind.Unavailable, false)]
    [InlineData(502, null, "model-unavailable", FailureKind.Unavailable, false)]
    [InlineData(503, null, "model-unavailable", FailureKind.Unavailable, false)]
    [InlineData(529, null, "model-unavailable", FailureKind.Unavailable, false)]
    internal async Task A_status_has_a_code_a_kind_and_one_to_blame(int status, string? fixture, string code, FailureKind kind, bool ofInput)
    {
        var body = fixture is null ? "<html><body>Bad gateway</body></html>" : Scripts.Fixture($"openai/{fixture}");
        await using var asking = await Asking.StartAsync(Scripts.Whole(status, fixture is null ? "text/html" : "application/json", body, ("Location", "http://127.0.0.1:1/v1")));

        var fault = await asking.FaultAsync();

        fault.Failure.Code.ShouldBe(code);
        fault.Failure.Kind.ShouldBe(kind);
        fault.OfInput.ShouldBe(ofInput);
        fault.Failure.Message.ShouldStartWith("Model 'fast' ");
        fault.Failure.Message.ShouldNotContain("<html>");
        fault.Failure.Fingerprint.ShouldStartWith($"{code}/fast");
        asking.Upstream.Calls.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("Retry-After", "7", 7)]
    [InlineData("Retry-After", "Mon, 02 Mar 2026 09:00:30 GMT", 30)]
    [InlineData("Retry-After", "Mon, 02 Mar 2026 08:00:00 GMT", 0)]
    [InlineData("retry-after-ms", "1500", 1.5)]
    [InlineData("Retry-After", "soon", -1)]
    [InlineData("Retry-After", "99999999", 86400)]
    public async Task Retry_After_is_read_in_every_form(string header, string value, double seconds)
    {
        foreach (var status in new[] { 429, 503 })
        {
            await using var asking = await Asking.StartAsync(Scripts.Whole(status, "application/json", "{}", (header, value)));

            (await asking.FaultAsync()).Failure.RetryAfter.ShouldBe(seconds < 0 ? null : TimeSpan.FromSeconds(seconds));
        }
    }

    [Theory]
    [InlineData("""{"error":{"message":"upstream overloaded","code":502}}""", "model-unavailable")]
    [InlineData("""{"error":{"message":"slow down","code":429}}""", "model-rate-limited")]
    [InlineData("""{"error":{"message":"slow down","type":"tokens","code":"rate_limit_exceeded"}}""", "model-rate-limited")]
    [InlineData("""{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}""", "model-context-length")]
    [InlineData("""{"error":{"message":"no","type":"invalid_request_error","code":null}}""", "model-bad-request")]
    [InlineData("""{"error":"boom"}""", "model-unavailable")]
    public async Task An_error_in_place_of_an_answer_is_an_error_whatever_the_status_says(string body, string code)
    {
        await using var whole = await Asking.StartAsync(Scripts.Whole(200, "application/json", body));
        await using var streamed = await Asking.StartAsync(Scripts.Events(Stream.Before("takes") + $"data: {body}\n\ndata: [DONE]\n\n"));

        (await whole.FaultAsync()).Failure.Code.ShouldBe(code);
        (await streamed.FaultAsync()).Failure.Code.ShouldBe(code);
    }

    [Theory]
    [InlineData("text/html", "<html>log in</html>", "model-not-json")]
    [InlineData(null, "", "model-empty-answer")]
    [InlineData("application/json", "", "model-empty-answer")]
    [InlineData("application/json", "{}", "model-malformed")]
    [InlineData("application/json", """{"choices":[{"message":{"content":"a"}""", "model-malformed")]
    [InlineData("application/json", """{"choices":[null]}""", "model-malformed")]
    [InlineData("application/json", """{"choices":[{"index":0,"message":{"content":"a","content":"b"},"finish_reason":"stop"}]}""", "model-malformed")]
    [InlineData("application/json", """{"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}],"choices":[]}""", "model-malformed")]
    [InlineData("application/json", """{"choices":[{"index":0,"message":{"content":"half"},"finish_reason":null}]}""", "model-answer-cut")]
    [InlineData("application/json", """{"choices":[{"index":0,"message":{"content":""},"finish_reason":"stop"}]}""", "model-empty-answer")]
    [InlineData("application/json", """{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"content_filter"}]}""", "model-content-filter")]
    public async Task A_200_is_no_answer_by_itself(string? mediaType, string body, string code)
    {
        await using var asking = await Asking.StartAsync(Scripts.Whole(200, mediaType, body));

        (await asking.FaultAsync()).Failure.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_stream_ends_well_only_when_it_says_so_twice()
    {
        var finished = Stream.Before("\"choices\":[]");
        var cases = new Dictionary<string, Script>
        {
            ["ended in the middle"] = Scripts.Events(Stream.Before("metformin")),
            ["ended in the middle of a chunk"] = Scripts.Events(Stream[..(Stream.IndexOf("metformin", StringComparison.Ordinal) - 20)]),
            ["ended before [DONE]"] = Scripts.Events(finished),
            ["[DONE] without a finish_reason"] = Scripts.Events(Stream.Before("metformin") + "data: [DONE]\n\n"),
            ["nothing"] = Scripts.Events(""),
            ["[DONE] alone"] = Scripts.Events("data: [DONE]\n\n"),
            ["torn before its head"] = Scripts.Abort(),
            ["a body shorter than promised"] = Scripts.CutWhole("""{"choices":[{"index":0"""),
        };

        foreach (var (name, script) in cases)
        {
            await using var asking = await Asking.StartAsync(script);
            var fault = await asking.FaultAsync();
            fault.Failure.Code.ShouldBe("model-answer-cut", name);
            fault.Failure.Retryable.ShouldBeTrue(name);
            (fault.Usage.OutputTokens > 0).ShouldBe(asking.Shown.Length > 0, name);
        }
    }

    [Theory]
    [InlineData("metformin")]
    [InlineData("\"choices\":[]")]
    public async Task A_connection_torn_in_the_middle_ends_the_answer_as_cut(string before)
    {
        var received = new TaskCompletionSource();
        await using var asking = await Asking.StartAsync(Scripts.CutAfter(Stream.Before(before), received.Task));

        var asked = asking.FaultAsync();
        await asking.FirstShown.Task;
        received.SetResult();

        (await asked).Failure.Code.ShouldBe("model-answer-cut");
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\n\n")]
    [InlineData("data: <html>\n\n")]
    [InlineData("data: {\"choices\":\"none\"}\n\n")]
    [InlineData("data: {\"choices\":[null]}\n\n")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"content\":\"b\"}}]}\n\n")]
    public async Task A_chunk_that_cannot_be_read_ends_the_answer(string chunk)
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Stream.Before("metformin") + chunk + Stream));

        (await asking.FaultAsync()).Failure.Code.ShouldBe("model-malformed");
    }

    [Theory]
    [InlineData("stream-content-filter", "model-content-filter")]
    [InlineData("stream-refusal", "model-refused")]
    public async Task A_model_that_will_not_answer_is_not_asked_again(string fixture, string code)
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture($"openai/{fixture}")));

        var fault = await asking.FaultAsync();

        fault.Failure.Code.ShouldBe(code);
        fault.Failure.Retryable.ShouldBeFalse();
        fault.OfInput.ShouldBeTrue();
        fault.Usage.Usd.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unreachable()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var asking = await Asking.StartAsync(Scripts.Silence());
        asking.Change(model => model with { BaseUrl = new Uri($"http://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}/v1") });

        var fault = await asking.FaultAsync();

        fault.Failure.Code.ShouldBe("model-unreachable");
        fault.Failure.Kind.ShouldBe(FailureKind.Unavailable);
    }

    [Fact]
    public async Task No_failure_tells_the_key()
    {
        var body = $$$"""{"error":{"message":"The key {{{Asking.Key}}} is over its limit","type":"tokens","code":null}}""";
        foreach (var status in new[] { 200, 400, 401, 403, 404, 429, 500 })
        {
            await using var asking = await Asking.StartAsync(Scripts.Whole(status, "application/json", body));

            var failure = (await asking.FaultAsync()).Failure;

            failure.Message.ShouldNotContain(Asking.Key);
            failure.Fingerprint.ShouldNotContain(Asking.Key);
        }
    }
}
