using System.Collections.Concurrent;
using Headway.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Tests.Client;

public sealed class HeadwayClientTests
{
    [Fact]
    public async Task A_call_says_in_headers_what_it_asks()
    {
        var asked = new ConcurrentDictionary<string, string>();
        await using var server = await WireServer.StartAsync(app => app.MapPost("/v1/features/{name}", (HttpContext context, string name) =>
        {
            asked["path"] = name;
            foreach (var header in context.Request.Headers) asked[header.Key] = header.Value.ToString();
            context.Response.Headers["Headway-Job"] = "job_1";
            context.Response.Headers["Headway-Model"] = "small";
            context.Response.Headers["Headway-Cost"] = "0.00021";
            return Results.Text("""{"ok":true}""", "application/json");
        }));

        var answer = await server.Client.CallAsync("triage", """{"age":61}""", new CallOptions
        {
            Version = 2,
            Wait = TimeSpan.FromMilliseconds(1500),
            IdempotencyKey = "k-1",
            Subject = "encounter/8812",
            Priority = 7,
            Deadline = TimeSpan.FromSeconds(90),
        });

        var result = answer.ShouldBeOfType<CallAnswer.Done>().Result;
        result.AsText().ShouldBe("""{"ok":true}""");
        result.Job.ShouldBe("job_1");
        result.Model.ShouldBe("small");
        result.Cost.ShouldBe(0.00021m);
        asked["path"].ShouldBe("triage@2");
        asked["Prefer"].ShouldBe("wait=2");
        asked["Idempotency-Key"].ShouldBe("k-1");
        asked["Headway-Subject"].ShouldBe("encounter/8812");
        asked["Headway-Priority"].ShouldBe("7");
        asked["Headway-Deadline"].ShouldBe("90000ms");
        asked["Content-Type"].ShouldBe("application/json");
    }

    [Fact]
    public async Task A_202_is_a_job()
    {
        await using var server = await WireServer.StartAsync(app => app.MapPost("/v1/features/f", () => Results.Text(WireServer.Job("job_7", JobState.Queued), "application/json", null, 202)));

        (await server.Client.CallAsync("f", "{}")).ShouldBeOfType<CallAnswer.Accepted>().Job.Id.ShouldBe("job_7");
    }

    [Fact]
    public async Task A_problem_is_an_exception_with_its_code_and_its_pause()
    {
        await using var server = await WireServer.StartAsync(app => app.MapPost("/v1/features/f", (HttpContext context) =>
        {
            context.Response.Headers.RetryAfter = "3";
            return Results.Text("""{"status":503,"code":"pool-full","detail":"f@1 has 16 calls at work and 64 waiting."}""", "application/problem+json", null, 503);
        }));

        var refusal = await Should.ThrowAsync<HeadwayException>(server.Client.CallAsync("f", "{}"));

        refusal.Code.ShouldBe("pool-full");
        refusal.Status.ShouldBe(503);
        refusal.RetryAfter.ShouldBe(TimeSpan.FromSeconds(3));
        refusal.Message.ShouldBe("f@1 has 16 calls at work and 64 waiting.");
    }

    [Theory]
    [InlineData("text/html", "<html>504 Gateway Time-out</html>", 504)]
    [InlineData("application/json", "half a docu", 500)]
    [InlineData("application/json", "[]", 400)]
    public async Task What_no_headway_server_answers_is_said_so(string mediaType, string body, int status)
    {
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs/x", () => Results.Text(body, mediaType, null, status)));

        var refusal = await Should.ThrowAsync<HeadwayException>(server.Client.GetJobAsync("x"));

        refusal.Code.ShouldBe(HeadwayException.Unexpected);
        refusal.Status.ShouldBe(status);
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        var cursors = new ConcurrentQueue<string?>();
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs", (string? cursor, string? state, string? subject) =>
        {
            cursors.Enqueue(cursor);
            state.ShouldBe("dead");
            subject.ShouldBe("a&b");
            var page = cursor is null ? $$"""{"jobs":[{{WireServer.Job("job_3", JobState.Dead)}}],"next":"job_3"}""" : $$"""{"jobs":[{{WireServer.Job("job_2", JobState.Dead)}}]}""";
            return Results.Text(page, "application/json");
        }));

        var ids = await server.Client.ListJobsAsync(new JobQuery { State = JobState.Dead, Subject = "a&b" }).Select(job => job.Id).ToListAsync();

        ids.ShouldBe(["job_3", "job_2"]);
        cursors.ShouldBe([null, "job_3"]);
    }

    [Fact]
    public async Task Waiting_asks_again_until_the_job_has_ended()
    {
        var prefers = new ConcurrentQueue<string>();
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs/job_1", (HttpContext context) =>
        {
            prefers.Enqueue(context.Request.Headers["Prefer"].ToString());
            return Results.Text(WireServer.Job("job_1", prefers.Count < 2 ? JobState.Running : JobState.Succeeded), "application/json");
        }));

        (await server.Client.WaitJobAsync("job_1")).State.ShouldBe(JobState.Succeeded);

        prefers.ShouldBe(["wait=30", "wait=30"]);
    }

    [Fact]
    public async Task Waiting_no_longer_than_asked_gives_the_job_as_it_is()
    {
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs/job_1", () => Results.Text(WireServer.Job("job_1", JobState.Running), "application/json")));

        (await server.Client.WaitJobAsync("job_1", TimeSpan.Zero)).State.ShouldBe(JobState.Running);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_http_request_exception()
    {
        using var http = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:1/") };

        await Should.ThrowAsync<HttpRequestException>(new HeadwayClient(http).GetJobAsync("job_1"));
    }

    [Fact]
    public async Task A_header_value_that_cannot_travel_is_refused_before_the_call()
    {
        await using var server = await WireServer.StartAsync(app => app.MapPost("/v1/features/f", () => Results.Text("{}", "application/json")));

        await Should.ThrowAsync<ArgumentException>(server.Client.CallAsync("f", "{}", new CallOptions { Subject = "Süd" }));
    }
}
