using System.Globalization;
using System.Net;
using System.Text.Json;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

public sealed class AnswerTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task A_sync_call_is_answered_with_its_result_and_what_it_took()
    {
        var answer = await edge.Http.SendAsync(Call("echo", """{"age":41}"""));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await answer.Content.ReadAsStringAsync()).ShouldBe("""{"age":41}""");
        JobId.TryParse(answer.Header("Headway-Job"), out _).ShouldBeTrue();
        answer.Header("Headway-Mode").ShouldBe("sync");
        double.Parse(answer.Header("Headway-Queue-Ms")!, CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(0);
        double.Parse(answer.Header("Headway-Overhead-Ms")!, CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(0);
        answer.Header("Cache-Control").ShouldBe("no-store");
        answer.Header("Preference-Applied").ShouldBeNull();
    }

    [Fact]
    public async Task Prose_is_answered_as_text()
    {
        var answer = await edge.Http.SendAsync(Call("either", "{}"));

        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; charset=utf-8");
        (await answer.Content.ReadAsStringAsync()).ShouldBe("done");
    }

    [Fact]
    public async Task An_async_call_is_answered_with_a_job_and_where_to_ask()
    {
        var answer = await edge.Http.SendAsync(Call("later", "{}",
            ("Headway-Subject", "encounter/8812"), ("Headway-Priority", "7"), ("Headway-Metadata", """{"ward":"3b"}"""), ("Headway-Deadline", "1h"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("Prefer", "respond-async")));

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = await answer.JsonAsync();
        answer.Headers.Location!.ToString().ShouldBe($"/v1/jobs/{job.GetProperty("id").GetString()}");
        answer.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        answer.Header("Preference-Applied").ShouldBe("respond-async");
        job.GetProperty("mode").GetString().ShouldBe("async");
        job.GetProperty("subject").GetString().ShouldBe("encounter/8812");
        job.GetProperty("priority").GetInt32().ShouldBe(7);
        job.GetProperty("correlation").GetString().ShouldBe("4bf92f3577b34da6a3ce929d0e0e4736");
        job.GetProperty("links").GetProperty("self").GetString().ShouldBe(answer.Headers.Location!.ToString());
        var shown = await (await edge.Http.GetAsync(answer.Headers.Location)).JsonAsync();
        shown.GetProperty("metadata").GetProperty("ward").GetString().ShouldBe("3b");
    }

    [Fact]
    public async Task A_hybrid_call_in_time_is_answered_with_its_result()
    {
        var answer = await edge.Http.SendAsync(Call("either", "{}", ("Prefer", "wait=10")));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Header("Headway-Mode").ShouldBe("hybrid");
        answer.Header("Preference-Applied").ShouldBe("wait=10");
    }

    [Theory]
    [InlineData("wait=0", "wait=0")]
    [InlineData("respond-async", "respond-async")]
    [InlineData("respond-async, wait=0", "respond-async, wait=0")]
    public async Task A_hybrid_call_that_will_not_wait_is_answered_with_a_job(string prefer, string applied)
    {
        var gate = $"hybrid {prefer}";
        var answer = await edge.Http.SendAsync(Call("either", JsonSerializer.Serialize(new { gate }), ("Prefer", prefer)));

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        answer.Header("Preference-Applied").ShouldBe(applied);
        edge.Open(gate);
        var ended = await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, answer.Headers.Location), ("Prefer", "wait=20")));
        (await ended.JsonAsync()).GetProperty("state").GetString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task The_contract_caps_how_long_a_call_waits()
        => (await edge.Http.SendAsync(Call("either", "{}", ("Prefer", "wait=600")))).Header("Preference-Applied").ShouldBe("wait=20");

    [Fact]
    public async Task Code_that_throws_is_a_problem_without_a_stack()
    {
        var problem = await (await edge.Http.SendAsync(Call("troubled", """{"gate":"throw"}"""))).ShouldBeProblemAsync(HttpStatusCode.InternalServerError, "handler-exception");

        JobId.TryParse(problem.GetProperty("job").GetString(), out _).ShouldBeTrue();
        problem.GetProperty("state").GetString().ShouldBe("failed");
    }

    [Fact]
    public async Task Work_that_passes_its_timeout_is_a_504()
    {
        var answer = await edge.Http.SendAsync(Call("troubled", "{}"));

        answer.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        (await answer.JsonAsync()).GetProperty("code").GetString().ShouldBe("timeout");
    }

    [Fact]
    public async Task An_input_that_code_cannot_read_is_a_400()
        => await (await edge.Http.SendAsync(Call("either", """{"gate":7}"""))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "input-invalid");

    [Fact]
    public async Task A_full_pool_is_a_503_that_says_when_to_come_again()
    {
        var held = edge.Http.SendAsync(Call("narrow", """{"gate":"narrow"}"""));
        await edge.ReachedAsync("narrow");

        var answer = await edge.Http.SendAsync(Call("narrow", "{}"));

        await answer.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "pool-full");
        answer.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        edge.Open("narrow");
        (await held).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_full_queue_is_a_503_that_says_when_to_come_again()
    {
        (await edge.Http.SendAsync(Call("cramped", """{"gate":"cramped"}"""))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await edge.ReachedAsync("cramped");
        (await edge.Http.SendAsync(Call("cramped", """{"gate":"cramped"}"""))).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var answer = await edge.Http.SendAsync(Call("cramped", "{}"));

        await answer.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "queue-full");
        answer.Headers.RetryAfter.ShouldNotBeNull();
        edge.Open("cramped");
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_gets_the_same_answer_and_another_payload_is_refused()
    {
        var first = await edge.Http.SendAsync(Call("later", """{"gate":"key"}""", ("Idempotency-Key", "order-77")));
        var repeat = await edge.Http.SendAsync(Call("later", """{"gate":"key"}""", ("Idempotency-Key", "\"order-77\"")));
        var other = await edge.Http.SendAsync(Call("later", "{}", ("Idempotency-Key", "order-77")));

        repeat.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        repeat.Headers.Location.ShouldBe(first.Headers.Location);
        await other.ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency-mismatch");
        edge.Open("key");
    }

    [Fact]
    public async Task A_sync_call_still_under_way_refuses_its_repeat()
    {
        var held = edge.Http.SendAsync(Call("held", """{"gate":"twice"}""", ("Idempotency-Key", "twice")));
        await edge.ReachedAsync("twice");

        var repeat = await edge.Http.SendAsync(Call("held", """{"gate":"twice"}""", ("Idempotency-Key", "twice")));

        await repeat.ShouldBeProblemAsync(HttpStatusCode.Conflict, "idempotency-in-progress");
        repeat.Headers.RetryAfter.ShouldNotBeNull();
        edge.Open("twice");
        (await held).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_caller_that_leaves_a_sync_call_cancels_its_work()
    {
        using var leaving = new CancellationTokenSource();
        var held = edge.Http.SendAsync(Call("held", """{"gate":"left"}""", ("Idempotency-Key", "left")), leaving.Token);
        await edge.ReachedAsync("left");

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(held);
        var job = await (await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, edge.JobAt("left")), ("Prefer", "wait=20")))).JsonAsync();
        job.GetProperty("state").GetString().ShouldBe("cancelled");
        job.GetProperty("error").GetProperty("code").GetString().ShouldBe("abandoned");
    }

    [Fact]
    public async Task A_caller_that_leaves_a_hybrid_call_does_not_cancel_its_work()
    {
        using var leaving = new CancellationTokenSource();
        var held = edge.Http.SendAsync(Call("either", """{"gate":"left open"}"""), leaving.Token);
        await edge.ReachedAsync("left open");

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(held);
        edge.Open("left open");

        var job = await (await edge.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, edge.JobAt("left open")), ("Prefer", "wait=20")))).JsonAsync();
        job.GetProperty("state").GetString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_sync_call_that_somebody_cancels_is_told_so_and_never_an_empty_200()
    {
        var held = edge.Http.SendAsync(Call("held", """{"gate":"cancelled call"}""", ("Idempotency-Key", "cancelled call")));
        await edge.ReachedAsync("cancelled call");

        (await edge.Http.PostAsync($"{edge.JobAt("cancelled call")}/cancel", null)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await (await held).ShouldBeProblemAsync(HttpStatusCode.Conflict, "call-cancelled");
    }
}
