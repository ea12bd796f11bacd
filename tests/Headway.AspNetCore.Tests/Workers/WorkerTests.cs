using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Headway.AspNetCore.Tests.Workers;

/// <summary>A worker by wire: what it sends and is answered, field by field.</summary>
public sealed class WorkerTests : IAsyncLifetime
{
    private const string File = """
        features:
          scan: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: worker, retry: { attempts: 3, backoff: 10ms..20ms } }
          strict: { contract: { mode: hybrid, wait: 20s, caller: waits, output: structured, deliverWithin: 10m }, handler: { worker: pull, output: ok.json }, retry: { attempts: 1 } }
          echo: { contract: { mode: sync, caller: waits }, handler: { http: http://127.0.0.1:9/x } }
        """;

    private HeadwayHost _host = null!;
    private string? _session;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(File, beside: ("ok.json", """{ "type": "object", "required": ["ok"] }"""));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_job_is_claimed_shown_as_it_is_made_and_completed()
    {
        var id = await AcceptAsync("scan", """{"page":1}""");
        var job = await ClaimAsync("scan");
        job.GetProperty("input").GetRawText().ShouldBe("""{"page":1}""");
        job.GetProperty("job").GetString().ShouldBe(id);
        job.GetProperty("attempt").GetInt32().ShouldBe(1);
        job.GetProperty("deadline").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow);

