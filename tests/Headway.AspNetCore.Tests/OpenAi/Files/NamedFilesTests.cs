using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Headway.Access;
using Headway.AspNetCore.Tests.OpenAi.Responses;
using Headway.Payloads.Files;
using Headway.Tests.Storage;
using Headway.Upstream;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.OpenAi.Files;

/// <summary>Requests that name kept files by their ids.</summary>
public sealed class NamedFilesTests
{
    private static readonly byte[] Png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];
    private static readonly byte[] Pdf = "%PDF-1.7 anamnesis"u8.ToArray();
    private static readonly string Shown = $$$"""{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,{{{Convert.ToBase64String(Pdf)}}}"}}""";
    private static readonly string Whole = Scripts.Fixture("openai/whole");

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_response_shows_them_to_the_model_as_if_they_had_been_sent()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));
        var (picture, paper, text) = (await KeepAsync(node, Png, "scan.bin", null), await KeepAsync(node, Pdf, "a.pdf", "application/pdf"), await KeepAsync(node, "Since Tuesday – über Nacht."u8.ToArray(), "note.md", null));

        await node.CreateAsync($$"""
            {"model":"fast","input":[{"role":"user","content":[{"type":"input_text","text":"?"},{"type":"input_image","file_id":"{{picture}}","detail":"low"},{"type":"input_file","file_id":"{{paper}}"},{"type":"input_file","file_id":"{{text}}"}]}]}
            """);

        Parts(node).ShouldBe(
            $$$"""[{"type":"text","text":"?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Convert.ToBase64String(Png)}}}","detail":"low"}},{{{Shown}}},{"type":"text","text":"Since Tuesday – über Nacht."}]""");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task So_does_a_chat_completion(bool stream)
    {
        await using var node = await OpenAiHost.StartAsync(stream ? Scripts.Events(Scripts.Fixture("openai/stream")) : Scripts.Whole(200, "application/json", Whole));
        var id = await KeepAsync(node, Pdf, "a.pdf", "application/pdf");

        using var answer = await node.PostAsync("/v1/chat/completions", Chat(id, stream));
        await answer.Content.ReadAsStringAsync();

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        Parts(node).ShouldBe($"[{Shown}]");
    }

    [Fact]
    public async Task Claude_is_shown_them_as_documents()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("anthropic/whole")));
        var id = await KeepAsync(node, Pdf, "a.pdf", "application/pdf");

        await node.CreateAsync(Asked(id, "claude"));

        JsonNode.Parse(node.Upstream.Calls.Single().Body)!["messages"]![0]!["content"]![0]!["source"]!["data"].Text().ShouldBe(Convert.ToBase64String(Pdf));
    }

    [Fact]
    public async Task What_is_stored_keeps_the_id_and_is_gone_on_from_with_it()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));
        var id = await KeepAsync(node, Pdf, "a.pdf", "application/pdf");

        var first = await node.CreateAsync(Asked(id));
        var items = await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(first)}/input_items");
        await node.CreateAsync($$"""{"model":"fast","input":"And?","previous_response_id":"{{ResponsesWire.IdOf(first)}}"}""");

        items["data"]![0]!["content"]![0]!.ToJsonString().ShouldBe($$"""{"type":"input_file","file_id":"{{id}}"}""");
        Rows(node, "SELECT max(length(body)) FROM payloads").ShouldBeLessThan(2_000);
        Parts(node).ShouldContain(Convert.ToBase64String(Pdf));
        await node.Http.DeleteAsync($"/v1/files/{id}");
        using var gone = await node.PostAsync("/v1/responses", $$"""{"model":"fast","input":"And?","previous_response_id":"{{ResponsesWire.IdOf(first)}}"}""");
        await gone.ShouldBeErrorAsync(404, "file-unknown", "previous_response_id", id);
    }

    [Fact]
    public async Task Each_reading_is_told_to_the_audit_trail_of_the_file_with_the_job()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));
        var id = await KeepAsync(node, Pdf, "a.pdf", "application/pdf");

        using var answer = await node.PostAsync("/v1/chat/completions", Chat(id, stream: false));

        Rows(node, $"SELECT count(*) FROM audit_events WHERE action = 'delivered' AND job = x'{id["file-".Length..]}' AND actor = 'local' AND correlation = '{answer.Header("Headway-Job")}'").ShouldBe(1);
    }

    [Fact]
    public async Task One_of_the_background_reads_them_once_for_all_that_its_attempt_asks()
    {
        var stream = Scripts.Fixture("openai/stream");
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(stream.Before("metformin")), Scripts.Events(stream));
        var id = await KeepAsync(node, Pdf, "a.pdf", "application/pdf");

        await node.CreateEventsAsync(Asked(id, more: ",\"background\":true,\"stream\":true"));

        node.Upstream.Calls.Count.ShouldBe(2);
        node.Upstream.Calls.ShouldAllBe(call => call.Body.Contains(Convert.ToBase64String(Pdf)));
        Rows(node, $"SELECT count(DISTINCT id) FROM audit_events WHERE action = 'delivered' AND job = x'{id["file-".Length..]}'").ShouldBe(1);
    }

    [Fact]
    public async Task One_of_the_background_fails_when_its_file_was_deleted_meanwhile()
    {
        var broken = Scripts.Events(Scripts.Fixture("openai/stream").Before("metformin"));
        await using var node = await OpenAiHost.StartAsync(async context =>
        {
            await _go.Task.WaitAsync(context.RequestAborted);
            await broken(context);
        });
        var id = await KeepAsync(node, Pdf, "a.pdf", "application/pdf");
        var asked = await node.CreateAsync(Asked(id, more: ",\"background\":true"));
        await node.Upstream.ArrivedAsync(1);

        await node.Http.DeleteAsync($"/v1/files/{id}");
        _go.SetResult();
        var ended = await node.EndedAsync(ResponsesWire.IdOf(asked));

        ended["status"].Text().ShouldBe("failed");
        ended["error"]!["code"].Text().ShouldBe("file-unknown");
        ended["error"]!["message"].Text().ShouldContain("messages[0].content[0].file.file_id");
    }

    [Fact]
    public async Task They_are_there_after_the_server_was_started_again()
    {
        var (down, up) = (Scripts.Whole(503, "application/json", Scripts.Fixture("openai/error-overloaded")), Scripts.Whole(200, "application/json", Whole));
        await using var node = await OpenAiHost.StartAsync(context => _go.Task.IsCompleted ? up(context) : down(context));
        var id = await KeepAsync(node, Pdf, "a.pdf", "application/pdf");
        var asked = await node.CreateAsync(Asked(id, more: ",\"background\":true"));
        await node.Upstream.ArrivedAsync(1);

        await node.RestartAsync();
        _go.SetResult();

        (await node.EndedAsync(ResponsesWire.IdOf(asked)))["status"].Text().ShouldBe("completed");
        node.Upstream.Calls[^1].Body.ShouldContain(Convert.ToBase64String(Pdf));
    }

    [Fact]
    public async Task A_file_of_another_tenant_one_that_is_deleted_and_one_that_has_expired_are_unknown()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));
        var others = new Caller("others", "somebody", null);
        var arrived = ((ArrivalOutcome.Arrived)await node.Host.Engine.KeptFiles.TakeAsync(others, null, "a.pdf", "application/pdf", new MemoryStream(Pdf), default)).File;
        await node.Host.Engine.KeptFiles.KeepAsync(others, arrived, FilePurpose.UserData, null);
        var (deleted, expired) = (await KeepAsync(node, Pdf, "a.pdf", "application/pdf"), await KeepAsync(node, Pdf, "a.pdf", "application/pdf"));
        await node.Http.DeleteAsync($"/v1/files/{deleted}");
        await node.Host.Engine.Database.WriteAsync(new Deed<int>(async session =>
        {
            await session.RunAsync($"UPDATE kept_files SET expires = 1 WHERE id = x'{expired["file-".Length..]}'");
            return 0;
        }));

        foreach (var id in new[] { arrived.Id.ToString(), deleted, expired, "file-abc123" })
        {
            using var chat = await node.PostAsync("/v1/chat/completions", Chat(id, stream: false));
            using var response = await node.PostAsync("/v1/responses", Asked(id));
            await chat.ShouldBeErrorAsync(404, "file-unknown", "messages[0].content[0].file.file_id", id);
            await response.ShouldBeErrorAsync(404, "file-unknown", "input[0].content[0].file_id", id);
        }

        node.Upstream.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("RIFF....WAVEfmt ", "audio/wav", "input_file", "audio/wav")]
    [InlineData("%PDF-1.7", "application/pdf", "input_image", "application/pdf")]
    [InlineData("PK\u0003\u0004", "application/zip", "input_file", "application/zip")]
    [InlineData("no picture", "image/png", "input_image", "image/png")]
    public async Task A_type_that_no_model_is_shown_is_refused(string content, string mediaType, string part, string says)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));
        var id = await KeepAsync(node, Encoding.Latin1.GetBytes(content), "a", mediaType);

        using var answer = await node.PostAsync("/v1/responses", Asked(id, part: part));

        await answer.ShouldBeErrorAsync(415, "media-type-unsupported", "input[0].content[0].file_id", says);
        node.Upstream.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_of_a_subject_is_shown_only_where_the_call_is_about_that_subject()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));
        var id = await KeepAsync(node, Pdf, "a.pdf", "application/pdf", ("Headway-Subject", "patient/7"));
        Task<HttpResponseMessage> AskAsync(params (string, string)[] headers) => node.Http.SendAsync(Call("/v1/responses", Asked(id), headers));

        await (await AskAsync()).ShouldBeErrorAsync(400, "input-invalid", "input[0].content[0].file_id", "Headway-Subject");
        await (await AskAsync(("Headway-Subject", "patient/8"))).ShouldBeErrorAsync(400, "input-invalid", "input[0].content[0].file_id", "Headway-Subject");
        (await AskAsync(("Headway-Subject", "patient/7"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Together_they_are_no_larger_than_an_input_may_be_and_no_more_than_a_hundred()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));
        var (large, small) = (await KeepAsync(node, [.. Pdf, .. new byte[13 << 20]], "a.pdf", "application/pdf"), await KeepAsync(node, Pdf, "a.pdf", "application/pdf"));

        using var twice = await node.PostAsync("/v1/responses", Asked([large, large]));
        using var many = await node.PostAsync("/v1/responses", Asked([.. Enumerable.Repeat(small, 101)]));

        await twice.ShouldBeErrorAsync(413, "input-too-large", "input[0].content[1].file_id", "maxInput");
        await many.ShouldBeErrorAsync(400, "input-invalid", "input[0].content[100].file_id", "100");
    }

    [Fact]
    public async Task An_id_behind_an_escape_is_found_when_the_model_is_asked()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));

        using var answer = await node.PostAsync("/v1/chat/completions", Chat("file-abc", stream: false).Replace("file_id", "file\\u005fid"));

        await answer.ShouldBeErrorAsync(404, "file-unknown", null, "file-abc");
        node.Upstream.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_they_are_thought_to_be_counts_as_input()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));
        var (paper, picture) = (await KeepAsync(node, [.. Pdf, .. new byte[30_000]], "a.pdf", "application/pdf"), await KeepAsync(node, [.. Png, .. new byte[300_000]], "a.png", "image/png"));
        async Task<long> CountAsync(string body)
        {
            using var answer = await node.PostAsync("/v1/responses/input_tokens", body);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["input_tokens"]!.GetValue<long>();
        }

        (await CountAsync(Asked(paper))).ShouldBeInRange(13_000, 14_000);
        (await CountAsync(Asked(picture, part: "input_image"))).ShouldBeInRange(1_300, 1_500);
        Rows(node, "SELECT count(*) FROM audit_events WHERE action = 'delivered'").ShouldBe(0);
    }

    [Fact]
    public async Task A_summary_of_them_says_what_is_wrong_by_its_place()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Whole));

        using var compact = await node.PostAsync("/v1/responses/compact", Asked("file-abc"));

        await compact.ShouldBeErrorAsync(404, "file-unknown", "input[0].content[0].file_id");
    }

    private static string Chat(string id, bool stream) =>
        $$$"""{"model":"fast","stream":{{{(stream ? "true" : "false")}}},"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"{{{id}}}"}}]}]}""";

    private static string Asked(string id, string model = "fast", string part = "input_file", string more = "") => Asked([id], model, part, more);

    private static string Asked(string[] ids, string model = "fast", string part = "input_file", string more = "") =>
        $$"""{"model":"{{model}}","input":[{"role":"user","content":[{{string.Join(',', ids.Select(id => $$"""{"type":"{{part}}","file_id":"{{id}}"}"""))}}]}]{{more}}}""";

    private static string Parts(OpenAiHost node) => JsonNode.Parse(node.Upstream.Calls[^1].Body)!["messages"]![0]!["content"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static async Task<string> KeepAsync(OpenAiHost node, byte[] content, string name, string? mediaType, params (string, string)[] headers)
    {
        using var request = With(new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = new MultipartFormDataContent { { new StringContent("user_data"), "purpose" }, { Content(content, mediaType), "file", name } } }, headers);
        using var answer = await node.Http.SendAsync(request);
        return (await answer.JsonAsync()).GetProperty("id").GetString()!;
    }

    private static long Rows(OpenAiHost node, string sql) => node.Host.Engine.Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64(0);
    });
}
