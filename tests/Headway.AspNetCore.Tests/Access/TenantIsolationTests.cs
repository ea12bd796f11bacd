using System.Net;
using System.Text;
using Headway.Client;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Access;

/// <summary>Somebody with a good key of another tenant walks every route over what is there, and finds nothing of it.</summary>
public sealed class TenantIsolationTests
{
    private const string Secret = "secret-of-a";

    /// <summary>What is there of the tenant a.</summary>
    private sealed record Seed(string Done, string Dead, string Waiting, string Response, string File, string Session, string Claimed, string Key)
    {
        public IReadOnlyList<string> All => [Done, Dead, Waiting, Response, File, Session, Claimed, Key];
    }

    private enum Finds
    {
        /// <summary>403 or 404.</summary>
        Nothing,

        /// <summary>2xx: its own, which is another thing.</summary>
        ItsOwn,

        /// <summary>What is nobody's, or is refused for what was asked.</summary>
        NobodysThings,
    }

    /// <param name="Path">With an id of the other tenant in it, where there is place for one.</param>
    private sealed record Probe(string Path, Finds Finds, string? Body = null, string? Header = null, bool IsForm = false);

    /// <summary>One for each operation of the OpenAPI document.</summary>
    private static Dictionary<string, Probe[]> Probes(Seed a) => CallProbes(a).Concat(JobProbes(a)).Concat(OversightProbes(a)).ToDictionary();

    private static Dictionary<string, Probe[]> CallProbes(Seed a) => new(StringComparer.Ordinal)
    {
        ["POST /v1/features/{name}"] = [new("/v1/features/echo", Finds.ItsOwn, """{"mine":1}""", "same-key"), new("/v1/features/later", Finds.ItsOwn, """{"mine":1}""", "same-key")],
        ["POST /v1/features/{name}/jobs"] = [new("/v1/features/later/jobs", Finds.ItsOwn, """{"input":{"mine":1},"key":"same-key"}""")],
        ["POST /v1/generate"] = [new("/v1/generate", Finds.ItsOwn, """{"mine":1}""", "same-key")],
        ["GET /v1/features"] = [new("/v1/features", Finds.ItsOwn)],
        ["GET /v1/models"] = [new("/v1/models", Finds.ItsOwn)],
        ["GET /v1/models/{id}"] = [new("/v1/models/fast", Finds.ItsOwn)],
        ["POST /v1/chat/completions"] = [new("/v1/chat/completions", Finds.ItsOwn, """{"model":"fast","messages":[{"role":"user","content":"hello"}]}""", "same-key")],
        ["POST /v1/embeddings"] = [new("/v1/embeddings", Finds.NobodysThings, """{"model":"fast","input":"x"}""")],
        ["POST /v1/responses"] =
        [
            new("/v1/responses", Finds.ItsOwn, """{"model":"fast","input":"hello"}""", "same-key-too"),
            new("/v1/responses", Finds.NobodysThings, $$"""{"model":"fast","input":"and then?","previous_response_id":"{{a.Response}}"}"""),
            new("/v1/responses", Finds.Nothing, $$"""{"model":"fast","input":[{"role":"user","content":[{"type":"input_file","file_id":"{{a.File}}"}]}]}"""),
        ],
        ["GET /v1/responses"] = [new("/v1/responses", Finds.NobodysThings)],
        ["POST /v1/responses/compact"] = [new("/v1/responses/compact", Finds.NobodysThings, $$"""{"model":"fast","previous_response_id":"{{a.Response}}"}""")],
        ["POST /v1/responses/input_tokens"] = [new("/v1/responses/input_tokens", Finds.NobodysThings, $$"""{"model":"fast","input":"x","previous_response_id":"{{a.Response}}"}""")],
        ["GET /v1/responses/{id}"] = [new($"/v1/responses/{a.Response}", Finds.Nothing), new($"/v1/responses/{a.Response}?stream=true", Finds.Nothing)],
        ["DELETE /v1/responses/{id}"] = [new($"/v1/responses/{a.Response}", Finds.Nothing)],
        ["POST /v1/responses/{id}/cancel"] = [new($"/v1/responses/{a.Response}/cancel", Finds.Nothing)],
        ["GET /v1/responses/{id}/input_items"] = [new($"/v1/responses/{a.Response}/input_items", Finds.Nothing)],
        ["GET /v1/files"] = [new("/v1/files", Finds.ItsOwn)],
        ["POST /v1/files"] = [new("/v1/files", Finds.ItsOwn, "of b", "same-key", IsForm: true)],
        ["GET /v1/files/{id}"] = [new($"/v1/files/{a.File}", Finds.Nothing)],
        ["DELETE /v1/files/{id}"] = [new($"/v1/files/{a.File}", Finds.Nothing)],
        ["GET /v1/files/{id}/content"] = [new($"/v1/files/{a.File}/content", Finds.Nothing)],
        ["GET /v1/files/{id}/audit"] = [new($"/v1/files/{a.File}/audit", Finds.Nothing)],
    };

