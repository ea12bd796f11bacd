using System.Net;
using System.Text.Json;
using Headway.Access;
using Headway.Payloads.Files;
using Headway.Tests.Storage;
using Headway.Upstream;
using static Headway.AspNetCore.Tests.Calls;
using static Headway.AspNetCore.Tests.OpenAi.Files.FileForms;

namespace Headway.AspNetCore.Tests.OpenAi.Files;

/// <summary>Uploads that are sent again under their key, and what the audit trail tells of a file.</summary>
public sealed class FileKeysAndAuditTests : IAsyncLifetime
{
    private HeadwayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(FileForms.Features);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_repeat_gets_the_same_file_and_is_not_kept_again()
    {
        var first = await ReadAsync(await SendAsync("k1"));
        var again = await ReadAsync(await SendAsync("\"k1\""));
        var other = await ReadAsync(await SendAsync("k2"));
        var without = await ReadAsync(await SendAsync(null));

        again.GetRawText().ShouldBe(first.GetRawText());
        new[] { first, other, without }.Select(file => file.GetProperty("id").GetString()).Distinct().Count().ShouldBe(3);
        Rows("SELECT count(*) FROM files").ShouldBe(3);
        Rows("SELECT files FROM kept_sizes").ShouldBe(3);
    }

    [Fact]
    public async Task Another_file_under_the_same_key_is_refused_and_nothing_of_it_is_kept()
    {
        await ReadAsync(await SendAsync("k1"));

        foreach (var form in new[] { Form(text: "other"), Form(name: "other.jsonl"), Form(purpose: "batch"), Form(mediaType: "text/plain"), Form(fields: [("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "3600")]) })
            await (await SendAsync("k1", form)).ShouldBeErrorAsync(400, "idempotency-mismatch", null);
        await (await SendAsync("k1", headers: ("Headway-Subject", "patient/7"))).ShouldBeErrorAsync(400, "idempotency-mismatch", null);

        Rows("SELECT count(*) FROM files").ShouldBe(1);
    }

    [Fact]
    public async Task Repeats_at_the_same_time_are_one_file()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await ReadAsync(await SendAsync("k1"))).GetProperty("id").GetString()));

        answers.Distinct().ShouldHaveSingleItem();
        Rows("SELECT count(*) FROM files").ShouldBe(1);
    }

    [Fact]
    public async Task A_key_is_free_again_when_its_file_is_gone_or_a_day_has_passed()
    {
        var first = (await ReadAsync(await SendAsync("k1"))).GetProperty("id").GetString();
        await _host.Http.DeleteAsync($"/v1/files/{first}");
        var second = (await ReadAsync(await SendAsync("k1", Form(text: "other")))).GetProperty("id").GetString();
        await _host.Engine.Database.WriteAsync(new Deed<int>(async session =>
        {
            await session.RunAsync("UPDATE kept_files SET created = created - 24 * 3600 * 1000 - 1");
            return 0;
        }));
        var third = (await ReadAsync(await SendAsync("k1", Form(text: "third")))).GetProperty("id").GetString();

        new[] { first, second, third }.Distinct().Count().ShouldBe(3);
        (await _host.Http.GetStringAsync($"/v1/files/{second}/content")).ShouldBe("other");
    }

    [Fact]
    public async Task A_key_that_cannot_be_read_is_refused()
        => await (await SendAsync(new string('k', 256))).ShouldBeErrorAsync(400, "idempotency-key-invalid", null);

    [Fact]
    public async Task Its_audit_events_are_told_as_those_of_a_job_also_when_it_is_deleted()
    {
        var id = (await ReadAsync(await SendAsync(null, headers: ("Headway-Subject", "patient/7")))).GetProperty("id").GetString()!;
        await _host.Http.GetStringAsync($"/v1/files/{id}/content");
        await _host.Http.DeleteAsync($"/v1/files/{id}");

        var events = (await GetAsync(_host.Http, $"/v1/files/{id}/audit")).GetProperty("events").EnumerateArray().ToList();

        events.Select(entry => entry.GetProperty("action").GetString()).ShouldBe(["submitted", "delivered", "erased"]);
        foreach (var entry in events)
        {
            (entry.GetProperty("file").GetString(), entry.GetProperty("correlation").GetString(), entry.GetProperty("purpose").GetString(), entry.GetProperty("actor").GetString()).ShouldBe((id, id, "file", "local"));
            entry.TryGetProperty("job", out _).ShouldBeFalse();
            entry.GetProperty("subject").GetString()!.Length.ShouldBe(32);
        }
    }

    [Fact]
    public async Task A_reading_for_a_model_names_its_job()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var id = (await node.Http.UploadedAsync(Form(mediaType: "text/plain"))).GetProperty("id").GetString();
        using var answer = await node.PostAsync("/v1/chat/completions", $$$"""{"model":"fast","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"{{{id}}}"}}]}]}""");

        var events = (await GetAsync(node.Http, $"/v1/files/{id}/audit")).GetProperty("events");

        events[1].GetProperty("action").GetString().ShouldBe("delivered");
        events[1].GetProperty("correlation").GetString().ShouldBe(answer.Header("Headway-Job"));
    }

    [Fact]
    public async Task There_is_nothing_to_tell_of_what_is_no_file_of_the_tenant()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        using var answer = await node.PostAsync("/v1/responses", """{"model":"fast","input":"?"}""");
        var others = new Caller("others", "somebody", null);
        var arrived = ((ArrivalOutcome.Arrived)await node.Host.Engine.KeptFiles.TakeAsync(others, null, "a", null, new MemoryStream([1]), default)).File;
        await node.Host.Engine.KeptFiles.KeepAsync(others, arrived, FilePurpose.UserData, null);

        foreach (var id in new[] { "file-abc", $"file-{new string('0', 32)}", $"file-{answer.Header("Headway-Job")!["job_".Length..]}", arrived.Id.ToString() })
            await (await node.Http.GetAsync($"/v1/files/{id}/audit")).ShouldBeErrorAsync(404, "file-unknown", "id");
    }

    private Task<HttpResponseMessage> SendAsync(string? key, HttpContent? form = null, params (string, string)[] headers) =>
        _host.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = form ?? Form() }, key is null ? headers : [("Idempotency-Key", key), .. headers]));

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    private long Rows(string sql) => _host.Engine.Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64(0);
    });
}
