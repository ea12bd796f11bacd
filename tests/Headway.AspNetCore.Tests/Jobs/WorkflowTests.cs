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
            var decided = await flow.Approval("legal", TimeSpan.FromDays(3));
            return $"{parts} parts, {decided.Reason}";
        }
    }
}
