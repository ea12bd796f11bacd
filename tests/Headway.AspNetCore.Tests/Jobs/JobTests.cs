using System.Net;
using System.Text.Json;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Jobs;

public sealed class JobTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    private const string Unknown = "/v1/jobs/job_00000000000000000000000000000000";

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/result")]
    [InlineData("GET", "/events")]
    [InlineData("GET", "/attempts")]
    [InlineData("GET", "/audit")]
    [InlineData("GET", "/inputs")]
    [InlineData("GET", "/inputs/1")]
    [InlineData("POST", "/cancel")]
    [InlineData("POST", "/replay")]
    public async Task An_unknown_job_is_told_everywhere(string method, string what)
    {
        await (await edge.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), Unknown + what))).ShouldBeProblemAsync(HttpStatusCode.NotFound, "job-unknown");
        await (await edge.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/v1/jobs/nonsense" + what))).ShouldBeProblemAsync(HttpStatusCode.NotFound, "job-unknown");
    }

    [Fact]
    public async Task A_poll_that_waits_is_answered_when_the_job_ends()
    {
        var job = await AcceptAsync("poll");
        var poll = edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, job), ("Prefer", "wait=30")));
        await edge.ReachedAsync("poll");
        poll.IsCompleted.ShouldBeFalse();

        edge.Open("poll");
        var answer = await poll;

        (await answer.JsonAsync()).GetProperty("state").GetString().ShouldBe("succeeded");
        answer.Header("Preference-Applied").ShouldBe("wait=30");
        answer.Headers.RetryAfter.ShouldBeNull();
    }

    [Fact]
    public async Task A_poll_is_told_when_to_come_again_and_that_nothing_changed()
    {
        var job = await AcceptAsync("etag");
        await edge.ReachedAsync("etag");
        var first = await edge.Http.GetAsync(job);

        var second = await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, job), ("If-None-Match", first.Headers.ETag!.ToString())));
        edge.Open("etag");
        await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, job), ("Prefer", "wait=30")));
        var third = await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, job), ("If-None-Match", first.Headers.ETag!.ToString())));

        first.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        third.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_broken_wait_is_refused()
    {
        var job = await AcceptAsync(null);

        await (await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, job), ("Prefer", "wait=long")))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "prefer-invalid");
    }

    [Fact]
    public async Task A_result_asked_for_too_early_is_a_409_with_the_state()
    {
        var job = await AcceptAsync("early");
        await edge.ReachedAsync("early");

        var answer = await edge.Http.GetAsync($"{job}/result");

        var problem = await answer.ShouldBeProblemAsync(HttpStatusCode.Conflict, "job-not-finished");
        problem.GetProperty("state").GetString().ShouldBe("running");
        problem.GetProperty("job").GetString().ShouldBe(job[^36..]);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        edge.Open("early");
    }

    [Fact]
    public async Task A_result_is_read_and_its_reading_is_audited()
    {
        var job = await FinishedAsync("read");

        var answer = await edge.Http.GetAsync($"{job}/result");

        (await answer.Content.ReadAsStringAsync()).ShouldBe("done after read");
        answer.Header("Headway-Mode").ShouldBe("async");
        var audit = await (await edge.Http.GetAsync($"{job}/audit")).JsonAsync();
        audit.GetProperty("events").EnumerateArray().Select(entry => entry.GetProperty("action").GetString()).ShouldBe(["submitted", "started", "completed", "delivered"]);
        var attempts = await (await edge.Http.GetAsync($"{job}/attempts")).JsonAsync();
        attempts.GetProperty("attempts").GetArrayLength().ShouldBe(1);
        attempts.GetProperty("attempts")[0].GetProperty("number").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task The_result_of_a_sync_call_without_a_key_is_gone()
    {
        var call = await edge.Http.SendAsync(Call("echo", "{}"));
        var job = $"/v1/jobs/{call.Header("Headway-Job")}";
        await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, job), ("Prefer", "wait=5")));

        await (await edge.Http.GetAsync($"{job}/result")).ShouldBeProblemAsync(HttpStatusCode.Gone, "result-not-kept");
    }

    [Fact]
    public async Task Cancelling_is_final_and_can_be_repeated()
    {
        var job = await AcceptAsync("cancel");
        await edge.ReachedAsync("cancel");

        var first = await edge.Http.PostAsync($"{job}/cancel", null);
        edge.Open("cancel");
        var second = await edge.Http.PostAsync($"{job}/cancel", null);

        (await first.JsonAsync()).GetProperty("state").GetString().ShouldBe("cancelled");
        (await second.JsonAsync()).GetProperty("state").GetString().ShouldBe("cancelled");
        (await (await edge.Http.GetAsync($"{job}/result")).ShouldBeProblemAsync(HttpStatusCode.Conflict, "job-cancelled")).GetProperty("state").GetString().ShouldBe("cancelled");
    }

    [Fact]
    public async Task A_job_starts_when_its_caller_said()
    {
        var answer = await edge.Http.SendAsync(Call("later", "{}", ("Headway-Start-At", "1h")));

        var job = await (await edge.Http.GetAsync(answer.Headers.Location)).JsonAsync();

        job.GetProperty("state").GetString().ShouldBe("scheduled");
        job.GetProperty("waitingFor").GetProperty("code").GetString().ShouldBe("start-time");
        (await edge.Http.PostAsync($"{answer.Headers.Location}/cancel", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Dead_letters_are_counted_before_they_are_replayed()
    {
        var answer = await edge.Http.SendAsync(Call("doomed", """{"gate":"hope"}""", ("Headway-Subject", "letters")));
        var dead = await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, answer.Headers.Location), ("Prefer", "wait=30")));
        var letter = await dead.JsonAsync();
        letter.GetProperty("state").GetString().ShouldBe("dead");
        letter.GetProperty("error").GetProperty("code").GetString().ShouldBe("no-hope");

        var listed = await (await edge.Http.GetAsync("/v1/dead-letters?subject=letters")).JsonAsync();
        var counted = await (await edge.Http.PostAsync("/v1/dead-letters/replay?subject=letters&dryRun=true", null)).JsonAsync();
        edge.Open("hope");
        var replayed = await (await edge.Http.PostAsync("/v1/dead-letters/replay?subject=letters", null)).JsonAsync();
        var ended = await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, answer.Headers.Location), ("Prefer", "wait=30")));

        listed.GetProperty("jobs").GetArrayLength().ShouldBe(1);
        counted.GetRawText().ShouldBe("""{"count":1,"dryRun":true,"matched":1,"more":false}""");
        replayed.GetRawText().ShouldBe("""{"count":1,"dryRun":false,"matched":1,"more":false}""");
        (await ended.JsonAsync()).GetProperty("state").GetString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task Only_a_dead_letter_is_replayed()
    {
        var job = await FinishedAsync("alive");

        (await edge.Http.PostAsync($"{job}/replay", null)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    private async Task<string> FinishedAsync(string gate)
    {
        edge.Open(gate);
        var job = await AcceptAsync(gate);
        (await (await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, job), ("Prefer", "wait=30")))).JsonAsync()).GetProperty("state").GetString().ShouldBe("succeeded");
        return job;
    }

    private async Task<string> AcceptAsync(string? gate)
    {
        var answer = await edge.Http.SendAsync(Call("later", JsonSerializer.Serialize(new { gate })));
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return answer.Headers.Location!.ToString();
    }
}
