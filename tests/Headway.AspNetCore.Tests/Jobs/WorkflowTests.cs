using System.Net;
using System.Text;
using System.Text.Json;

namespace Headway.AspNetCore.Tests.Jobs;

public sealed class WorkflowTests : IAsyncLifetime
{
    private const string File = "features: { review: { contract: { mode: async, caller: leaves, deliverWithin: 3d }, handler: code } }";

    private HeadwayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(File, app => app.MapWorkflow<Review>("review"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_workflow_tells_what_it_waits_for_and_is_sent_it()
    {
        var job = await WaitingAsync();
        job.GetProperty("waitingFor").GetProperty("code").GetString().ShouldBe("approval");
        var id = job.GetProperty("id").GetString()!;

        var steps = await GetAsync($"/v1/jobs/{id}/steps");
        steps.GetProperty("steps").EnumerateArray().Select(step => $"{step.GetProperty("kind")} {step.GetProperty("name")} {step.GetProperty("state")}").ShouldBe(["step split succeeded", "approval legal waiting"]);

        var sent = await SignalAsync(id, "legal", """{"granted":true,"reason":"Fine."}""", "one");
        sent.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await BodyAsync(sent)).GetProperty("state").GetString().ShouldBe("delivered");
        (await BodyAsync(await SignalAsync(id, "legal", """{"granted":true,"reason":"Fine."}""", "one"))).GetProperty("state").GetString().ShouldBe("repeated");
        await (await SignalAsync(id, "legal", """{"granted":false}""", "one")).ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "signal-mismatch");

        (await EndAsync(id)).GetProperty("state").GetString().ShouldBe("succeeded");
        (await _host.Http.GetStringAsync($"/v1/jobs/{id}/result")).ShouldBe("2 parts, Fine.");
        await (await SignalAsync(id, "legal", "{}")).ShouldBeProblemAsync(HttpStatusCode.Conflict, "job-over");
    }

    [Fact]
    public async Task Steps_come_in_pages()
    {
        var id = (await WaitingAsync()).GetProperty("id").GetString()!;

        var first = await GetAsync($"/v1/jobs/{id}/steps?limit=1");
        first.GetProperty("steps").GetArrayLength().ShouldBe(1);
        var second = await GetAsync($"/v1/jobs/{id}/steps?limit=1&cursor={first.GetProperty("next").GetString()}");
        second.GetProperty("steps").EnumerateArray().Single().GetProperty("name").GetString().ShouldBe("legal");
        second.TryGetProperty("next", out _).ShouldBeFalse();
        await (await _host.Http.GetAsync($"/v1/jobs/{id}/steps?limit=0")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "filter-invalid");
        await (await _host.Http.GetAsync($"/v1/jobs/{id}/steps?cursor=x")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "cursor-invalid");
        await (await _host.Http.GetAsync($"/v1/jobs/{JobId.New(DateTimeOffset.UtcNow)}/steps")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "job-unknown");
    }

    [Fact]
    public async Task A_journal_is_read_whole_and_the_reading_is_audited()
    {
        var id = (await WaitingAsync()).GetProperty("id").GetString()!;

        var journal = await GetAsync($"/v1/jobs/{id}/journal");
        journal.GetProperty("feature").GetString().ShouldBe("review");
        journal.GetProperty("lines").EnumerateArray().Select(line => $"{line.GetProperty("kind")} {line.GetProperty("name")} {line.GetProperty("outcome")}").ShouldBe(["step split done"]);
        journal.GetProperty("waits").EnumerateArray().Select(wait => $"{wait.GetProperty("kind")} {wait.GetProperty("name")}").ShouldBe(["approval legal"]);
        (await GetAsync($"/v1/jobs/{id}/audit")).GetProperty("events").EnumerateArray().Last().GetProperty("action").GetString().ShouldBe("viewed");
        using var http = new HttpClient { BaseAddress = _host.Http.BaseAddress };
        (await new Headway.Client.HeadwayClient(http).JournalAsync(id)).ShouldContain("\"name\": \"split\"");

        await (await _host.Http.GetAsync($"/v1/jobs/{JobId.New(DateTimeOffset.UtcNow)}/journal")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "job-unknown");
    }

