using System.Net;
using System.Text;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

public sealed class BadInputTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    [Theory]
    [InlineData("{\"age\": }", "json-malformed")]
    [InlineData("<html></html>", "json-malformed")]
    [InlineData("{\"age\": 3", "json-malformed")]
    [InlineData("{} {}", "json-malformed")]
    [InlineData("", "body-empty")]
    [InlineData("  \n", "body-empty")]
    public async Task A_body_that_is_not_json_is_refused(string body, string code)
        => await (await edge.Http.SendAsync(Call("echo", body))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, code);

    [Fact]
    public async Task Malformed_json_is_told_with_line_and_byte()
    {
        var problem = await (await edge.Http.SendAsync(Call("echo", "{\n  \"age\": ,\n}"))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "json-malformed");

        problem.GetProperty("detail").GetString()!.ShouldStartWith("Line 2, byte 10:");
    }

    [Fact]
    public async Task An_input_that_breaks_its_schema_is_told_with_pointers()
    {
        var problem = await (await edge.Http.SendAsync(Call("form", """{"age":-1,"tags":["a",2]}"""))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "input-invalid");

        problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()).ShouldBe(["/age", "/tags/1"], ignoreOrder: true);
        problem.GetProperty("errors")[0].GetProperty("rule").GetString().ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task An_input_that_satisfies_its_schema_is_taken()
        => (await edge.Http.SendAsync(Call("form", """{"age":41}"""))).StatusCode.ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task A_body_over_the_limit_is_refused_before_it_is_read()
    {
        var request = Call("files", new string(' ', 400 * 1024) + "{}");
        request.Headers.ExpectContinue = true;

        await (await edge.Http.SendAsync(request)).ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "input-too-large");
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_refused_when_it_passes_the_limit()
    {
        var request = Call("files", "");
        request.Content = new Endless(Encoding.UTF8.GetBytes("\"" + new string('x', 400 * 1024) + "\""));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");

        await (await edge.Http.SendAsync(request)).ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "input-too-large");
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/xml")]
    [InlineData("application/json; charset=latin1")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task A_media_type_that_is_not_taken_is_refused(string? mediaType)
    {
        var request = Call("echo", "{}");
        request.Content = Content("{}"u8.ToArray(), mediaType);

        await (await edge.Http.SendAsync(request)).ShouldBeProblemAsync(HttpStatusCode.UnsupportedMediaType, "media-type-unsupported");
    }

    [Theory]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/json;charset=\"utf-8\"")]
    [InlineData("application/vnd.clinic+json")]
    public async Task Json_is_taken_under_all_its_names(string mediaType)
    {
        var request = Call("echo", "{}");
        request.Content = Content("{}"u8.ToArray(), mediaType);

        (await edge.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("ecko", "feature-unknown", "Did you mean echo?")]
    [InlineData("zzzzzzzzzz", "feature-unknown", "/v1/features")]
    [InlineData("generate@3", "version-unknown", "1, 2")]
    [InlineData("generate@", "version-unknown", "1, 2")]
    [InlineData("generate@01", "version-unknown", "1, 2")]
    public async Task An_unknown_feature_or_version_is_told_with_what_there_is(string feature, string code, string hint)
    {
        var problem = await (await edge.Http.SendAsync(Call(feature, "{}"))).ShouldBeProblemAsync(HttpStatusCode.NotFound, code);

        problem.GetProperty("detail").GetString()!.ShouldContain(hint);
    }

    [Theory]
    [InlineData("Prefer", "wait=soon", "prefer-invalid")]
    [InlineData("Idempotency-Key", "\"open", "idempotency-key-invalid")]
    [InlineData("Headway-Subject", "", "subject-invalid")]
    [InlineData("Headway-Priority", "10", "priority-invalid")]
    [InlineData("Headway-Priority", "high", "priority-invalid")]
    [InlineData("Headway-Deadline", "yesterday", "deadline-invalid")]
    [InlineData("Headway-Deadline", "2020-01-01T00:00:00Z", "deadline-invalid")]
    [InlineData("Headway-Start-At", "soon", "start-at-invalid")]
    [InlineData("Headway-Endpoint", "ap", "endpoint-unknown")]
    [InlineData("Headway-Endpoint", "https://app.example/hooks", "endpoint-unknown")]
    [InlineData("Headway-Metadata", "[1]", "metadata-invalid")]
    public async Task A_broken_header_is_refused_by_name(string name, string value, string code)
    {
        var problem = await (await edge.Http.SendAsync(Call("later", "{}", (name, value)))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, code);

        problem.GetProperty("detail").GetString()!.ShouldContain(name);
    }

    [Fact]
    public async Task A_header_given_twice_is_refused()
    {
        var answer = await RawHttp.SendAsync(edge.Http.BaseAddress!,
            "POST /v1/features/later HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\nHeadway-Priority: 1\r\nHeadway-Priority: 2\r\n\r\n{}");

        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldContain("\"code\":\"header-repeated\"");
    }

    [Fact]
    public async Task Only_an_async_feature_can_start_later()
        => await (await edge.Http.SendAsync(Call("echo", "{}", ("Headway-Start-At", "5m")))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "start-at-forbidden");

    [Fact]
    public async Task An_endpoint_is_not_told_what_its_caller_is_answered()
        => await (await edge.Http.SendAsync(Call("echo", "{}", ("Headway-Endpoint", "app")))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "endpoint-forbidden");

    [Fact]
    public async Task A_body_that_ends_early_is_refused()
    {
        var answer = await RawHttp.SendAsync(edge.Http.BaseAddress!,
            "POST /v1/features/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n");

        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldContain("\"code\":\"body-broken\"");
    }

    private sealed class Endless(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