    private static Dictionary<string, Probe[]> JobProbes(Seed a) => new(StringComparer.Ordinal)
    {
        ["GET /v1/jobs"] = [new("/v1/jobs", Finds.ItsOwn), new("/v1/jobs?subject=patient%2F1", Finds.ItsOwn), new("/v1/jobs?tenant=a", Finds.NobodysThings)],
        ["GET /v1/jobs/{id}"] = [.. Each(a, "", Finds.Nothing)],
        ["GET /v1/jobs/{id}/result"] = [.. Each(a, "/result", Finds.Nothing)],
        ["GET /v1/jobs/{id}/events"] = [.. Each(a, "/events", Finds.Nothing)],
        ["GET /v1/jobs/{id}/attempts"] = [.. Each(a, "/attempts", Finds.Nothing)],
        ["GET /v1/jobs/{id}/audit"] = [.. Each(a, "/audit", Finds.Nothing)],
        ["GET /v1/jobs/{id}/inputs"] = [.. Each(a, "/inputs", Finds.Nothing)],
        ["GET /v1/jobs/{id}/inputs/{number}"] = [.. Each(a, "/inputs/1", Finds.Nothing)],
        ["GET /v1/jobs/{id}/steps"] = [.. Each(a, "/steps", Finds.Nothing)],
        ["GET /v1/jobs/{id}/steps/{number}"] = [.. Each(a, "/steps/1", Finds.Nothing)],
        ["GET /v1/jobs/{id}/journal"] = [.. Each(a, "/journal", Finds.Nothing)],
        ["POST /v1/jobs/{id}/cancel"] = [.. Each(a, "/cancel", Finds.Nothing)],
        ["POST /v1/jobs/{id}/terminate"] = [.. Each(a, "/terminate", Finds.Nothing)],
        ["POST /v1/jobs/{id}/pause"] = [.. Each(a, "/pause", Finds.Nothing)],
        ["POST /v1/jobs/{id}/resume"] = [.. Each(a, "/resume", Finds.Nothing)],
        ["POST /v1/jobs/{id}/rerun"] = [.. Each(a, "/rerun", Finds.Nothing)],
        ["POST /v1/jobs/{id}/replay"] = [.. Each(a, "/replay", Finds.Nothing)],
        ["POST /v1/jobs/{id}/signals/{name}"] = [new($"/v1/jobs/{a.Waiting}/signals/legal", Finds.Nothing, """{"granted":true}""")],
        ["POST /v1/callbacks/{token}"] = [new("/v1/callbacks/AAAA", Finds.Nothing, "{}")],
        ["GET /v1/workflows"] = [new("/v1/workflows", Finds.ItsOwn)],
        ["POST /v1/workflows/{feature}/pin"] = [new("/v1/workflows/review/pin", Finds.Nothing, """{"version":1}""")],
        ["POST /v1/workflows/{feature}/move"] = [new("/v1/workflows/review/move", Finds.ItsOwn, $$"""{"from":1,"to":1,"job":"{{a.Waiting}}"}""")],
        ["GET /v1/dead-letters"] = [new("/v1/dead-letters", Finds.ItsOwn)],
        ["GET /v1/dead-letters/groups"] = [new("/v1/dead-letters/groups", Finds.ItsOwn)],
        ["POST /v1/dead-letters/replay"] = [new("/v1/dead-letters/replay", Finds.ItsOwn)],
        ["GET /v1/costs"] = [new("/v1/costs?by=key", Finds.ItsOwn)],
        ["GET /v1/budgets"] = [new("/v1/budgets", Finds.ItsOwn)],
        ["POST /v1/worker/claim"] = [new("/v1/worker/claim", Finds.ItsOwn, """{"features":["scan"],"max":10}"""), new("/v1/worker/claim", Finds.Nothing, $$"""{"features":["scan"],"session":"{{a.Session}}"}""")],
        ["POST /v1/worker/renew"] = [new("/v1/worker/renew", Finds.Nothing, $$"""{"session":"{{a.Session}}","jobs":[{"job":"{{a.Claimed}}","attempt":1}]}""")],
        ["POST /v1/worker/file"] = [new("/v1/worker/file", Finds.Nothing, Attempt(a, "\"name\":\"x\""))],
        ["POST /v1/worker/append"] = [new("/v1/worker/append", Finds.Nothing, Attempt(a, "\"id\":1,\"texts\":[\"x\"]"))],
        ["POST /v1/worker/progress"] = [new("/v1/worker/progress", Finds.Nothing, Attempt(a, "\"id\":1,\"done\":1"))],
        ["POST /v1/worker/complete"] = [new("/v1/worker/complete", Finds.Nothing, Attempt(a, "\"text\":\"x\""))],
        ["POST /v1/worker/fail"] = [new("/v1/worker/fail", Finds.Nothing, Attempt(a, "\"code\":\"no\",\"message\":\"no\""))],
        ["POST /v1/worker/release"] = [new("/v1/worker/release", Finds.Nothing, $$"""{"session":"{{a.Session}}"}""")],
        ["GET /v1/admin/keys"] = [new("/v1/admin/keys?all=true", Finds.NobodysThings)],
        ["POST /v1/admin/keys"] = [new("/v1/admin/keys", Finds.Nothing, """{"name":"x","tenant":"a"}"""), new("/v1/admin/keys", Finds.Nothing, """{"name":"x","roles":["admin"],"allTenants":true}""")],
        ["POST /v1/admin/keys/{id}/rotate"] = [new($"/v1/admin/keys/{a.Key}/rotate", Finds.Nothing)],
        ["POST /v1/admin/keys/{id}/revoke"] = [new($"/v1/admin/keys/{a.Key}/revoke", Finds.Nothing)],
        ["GET /v1/admin/consumers"] = [new("/v1/admin/consumers", Finds.ItsOwn)],
        ["GET /v1/problems"] = [new("/v1/problems", Finds.NobodysThings)],
        ["GET /v1/problems/{code}"] = [new("/v1/problems/key-missing", Finds.NobodysThings)],
        ["GET /health/live"] = [new("/health/live", Finds.NobodysThings)],
        ["GET /health/ready"] = [new("/health/ready", Finds.NobodysThings)],
    };