    [Fact]
    public async Task What_is_no_signal_is_refused()
    {
        var id = (await WaitingAsync()).GetProperty("id").GetString()!;

        await (await SignalAsync(id, "legal", "{")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "json-malformed");
        await (await SignalAsync(id, "legal", $"\"{new string('x', 1024 * 1024)}\"")).ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "signal-too-large");
        await (await SignalAsync(id, "%07", "{}")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "signal-invalid");
        await (await SignalAsync("job_0", "legal", "{}")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "job-unknown");
        (await BodyAsync(await SignalAsync(id, "other/name".Replace("/", "%2F", StringComparison.Ordinal), ""))).GetProperty("name").GetString().ShouldBe("other/name");
    }

    [Fact]
    public async Task What_is_no_workflow_cannot_be_mapped_as_one()
    {
        var wrong = await Should.ThrowAsync<InvalidOperationException>(HeadwayHost.StartAsync(File, app => app.MapWorkflow<string>("review")));
        wrong.Message.ShouldContain("derive it from Workflow<TIn, TOut>");
        var twice = await Should.ThrowAsync<InvalidOperationException>(HeadwayHost.StartAsync(File, app => app.MapWorkflow<Review>("review").MapWorkflow<Review>("review")));
        twice.Message.ShouldContain("map it once");
    }

    [Fact]
    public async Task A_workflow_is_paused_resumed_run_again_and_terminated()
    {
        var id = (await WaitingAsync()).GetProperty("id").GetString()!;

        (await PostAsync($"/v1/jobs/{id}/pause")).GetProperty("state").GetString().ShouldBe("paused");
        (await PostAsync($"/v1/jobs/{id}/resume")).GetProperty("state").GetString().ShouldNotBe("paused");

        var again = await PostAsync($"/v1/jobs/{id}/rerun", """{"from":"split","input":["a","b","c"]}""");
        again.GetProperty("rerunOf").GetString().ShouldBe(id);
        var other = again.GetProperty("id").GetString()!;
        await SignalAsync(other, "legal", """{"granted":true,"reason":"Fine."}""");
        (await EndAsync(other)).GetProperty("state").GetString().ShouldBe("succeeded");
        (await _host.Http.GetStringAsync($"/v1/jobs/{other}/result")).ShouldBe("3 parts, Fine.");

        (await PostAsync($"/v1/jobs/{id}/terminate")).GetProperty("state").GetString().ShouldBe("cancelled");
        await (await _host.Http.PostAsync($"/v1/jobs/{id}/pause", null)).ShouldBeProblemAsync(HttpStatusCode.Conflict, "job-over");
        await (await _host.Http.PostAsync($"/v1/jobs/{id}/resume", null)).ShouldBeProblemAsync(HttpStatusCode.Conflict, "job-over");
        foreach (var body in new[] { "[]", """{"from":1}""", """{"occurrence":0}""", """{"step":"split"}""" })
        {
            await (await _host.Http.PostAsync($"/v1/jobs/{other}/rerun", Content(body))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "rerun-invalid");
        }

        await (await _host.Http.PostAsync($"/v1/jobs/{other}/rerun", Content("""{"from":"none"}"""))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "step-unknown");
        await (await _host.Http.PostAsync($"/v1/jobs/{JobId.New(DateTimeOffset.UtcNow)}/pause", null)).ShouldBeProblemAsync(HttpStatusCode.NotFound, "job-unknown");
    }

    [Fact]
    public async Task A_step_shows_what_it_gave_and_an_approval_what_is_asked()
    {
        var id = (await WaitingAsync()).GetProperty("id").GetString()!;

        var step = await GetAsync($"/v1/jobs/{id}/steps/1");
        step.GetProperty("output").GetInt32().ShouldBe(2);
        step.GetProperty("step").GetProperty("name").GetString().ShouldBe("split");
        var waiting = (await GetAsync($"/v1/jobs/{id}/steps")).GetProperty("steps").EnumerateArray().Last();
        waiting.GetProperty("question").GetString().ShouldBe("2 parts: may they be used?");
        waiting.GetProperty("link").GetString().ShouldBe("https://example.com/contract");
        (await GetAsync($"/v1/jobs/{id}/audit")).GetProperty("events").EnumerateArray().Count(entry => entry.GetProperty("action").GetString() == "viewed").ShouldBe(1);
        await (await _host.Http.GetAsync($"/v1/jobs/{id}/steps/9")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "step-unknown");
        await (await _host.Http.GetAsync($"/v1/jobs/{id}/steps/x")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "step-unknown");
    }

    [Fact]
    public async Task Versions_are_listed_pinned_and_moved()
    {
        var id = (await WaitingAsync()).GetProperty("id").GetString()!;

        var listed = (await GetAsync("/v1/workflows")).GetProperty("workflows").EnumerateArray().Single();
        (listed.GetProperty("feature").GetString(), listed.GetProperty("version").GetInt32(), listed.GetProperty("here").GetBoolean()).ShouldBe(("review", 1, true));
        listed.GetProperty("jobs").GetProperty("waiting").GetInt32().ShouldBe(1);

        (await PostAsync("/v1/workflows/review/pin", """{"version":1}""")).GetProperty("workflows")[0].GetProperty("pinned").GetBoolean().ShouldBeTrue();
        (await PostAsync("/v1/workflows/review/pin", """{"version":null}""")).GetProperty("workflows")[0].GetProperty("pinned").GetBoolean().ShouldBeFalse();
        (await PostAsync("/v1/workflows/review/move", $$"""{"from":1,"to":1,"job":"{{id}}"}""")).GetProperty("moved").GetInt32().ShouldBe(1);
        await (await _host.Http.PostAsync("/v1/workflows/review/pin", Content("""{"version":2}"""))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "workflow-version-unknown");
        await (await _host.Http.PostAsync("/v1/workflows/none/pin", Content("""{"version":1}"""))).ShouldBeProblemAsync(HttpStatusCode.NotFound, "workflow-unknown");
        foreach (var (what, body) in new[] { ("pin", "{}"), ("pin", "1"), ("pin", """{"version":0}"""), ("move", """{"from":1}"""), ("move", """{"from":1,"to":2,"job":"x"}"""), ("move", """{"all":true}""") })
        {
            await (await _host.Http.PostAsync($"/v1/workflows/review/{what}", Content(body))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "version-change-invalid");
        }
    }

    [Fact]
    public async Task A_system_outside_answers_at_the_address_that_it_was_given()
    {
        await using var host = await HeadwayHost.StartAsync(File, app => app.MapWorkflow<Payment>("review"));
        var accepted = await BodyAsync(await host.Http.PostAsync("/v1/features/review", Content("[]")));
        var address = await Payment.Asked.Task.WaitAsync(TimeSpan.FromSeconds(30));

        (await host.Http.GetAsync(address)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        var sent = await host.Http.PostAsync(address, Content("""{"amount":12}"""));
        sent.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await (await host.Http.PostAsync(address, Content("""{"amount":13}"""))).ShouldBeProblemAsync(HttpStatusCode.Conflict, "callback-used");
        await (await host.Http.PostAsync(address + "x", Content("1"))).ShouldBeProblemAsync(HttpStatusCode.NotFound, "callback-unknown");

        using var question = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{accepted.GetProperty("id").GetString()}");
        question.Headers.Add("Prefer", "wait=20");
        (await BodyAsync(await host.Http.SendAsync(question))).GetProperty("state").GetString().ShouldBe("succeeded");
    }

    private static StringContent Content(string json) => new(json, Encoding.UTF8, "application/json");

    private async Task<JsonElement> PostAsync(string path, string? json = null)
    {
        var answer = await _host.Http.PostAsync(path, json is null ? null : Content(json));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await BodyAsync(answer);
    }

    private async Task<JsonElement> WaitingAsync()
    {
        var accepted = await BodyAsync(await _host.Http.PostAsync("/v1/features/review", new StringContent("""["a","b"]""", Encoding.UTF8, "application/json")));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var job = await GetAsync($"/v1/jobs/{accepted.GetProperty("id").GetString()}");
            if (job.GetProperty("state").GetString() == "waiting") return job;
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<JsonElement> EndAsync(string id)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{id}");
        question.Headers.Add("Prefer", "wait=20");
        return await BodyAsync(await _host.Http.SendAsync(question));
    }

    private async Task<HttpResponseMessage> SignalAsync(string id, string name, string json, string? key = null)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/jobs/{id}/signals/{name}") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (key is not null) call.Headers.Add("Idempotency-Key", key);
        return await _host.Http.SendAsync(call);
    }

    private async Task<JsonElement> GetAsync(string path) => await BodyAsync(await _host.Http.GetAsync(path));

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    private sealed class Review : Workflow<string[], string>
    {
        protected override async Task<string> RunAsync(string[] input, WorkflowContext flow)
        {
            var parts = await flow.Step("split", _ => Task.FromResult(input.Length));
            var decided = await flow.Approval("legal", TimeSpan.FromDays(3), $"{parts} parts: may they be used?", new Uri("https://example.com/contract"));
            return $"{parts} parts, {decided.Reason}";
        }
    }

    private sealed class Payment : Workflow<string[], int>
    {
        public static readonly TaskCompletionSource<string> Asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<int> RunAsync(string[] input, WorkflowContext flow)
        {
            var paid = flow.Callback<JsonElement>("paid", TimeSpan.FromDays(1));
            await flow.Step("ask", _ => Task.FromResult(Asked.TrySetResult(paid.Path)));
            return (await paid.Answer).GetProperty("amount").GetInt32();
        }
    }
}
