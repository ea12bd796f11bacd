using System.Net;
using System.Text;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

public sealed class FileInputTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    private static readonly byte[] Png = [0x89, .. "PNG\r\n"u8, 0x1A, .. "\n"u8, .. new byte[2000]];

    [Fact]
    public async Task A_raw_file_reaches_the_handler()
        => (await SendAsync(Content(Png, "image/png"))).ShouldBe(["{}", "file  image/png 2008"]);

    [Fact]
    public async Task A_form_reaches_the_handler_as_fields_and_files()
    {
        var form = new MultipartFormDataContent
        {
            { new StringContent("encounter 8812"), "note" },
            { new StringContent("""{"age":41}""", Encoding.UTF8, "application/json"), "patient" },
            { Content(Png, "image/png"), "scan", "scan one.png" },
            { Content("%PDF-1.7 …"u8.ToArray(), "application/pdf"), "letter", "letter.pdf" },
        };

        (await SendAsync(form)).ShouldBe(["""{"note":"encounter 8812","patient":{"age":41}}""", "scan scan one.png image/png 2008", "letter letter.pdf application/pdf 12"]);
    }

    [Fact]
    public async Task A_file_that_is_not_what_it_says_is_refused()
        => await (await PostAsync(Content("<html>"u8.ToArray(), "image/png"))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "media-type-mismatch");

    [Fact]
    public async Task A_kind_of_file_that_is_not_taken_is_refused()
        => await (await PostAsync(Content("MZ..."u8.ToArray(), "application/x-msdownload"))).ShouldBeProblemAsync(HttpStatusCode.UnsupportedMediaType, "media-type-unsupported");

    [Fact]
    public async Task Files_of_a_form_count_together()
    {
        var form = new MultipartFormDataContent { { Content([.. Png, .. new byte[150 * 1024]], "image/png"), "a", "a.png" }, { Content([.. Png, .. new byte[150 * 1024]], "image/png"), "b", "b.png" } };

        await (await PostAsync(form)).ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "input-too-large");
    }

    [Theory]
    [InlineData("multipart/form-data", "--x\r\n", "boundary")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhalf a", "")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Type: text/plain\r\n\r\nno name\r\n--x--\r\n", "name")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--x--\r\n", "twice")]
    public async Task A_broken_form_is_refused(string mediaType, string body, string hint)
    {
        var problem = await (await PostAsync(Content(Encoding.UTF8.GetBytes(body), mediaType))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "multipart-malformed");

        problem.GetProperty("detail").GetString()!.ShouldContain(hint);
    }

    [Fact]
    public async Task A_broken_json_field_is_refused_by_name()
    {
        var form = new MultipartFormDataContent { { new StringContent("{", Encoding.UTF8, "application/json"), "patient" } };

        var problem = await (await PostAsync(form)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "json-malformed");

        problem.GetProperty("detail").GetString()!.ShouldContain("\"patient\"");
    }

    private async Task<string?[]> SendAsync(HttpContent content)
    {
        var answer = await PostAsync(content);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return [.. (await answer.JsonAsync()).EnumerateArray().Select(line => line.GetString())];
    }

    private Task<HttpResponseMessage> PostAsync(HttpContent content) => edge.Http.PostAsync("/v1/features/files", content);
}