    private static Dictionary<string, Probe[]> OversightProbes(Seed a) => new(StringComparer.Ordinal)
    {
        ["GET /v1/jobs/{id}/deliveries"] = [.. Each(a, "/deliveries", Finds.Nothing)],
        ["POST /v1/deliveries/{id}/replay"] = [new("/v1/deliveries/dlv_0195512f7b1c7c7e9a3b2f4d5e6f7a8b/replay", Finds.Nothing)],
        ["GET /v1/endpoints"] = [new("/v1/endpoints", Finds.ItsOwn)],
        ["POST /v1/endpoints/{name}/test"] = [new("/v1/endpoints/none/test", Finds.Nothing)],
        ["POST /v1/endpoints/{name}/recover"] = [new("/v1/endpoints/none/recover", Finds.NobodysThings, """{"since":"2026-01-01T00:00:00Z"}""")],
        ["POST /v1/endpoints/{name}/enable"] = [new("/v1/endpoints/none/enable", Finds.Nothing)],
        ["GET /v1/ws"] = [new("/v1/ws", Finds.NobodysThings)],
        ["GET /v1/admin/audit"] = [new("/v1/admin/audit", Finds.ItsOwn), new("/v1/admin/audit?subject=patient%2F1", Finds.ItsOwn), new($"/v1/admin/audit?job={a.Done}", Finds.ItsOwn)],
        ["GET /v1/admin/audit/disclosures"] = [new("/v1/admin/audit/disclosures?subject=patient%2F1", Finds.ItsOwn)],
        ["POST /v1/admin/audit/verify"] = [new("/v1/admin/audit/verify", Finds.ItsOwn)],
        ["GET /v1/admin/audit/export"] = [new("/v1/admin/audit/export", Finds.ItsOwn)],
        ["GET /v1/admin/audit/key"] = [new("/v1/admin/audit/key", Finds.ItsOwn)],
        ["GET /v1/admin/gaps"] = [new("/v1/admin/gaps?all=true", Finds.ItsOwn)],
        ["GET /v1/admin/alerts"] = [new("/v1/admin/alerts?state=all", Finds.Nothing)],
        ["GET /v1/admin/alerts/{id}"] = [new("/v1/admin/alerts/alt_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", Finds.Nothing)],
        ["POST /v1/admin/alerts/{id}/acknowledge"] = [new("/v1/admin/alerts/alt_0195512f7b1c7c7e9a3b2f4d5e6f7a8b/acknowledge", Finds.Nothing)],
        ["GET /v1/admin/holds"] = [new("/v1/admin/holds", Finds.NobodysThings)],
        ["POST /v1/admin/holds"] = [new("/v1/admin/holds", Finds.NobodysThings, """{"subject":"patient/9","reason":"x"}""")],
        ["POST /v1/admin/holds/release"] = [new("/v1/admin/holds/release", Finds.Nothing, """{"subject":"patient/1"}""")],
        ["POST /v1/admin/subjects/erase"] = [new("/v1/admin/subjects/erase", Finds.NobodysThings, """{"subject":"patient/1"}""")],
    };

