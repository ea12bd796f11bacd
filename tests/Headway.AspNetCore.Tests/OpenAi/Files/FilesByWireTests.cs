using System.Net;
using System.Text.Json;
using Headway.Tests.Storage;
using static Headway.AspNetCore.Tests.Calls;
using static Headway.AspNetCore.Tests.OpenAi.Files.FileForms;

namespace Headway.AspNetCore.Tests.OpenAi.Files;

public sealed class FilesByWireTests : IAsyncLifetime
{
    private HeadwayHost _host = null!;
    private HttpClient Http => _host.Http;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(FileForms.Features);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_file_is_kept_shown_read_and_deleted()
    {
        var file = await Http.UploadedAsync(Form());
        var id = file.GetProperty("id").GetString()!;

        id.ShouldStartWith("file-");
        file.EnumerateObject().Select(member => member.Name).ShouldBe(["id", "object", "bytes", "created_at", "expires_at", "filename", "purpose", "status", "status_details"]);
        (file.GetProperty("object").GetString(), file.GetProperty("bytes").GetInt64(), file.GetProperty("filename").GetString(), file.GetProperty("purpose").GetString(), file.GetProperty("status").GetString())
            .ShouldBe(("file", Lines.Length, "lines.jsonl", "user_data", "processed"));
        file.GetProperty("expires_at").ValueKind.ShouldBe(JsonValueKind.Null);
        (await GetAsync(Http, $"/v1/files/{id}")).GetRawText().ShouldBe(file.GetRawText());

        using var content = await Http.GetAsync($"/v1/files/{id}/content");
        (await content.Content.ReadAsStringAsync()).ShouldBe(Lines);
        (content.Header("Content-Type"), content.Header("Content-Length"), content.Header("X-Content-Type-Options"), content.Header("Content-Security-Policy"))
            .ShouldBe(("application/jsonl", $"{Lines.Length}", "nosniff", "sandbox"));
        content.Header("Content-Disposition")!.ShouldStartWith("attachment; filename=lines.jsonl");

        using var deleted = await Http.DeleteAsync($"/v1/files/{id}");
        (await deleted.Content.ReadAsStringAsync()).ShouldBe($$"""{"id":"{{id}}","object":"file","deleted":true}""");
        foreach (var path in new[] { $"/v1/files/{id}", $"/v1/files/{id}/content", "/v1/files/file-abc", "/v1/files/nothing" })
            await (await Http.GetAsync(path)).ShouldBeErrorAsync(404, "file-unknown", "id");
        await (await Http.DeleteAsync($"/v1/files/{id}")).ShouldBeErrorAsync(404, "file-unknown", "id");
    }

    [Fact]
    public async Task The_purpose_may_follow_the_file()
    {
        var form = new MultipartFormDataContent { { Content("%PDF"u8.ToArray(), null), "file", "a" }, { new StringContent("vision"), "purpose" } };

        (await Http.UploadedAsync(form)).GetProperty("purpose").GetString().ShouldBe("vision");
    }