        using var events = await _host.Http.GetAsync($"/v1/jobs/{id}/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await events.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        (await SendAsync("append", Of(job, "\"id\":1,\"texts\":[\"one \"]"))).GetProperty("next").GetInt64().ShouldBe(2);
        await LineAsync(reader, "{\"text\":\"one \"}");
        (await SendAsync("progress", Of(job, "\"id\":2,\"done\":1,\"total\":2,\"note\":\"pages\""))).GetProperty("next").GetInt64().ShouldBe(3);
        await LineAsync(reader, "{\"done\":1,\"total\":2,\"note\":\"pages\"}");
        await SendAsync("append", Of(job, "\"id\":3,\"texts\":[\"two\"]"));
        await LineAsync(reader, "{\"text\":\"two\"}");
        (await SendAsync("complete", Of(job, "\"model\":\"local\",\"calls\":[{\"model\":\"local\",\"inputTokens\":3,\"outputTokens\":4,\"usd\":0.01}]"))).GetProperty("state").GetString().ShouldBe("succeeded");
        await LineAsync(reader, "\"state\":\"succeeded\"");

        (await _host.Http.GetStringAsync($"/v1/jobs/{id}/result", TestContext.Current.CancellationToken)).ShouldBe("one two");
        var shown = await JsonAsync(await _host.Http.GetAsync($"/v1/jobs/{id}", TestContext.Current.CancellationToken));
        (shown.GetProperty("cost").GetDecimal(), shown.GetProperty("usage").GetProperty("inputTokens").GetInt64()).ShouldBe((0.01m, 3));
    }

    [Fact]
    public async Task A_caller_who_waits_is_given_what_a_worker_made()
    {
        var call = _host.Http.PostAsync("/v1/features/strict", Body("{}"), TestContext.Current.CancellationToken);
        var job = await ClaimAsync("strict");
        await SendAsync("complete", Of(job, "\"result\":{\"ok\":1}"));
        using var answer = await call;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("""{"ok":1}""");
    }

    [Fact]
    public async Task A_worker_reads_the_files_of_an_input()
    {
        using var form = new MultipartFormDataContent { { new StringContent("Mo"), "name" } };
        using var page = new ByteArrayContent("%PDF-1.7 page"u8.ToArray());
        page.Headers.ContentType = new MediaTypeHeaderValue("application/pdf");
        form.Add(page, "page", "page.pdf");
        using var accepted = await _host.Http.PostAsync("/v1/features/scan", form, TestContext.Current.CancellationToken);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await accepted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        var job = await ClaimAsync("scan");
        var file = job.GetProperty("files")[0];
        (file.GetProperty("name").GetString(), file.GetProperty("mediaType").GetString(), file.GetProperty("length").GetInt64()).ShouldBe(("page", "application/pdf", 13));
        using var content = await _host.Http.PostAsync("/v1/worker/file", Body(Of(job, "\"name\":\"page\"")), TestContext.Current.CancellationToken);
        content.Content.Headers.ContentType!.MediaType.ShouldBe("application/pdf");
        (await content.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("%PDF-1.7 page");
        await ShouldRefuseAsync("file", Of(job, "\"name\":\"none\""), 404, "file-unknown");
    }

    [Fact]
    public async Task Each_no_has_a_code()
    {
        var id = await AcceptAsync("strict", "{}");
        var job = await ClaimAsync("strict");
        await ShouldRefuseAsync("claim", """{"features":["echo"]}""", 400, "feature-not-for-workers");
        await ShouldRefuseAsync("claim", """{"features":["none"]}""", 404, "feature-unknown");
        await ShouldRefuseAsync("claim", """{"features":["strict"],"session":"wrk_1.77.0000"}""", 404, "worker-session-unknown");
        await ShouldRefuseAsync("append", Of(job, "\"id\":4,\"texts\":[\"x\"]"), 409, "output-gap");
        await ShouldRefuseAsync("complete", Of(job, "\"result\":{\"no\":1}"), 422, "result-invalid");
        await ShouldRefuseAsync("complete", Of(job, "\"result\":{\"ok\":1}"), 409, "attempt-lost");
        (await SendAsync("release", $$"""{"session":"{{_session}}"}""")).GetProperty("released").GetInt32().ShouldBe(0);
        await ShouldRefuseAsync("renew", $$"""{"session":"{{_session}}","jobs":[]}""", 409, "worker-session-lost");
        (await JsonAsync(await _host.Http.GetAsync($"/v1/jobs/{id}", TestContext.Current.CancellationToken))).GetProperty("error").GetProperty("code").GetString().ShouldBe("output-invalid");
    }

    [Theory]
    [InlineData("claim", """{}""", "features")]
    [InlineData("claim", """{"features":[]}""", "features")]
    [InlineData("claim", """{"features":null}""", "features")]
    [InlineData("claim", """{"features":["scan"],"max":0}""", "max")]
    [InlineData("claim", """{"features":["scan"],"wait":-1}""", "wait")]
    [InlineData("claim", """{"features":["scan"],"worker":"a b"}""", "worker")]
    [InlineData("claim", """{"features":["scan"],"waits":3}""", "waits")]
    [InlineData("claim", """[1]""", "$")]
    [InlineData("renew", """{"session":"x","jobs":[{"job":"x","attempt":1}]}""", "job")]
    [InlineData("renew", """{"session":"x","jobs":[null]}""", "jobs")]
    [InlineData("append", """{"session":"x","job":"job_00000000000000000000000000000000","attempt":1,"id":1}""", "texts")]
    [InlineData("append", """{"session":"x","job":"job_00000000000000000000000000000000","attempt":1,"id":0,"texts":["a"]}""", "id")]
    [InlineData("append", """{"session":"x","job":"job_00000000000000000000000000000000","attempt":1,"id":1,"texts":["a",null]}""", "texts")]
    [InlineData("complete", """{"session":"x","job":"job_00000000000000000000000000000000","attempt":1,"text":"a","result":1}""", "result")]
    [InlineData("complete", """{"session":"x","job":"job_00000000000000000000000000000000","attempt":1,"calls":[{"model":"m","usd":-1}]}""", "calls")]
    [InlineData("fail", """{"session":"x","job":"job_00000000000000000000000000000000","attempt":1,"code":"No Good","message":"m"}""", "code")]
    [InlineData("fail", """{"session":"x","job":"job_00000000000000000000000000000000","attempt":1,"code":"c","message":""}""", "message")]
    public async Task What_is_broken_is_said_with_its_place(string what, string body, string place) => (await ShouldRefuseAsync(what, body, 400, "worker-request-invalid")).ShouldContain(place);

    [Fact]
    public async Task A_claim_that_waits_is_answered_when_the_node_stops()
    {
        await AcceptAsync("scan", "{}");
        await ClaimAsync("scan");
        var waits = _host.Http.PostAsync("/v1/worker/claim", Body($$"""{"features":["scan"],"session":"{{_session}}","wait":20}"""), TestContext.Current.CancellationToken);
        var took = System.Diagnostics.Stopwatch.StartNew();
        await Task.WhenAll(_host.StopAsync(), waits);
        using var answer = await waits;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        took.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    private async Task<string> AcceptAsync(string feature, string input)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/features/{feature}") { Content = Body(input) };
        call.Headers.Add("Prefer", "respond-async");
        using var answer = await _host.Http.SendAsync(call, TestContext.Current.CancellationToken);
        return answer.Headers.GetValues("Headway-Job").Single();
    }

    private async Task<JsonElement> ClaimAsync(string feature)
    {
        var session = _session is null ? "" : $",\"session\":\"{_session}\"";
        var given = await SendAsync("claim", $$"""{"features":["{{feature}}"],"worker":"t-1","wait":15{{session}}}""");
        _session = given.GetProperty("session").GetString();
        return given.GetProperty("jobs")[0];
    }

    private string Of(JsonElement job, string more) => $$"""{"session":"{{_session}}","job":"{{job.GetProperty("job").GetString()}}","attempt":{{job.GetProperty("attempt").GetInt32()}},{{more}}}""";

    private async Task<JsonElement> SendAsync(string what, string body)
    {
        using var answer = await _host.Http.PostAsync($"/v1/worker/{what}", Body(body), TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }

    private async Task<string> ShouldRefuseAsync(string what, string body, int status, string code)
    {
        using var answer = await _host.Http.PostAsync($"/v1/worker/{what}", Body(body), TestContext.Current.CancellationToken);
        var problem = await JsonAsync(answer);
        ((int)answer.StatusCode, problem.GetProperty("code").GetString()).ShouldBe((status, code), problem.GetRawText());
        return problem.GetProperty("detail").GetString()!;
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return json.RootElement.Clone();
    }

    private static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");

    private static async Task LineAsync(StreamReader reader, string data)
    {
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal) && line.Contains(data, StringComparison.Ordinal)) return;
        }
        throw new InvalidOperationException($"The events ended before {data}.");
    }
}