    private static IEnumerable<Probe> Each(Seed a, string what, Finds finds) => new[] { a.Done, a.Dead, a.Waiting, a.Claimed }.Select(id => new Probe($"/v1/jobs/{id}{what}", finds));

    private static string Attempt(Seed a, string rest) => $$"""{"session":"{{a.Session}}","job":"{{a.Claimed}}","attempt":1,{{rest}}}""";

    [Theory]
    [InlineData("caller operator approver auditor worker")]
    [InlineData("admin")]
    public async Task Nothing_of_a_tenant_is_found_with_the_key_of_another(string roles)
    {
        await using var keyed = await KeyedHost.StartAsync();
        var (a, ofA) = await SeedAsync(keyed);
        var before = await StatesAsync(ofA, a);
        var ofB = await keyed.ClientAsync(roles, "b");
        var probes = Probes(a);

        var document = await (await ofB.GetAsync("/openapi/v1.json")).JsonAsync();
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));
        probes.Keys.ShouldBe(operations, ignoreOrder: true, "each operation of the API has a probe here");

        foreach (var (operation, all) in probes)
            foreach (var probe in all) await WalkAsync(ofB, operation, probe, a);

        (await StatesAsync(ofA, a)).ShouldBe(before);
        Encoding.UTF8.GetString((await new HeadwayClient(keyed.With(null), _keyOfA).ResultAsync(a.Done)).Body.Span).ShouldContain(Secret);
    }

    private string _keyOfA = "";

    private static async Task WalkAsync(HttpClient ofB, string operation, Probe probe, Seed a)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(operation.Split(' ')[0]), probe.Path);
        if (probe.IsForm) request.Content = new MultipartFormDataContent { { new StringContent("user_data"), "purpose" }, { Content(Encoding.UTF8.GetBytes(probe.Body!), "text/plain"), "file", "x.txt" } };
        else if (probe.Body is not null) request.Content = Content(Encoding.UTF8.GetBytes(probe.Body), probe.Path.EndsWith("/jobs", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json");
        if (probe.Header is { } key) request.Headers.Add("Idempotency-Key", key);

        using var answer = await ofB.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();

        var told = $"{operation} {probe.Path}: {(int)answer.StatusCode} {body}";
        var headers = string.Join('\n', answer.Headers.SelectMany(header => header.Value));
        body.ShouldNotContain(Secret, customMessage: told);
        // What was asked for may be repeated: it is known to who asks.
        foreach (var id in a.All.Where(id => !probe.Path.Contains(id, StringComparison.Ordinal) && probe.Body?.Contains(id, StringComparison.Ordinal) is not true))
            (body + headers).ShouldNotContain(id, customMessage: told);
        if (probe.Finds is Finds.Nothing) ((int)answer.StatusCode).ShouldBeOneOf([403, 404], told);
        if (probe.Finds is Finds.ItsOwn) answer.IsSuccessStatusCode.ShouldBeTrue(told);
        if (probe.Finds is Finds.NobodysThings) answer.StatusCode.ShouldNotBe(HttpStatusCode.InternalServerError, told);
    }

    private async Task<(Seed Seed, HttpClient Client)> SeedAsync(KeyedHost keyed)
    {
        (_keyOfA, var id) = await KeyedHost.KeyAsync(keyed.Admin, """{"name":"of a","tenant":"a","roles":["caller","operator","approver","worker","auditor"]}""");
        var ofA = keyed.With(_keyOfA);
        using (var first = await ofA.PostJsonAsync("/v1/features/echo", $$"""{"text":"{{Secret}}"}""", ("Idempotency-Key", "same-key"))) first.StatusCode.ShouldBe(HttpStatusCode.OK);
        using (var first = await ofA.PostJsonAsync("/v1/generate", $$"""{"text":"{{Secret}}"}""", ("Idempotency-Key", "same-key"))) first.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var later = await ofA.PostJsonAsync("/v1/features/later", $$"""{"text":"{{Secret}}"}""", ("Idempotency-Key", "same-key"), ("Headway-Subject", "patient/1"));
        var done = (await later.JsonAsync()).GetProperty("id").GetString()!;
        var dead = await ofA.AcceptAsync("later", $$"""{"text":"{{Secret}}","fail":true}""");
        var waiting = await ofA.WaitingAsync($$"""{"text":"{{Secret}}"}""");
        var claimed = await ofA.AcceptAsync("scan", $$"""{"text":"{{Secret}}"}""");
        var held = await (await ofA.PostJsonAsync("/v1/worker/claim", """{"features":["scan"],"wait":10}""")).JsonAsync();
        held.GetProperty("jobs")[0].GetProperty("job").GetString().ShouldBe(claimed);
        // Another one waits for a worker of this tenant.
        await ofA.AcceptAsync("scan", $$"""{"text":"{{Secret}}"}""");
        using var chat = await ofA.PostJsonAsync("/v1/chat/completions", $$"""{"model":"fast","messages":[{"role":"user","content":"{{Secret}}"}]}""", ("Idempotency-Key", "same-key"));
        chat.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var asked = await ofA.PostJsonAsync("/v1/responses", $$"""{"model":"fast","input":"{{Secret}}"}""", ("Idempotency-Key", "same-key-too"));
        var response = (await asked.JsonAsync()).GetProperty("id").GetString()!;
        using var form = new MultipartFormDataContent { { new StringContent("user_data"), "purpose" }, { Content(Encoding.UTF8.GetBytes(Secret), "text/plain"), "file", "a.txt" } };
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = form };
        upload.Headers.Add("Idempotency-Key", "same-key");
        using var uploaded = await ofA.SendAsync(upload);
        uploaded.StatusCode.ShouldBe(HttpStatusCode.OK, await uploaded.Content.ReadAsStringAsync());
        var file = (await uploaded.JsonAsync()).GetProperty("id").GetString()!;
        (await ofA.EndAsync(done)).State.ShouldBe(Headway.Client.JobState.Succeeded);
        (await ofA.EndAsync(dead)).State.ShouldBe(Headway.Client.JobState.Dead);
        return (new Seed(done, dead, waiting, response, file, held.GetProperty("session").GetString()!, claimed, id), ofA);
    }

    private static async Task<string> StatesAsync(HttpClient ofA, Seed a)
    {
        var jobs = await new HeadwayClient(ofA).ListJobsAsync().ToListAsync();
        var files = await (await ofA.GetAsync("/v1/files")).Content.ReadAsStringAsync();
        using var response = await ofA.GetAsync($"/v1/responses/{a.Response}");
        return string.Join('\n', jobs.Select(job => $"{job.Id} {job.State} {job.Attempt}")) + files + response.StatusCode;
    }
}