    [Fact]
    public async Task A_file_larger_than_the_usual_body_comes_back_as_it_went()
    {
        var (id, bytes) = await LargeAsync();

        (await Http.GetByteArrayAsync($"/v1/files/{id}/content")).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Fact]
    public async Task Whoever_reads_a_file_while_it_is_deleted_is_not_told_that_it_was_whole()
    {
        var (id, _) = await LargeAsync();
        using var answer = await Http.GetAsync($"/v1/files/{id}/content", HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var deleted = await Http.DeleteAsync($"/v1/files/{id}");

        deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<HttpRequestException>(answer.Content.ReadAsByteArrayAsync);
    }

    [Fact]
    public async Task What_is_declared_to_be_a_page_is_an_attachment_of_a_name_that_breaks_no_header()
    {
        var id = (await Http.UploadedAsync(Form(name: "Übung; x=1.html", mediaType: "text/html", text: "<script>alert(1)</script>"))).GetProperty("id").GetString();

        using var content = await Http.GetAsync($"/v1/files/{id}/content");

        content.Header("Content-Type").ShouldBe("text/html");
        content.Header("Content-Security-Policy").ShouldBe("sandbox");
        content.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        content.Content.Headers.ContentDisposition!.FileNameStar.ShouldNotBeNull().ShouldContain("Übung");
    }

    [Fact]
    public async Task It_expires_when_it_is_told_to_and_a_batch_after_thirty_days()
    {
        var told = await Http.UploadedAsync(Form(fields: [("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "3600")]));
        var batch = await Http.UploadedAsync(Form(purpose: "batch"));

        Left(told).ShouldBe(3_600);
        Left(batch).ShouldBe(30 * 86_400);
    }

    [Fact]
    public async Task Pages_follow_each_other()
    {
        foreach (var purpose in new[] { "batch", "vision", "batch" }) await Http.UploadedAsync(Form(purpose));

        var first = await GetAsync(Http, "/v1/files?limit=2&order=asc");
        var second = await GetAsync(Http, $"/v1/files?limit=2&order=asc&after={first.GetProperty("last_id").GetString()}");
        var batches = await GetAsync(Http, "/v1/files?purpose=batch");
        var none = await GetAsync(Http, "/v1/files?purpose=evals");

        (Ids(first).Count, first.GetProperty("has_more").GetBoolean(), first.GetProperty("object").GetString()).ShouldBe((2, true, "list"));
        first.GetProperty("first_id").GetString().ShouldBe(Ids(first)[0]);
        (Ids(second).Count, second.GetProperty("has_more").GetBoolean()).ShouldBe((1, false));
        Ids(first).Concat(Ids(second)).Distinct().Count().ShouldBe(3);
        Ids(batches).ShouldBe([Ids(second)[0], Ids(first)[0]], "the newest first");
        (Ids(none).Count, none.GetProperty("last_id").ValueKind).ShouldBe((0, JsonValueKind.Null));
    }

    [Theory]
    [InlineData("limit=0", "filter-invalid", "limit")]
    [InlineData("limit=10001", "filter-invalid", "limit")]
    [InlineData("order=up", "filter-invalid", "order")]
    [InlineData("purpose=batches", "filter-invalid", "purpose")]
    [InlineData("after=job_1", "cursor-invalid", "after")]
    [InlineData("befor=1", "filter-invalid", "befor")]
    public async Task A_list_says_what_is_wrong_with_its_filters(string query, string code, string param)
        => await (await Http.GetAsync($"/v1/files?{query}")).ShouldBeErrorAsync(400, code, param);

    [Fact]
    public async Task A_form_says_what_is_wrong_with_it_and_nothing_of_it_is_kept()
    {
        await (await Http.UploadAsync(Form(purpose: "batches"))).ShouldBeErrorAsync(400, "input-invalid", "purpose", "assistants, batch, fine-tune, vision, user_data, evals");
        await (await Http.UploadAsync(Form(purpose: null))).ShouldBeErrorAsync(400, "input-invalid", "purpose", "user_data");
        await (await Http.UploadAsync(new MultipartFormDataContent { { new StringContent("batch"), "purpose" } })).ShouldBeErrorAsync(400, "input-invalid", "file");
        await (await Http.UploadAsync(new MultipartFormDataContent { { new StringContent("text"), "file" } })).ShouldBeErrorAsync(400, "input-invalid", "file", "filename");
        await (await Http.UploadAsync(Form(name: new string('n', 256)))).ShouldBeErrorAsync(400, "input-invalid", "file", "255");
        await (await Http.UploadAsync(Form(text: ""))).ShouldBeErrorAsync(400, "body-empty", "file");
        await (await Http.UploadAsync(Form(fields: ("color", "red")))).ShouldBeErrorAsync(400, "input-invalid", "color");
        await (await Http.UploadAsync(Form(fields: ("expires_after[seconds]", "3599")))).ShouldBeErrorAsync(400, "input-invalid", "expires_after[seconds]", "3600");
        await (await Http.UploadAsync(Form(fields: ("expires_after[seconds]", "3600")))).ShouldBeErrorAsync(400, "input-invalid", "expires_after", "anchor");
        await (await Http.UploadAsync(Form(fields: ("expires_after[anchor]", "now")))).ShouldBeErrorAsync(400, "input-invalid", "expires_after[anchor]", "created_at");
        await (await Http.UploadAsync(Content("{}"u8.ToArray(), "application/json"))).ShouldBeErrorAsync(415, "media-type-unsupported", null);
        await (await Http.UploadAsync(Content("--x\r\n"u8.ToArray(), "multipart/form-data"))).ShouldBeErrorAsync(400, "multipart-malformed", null);
        await (await Http.UploadAsync(Content("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf"u8.ToArray(), "multipart/form-data; boundary=x"))).ShouldBeErrorAsync(400, "multipart-malformed", null);

        Rows("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM file_chunks) + (SELECT count(*) FROM kept_files)").ShouldBe(0);
    }

    [Fact]
    public async Task A_bad_purpose_behind_the_file_leaves_nothing_of_it()
    {
        var form = new MultipartFormDataContent { { Content(new byte[600_000], null), "file", "a" }, { new StringContent("nothing"), "purpose" } };

        await (await Http.UploadAsync(form)).ShouldBeErrorAsync(400, "input-invalid", "purpose");

        Rows("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM file_chunks)").ShouldBe(0);
    }

    [Fact]
    public async Task One_that_says_it_is_too_large_is_refused_before_it_comes()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = Content([], "multipart/form-data; boundary=x") };
        request.Content.Headers.ContentLength = 600L << 20;
        request.Headers.ExpectContinue = true;

        await (await Http.SendAsync(request)).ShouldBeErrorAsync(413, "file-too-large", "file", "536870912");
    }

    [Fact]
    public async Task Its_subject_is_told_to_the_audit_trail_only_as_a_hash_and_a_broken_one_is_refused()
    {
        using var request = With(new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = Form() }, ("Headway-Subject", "patient/7"));
        (await Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var broken = With(new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = Form() }, ("Headway-Subject", new string('s', 300)));
        await (await Http.SendAsync(broken)).ShouldBeErrorAsync(400, "subject-invalid", null);

        Rows("SELECT count(*) FROM audit_events WHERE action = 'submitted' AND length(subject) = 16").ShouldBe(1);
        Rows("SELECT count(*) FROM data_keys WHERE length(subject) = 16").ShouldBe(1);
    }

    [Fact]
    public async Task Each_reading_of_the_content_is_a_delivery()
    {
        var id = (await Http.UploadedAsync(Form())).GetProperty("id").GetString();
        await GetAsync(Http, $"/v1/files/{id}");
        await GetAsync(Http, "/v1/files");
        Rows("SELECT count(*) FROM audit_events WHERE action = 'delivered'").ShouldBe(0);

        for (var i = 0; i < 2; i++) await Http.GetStringAsync($"/v1/files/{id}/content");

        Rows($"SELECT count(*) FROM audit_events WHERE action = 'delivered' AND address IS NOT NULL AND job = {TestDatabase.Id(JobId.FromBytes(Convert.FromHexString(id!["file-".Length..])))}").ShouldBe(2);
    }

    [Fact]
    public async Task Other_methods_are_refused_by_name()
    {
        using var put = await Http.PutAsync("/v1/files", Form());

        await put.ShouldBeErrorAsync(405, "method-not-allowed", null);
        put.Header("Allow").ShouldBe("GET, POST");
    }

    // Larger than what Kestrel takes if nobody tells it otherwise, and than what a connection holds between two who do not read.
    private async Task<(string Id, byte[] Bytes)> LargeAsync()
    {
        var bytes = new byte[(30 << 20) + 17];
        new Random(7).NextBytes(bytes);
        var form = new MultipartFormDataContent { { new StringContent("assistants"), "purpose" }, { Content(bytes, "image/png"), "file", "large.png" } };
        return ((await Http.UploadedAsync(form)).GetProperty("id").GetString()!, bytes);
    }

    private static int Left(JsonElement file) => (int)(file.GetProperty("expires_at").GetInt64() - file.GetProperty("created_at").GetInt64());

    private static List<string> Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(file => file.GetProperty("id").GetString()!)];

    private long Rows(string sql) => _host.Engine.Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64(0);
    });
}
