using System.Text;
using Headway.Features;
using Headway.Handlers;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Handlers.Http;

public sealed class HttpAnswerTests
{
    [Theory]
    [InlineData("application/json; charset=utf-8", """{"risk":"high"}""", "application/json")]
    [InlineData("application/fhir+json", "[1,2]", "application/fhir+json")]
    [InlineData("text/plain", "No interaction.", "text/plain; charset=utf-8")]
    [InlineData("image/svg+xml", "<svg/>", "image/svg+xml")]
    public async Task A_2xx_is_the_result(string mediaType, string body, string resultType)
    {
        await using var service = await Service.AnsweringAsync(mediaType, body);
        var done = (await service.CallAsync()).ShouldBeOfType<Outcome.Done>().Result;

        Encoding.UTF8.GetString(done.Body.Span).ShouldBe(body);
        done.MediaType.ShouldBe(resultType);
    }

    [Theory]
    [InlineData("application/json", "<html>sign in</html>", null)]
    [InlineData("application/json", """{"risk":"hi""", null)]
    [InlineData("application/json", """{"risk":1} trailing""", null)]
    [InlineData("application/json", "", null)]
    [InlineData("text/html", "<html>sign in</html>", null)]
    [InlineData("application/problem+json", """{"title":"oops"}""", null)]
    [InlineData("text/plain", "high", OutputShape.Structured)]
    [InlineData("text/event-stream", "", null)]
    [InlineData("text/event-stream", "event: result\ndata: not json\n\n", null)]
    [InlineData("text/event-stream", "data: prose\n\n", OutputShape.Structured)]
    public async Task What_is_not_an_answer_is_a_failed_attempt(string mediaType, string body, object? output)
    {
        await using var service = await Service.AnsweringAsync(mediaType, body);
        var failure = (await service.CallAsync(output: (OutputShape?)output)).Failure();

        failure.Code.ShouldBe("handler-answer-invalid");
        failure.Kind.ShouldBe(FailureKind.InvalidOutput);
        failure.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task An_answer_beyond_the_cap_is_refused_whether_or_not_its_length_is_told()
    {
        await using var service = await Service.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            if (context.Request.Headers["Headway-Attempt"] == "1") context.Response.ContentLength = ResultSize.Largest + 1;
            var spaces = new byte[64 * 1024];
            spaces.AsSpan().Fill((byte)' ');
            for (var sent = 0; sent <= ResultSize.Largest; sent += spaces.Length) await context.Response.Body.WriteAsync(spaces, context.RequestAborted);
        });
        var version = Attempts.Version(service.Definition());

        (await service.CallAsync(service.Attempts.Make(version, number: 1))).Failure().Code.ShouldBe("result-too-large");
        (await service.CallAsync(service.Attempts.Make(version, number: 2))).Failure().Code.ShouldBe("result-too-large");
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("0", 1)]
    [InlineData("99999999", 86400)]
    public async Task A_202_that_says_when_to_come_back_is_not_yet(string retryAfter, int seconds)
    {
        await using var service = await Service.AnsweringAsync("application/json", "{}", 202, headers => headers.RetryAfter = retryAfter);

        (await service.CallAsync()).ShouldBe(new Headway.Handlers.Outcome.Snooze(TimeSpan.FromSeconds(seconds)));
    }

    [Fact]
    public async Task A_202_that_does_not_is_the_result()
    {
        await using var service = await Service.AnsweringAsync("application/json", """{"ok":true}""", 202);

        (await service.CallAsync()).Text().ShouldBe("""{"ok":true}""");
    }

    [Theory]
    [InlineData(400, "input-refused", false)]
    [InlineData(401, "handler-refused", false)]
    [InlineData(404, "handler-refused", false)]
    [InlineData(408, "handler-refused", false)]
    [InlineData(422, "input-refused", false)]
    [InlineData(429, "handler-rate-limited", true)]
    [InlineData(500, "handler-error", true)]
    [InlineData(503, "handler-unavailable", true)]
    [InlineData(504, "handler-error", true)]
    [InlineData(302, "handler-redirected", false)]
    [InlineData(308, "handler-redirected", false)]
    public async Task A_status_says_whether_another_attempt_is_worth_it(int status, string code, bool retryable)
    {
        await using var service = await Service.AnsweringAsync("text/plain", "no", status, headers => headers.Location = "https://other.example/x?token=secret");
        var failure = (await service.CallAsync()).Failure();

        failure.Code.ShouldBe(code);
        failure.Retryable.ShouldBe(retryable);
        failure.RetryAfter.ShouldBeNull();
        failure.Message.ShouldContain(status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        failure.Message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(503, "120", 120)]
    [InlineData(503, "Mon, 02 Mar 2026 09:00:45 GMT", 45)]
    [InlineData(503, "Mon, 02 Mar 2026 08:00:00 GMT", 0)]
    [InlineData(429, "99999999", 86400)]
    public async Task Retry_after_is_read_as_seconds_or_as_a_date(int status, string header, int seconds)
    {
        await using var service = await Service.AnsweringAsync("text/plain", "", status, headers => headers.RetryAfter = header);
        (await service.CallAsync()).Failure().RetryAfter.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task The_detail_of_problem_details_is_told_and_bounded()
    {
        var detail = "The dose is missing. " + new string('x', 5000);
        await using var service = await Service.AnsweringAsync("application/problem+json", $$"""{"title":"Bad dose","status":422,"detail":"{{detail}}"}""", 422);
        var failure = (await service.CallAsync()).Failure();

        failure.Message.ShouldContain("The dose is missing.");
        failure.Message.Length.ShouldBeLessThan(700);
    }

    [Fact]
    public async Task Failures_are_grouped_by_place_and_status_never_by_text()
    {
        var count = 0;
        await using var service = await Service.StartAsync(context =>
        {
            context.Response.StatusCode = 422;
            return context.Response.WriteAsJsonAsync(new { detail = $"number {count++}" });
        });

        var first = (await service.CallAsync()).Failure();
        var second = (await service.CallAsync()).Failure();

        first.Message.ShouldNotBe(second.Message);
        first.Fingerprint.ShouldBe(second.Fingerprint);
        first.Fingerprint.ShouldContain("422");
    }
}
