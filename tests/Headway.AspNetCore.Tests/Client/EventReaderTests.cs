using System.Collections.Concurrent;
using Headway.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Tests.Client;

public sealed class EventReaderTests
{
    private const string FirstTwo = "event: status\ndata: {}\n\nid: 1\nevent: delta\ndata: {\"text\":\"a\"}\n\nid: 2\nevent: delta\ndata: {\"text\":\"b\"}\n\n";
    private const string TheRest = "id: 3\nevent: delta\ndata: {\"text\":\"c\"}\n\nid: 4\nevent: end\ndata: {}\n\n";

    private readonly TaskCompletionSource _sawTwo = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_that_break_off_go_on_after_the_last_one_seen(bool cut)
    {
        var lastIds = new ConcurrentQueue<string>();
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs/job_1/events", context =>
        {
            lastIds.Enqueue(context.Request.Headers["Last-Event-ID"].ToString());
            if (lastIds.Count > 1) return WireServer.StreamAsync(context, TheRest);
            return cut ? WireServer.StreamAndCutAsync(context, FirstTwo, _sawTwo.Task) : WireServer.StreamAsync(context, FirstTwo);
        }));

        var events = await ReadAsync(server.Client.EventsAsync("job_1"));

        events.Select(one => one.Id).ShouldBe([null, 1, 2, 3, 4]);
        events[^1].Kind.ShouldBe("end");
        lastIds.ShouldBe(["", "2"]);
    }

    [Fact]
    public async Task A_streamed_call_that_breaks_off_goes_on_at_the_events_of_its_job()
    {
        var lastIds = new ConcurrentQueue<string>();
        await using var server = await WireServer.StartAsync(app =>
        {
            app.MapPost("/v1/features/chat", context =>
            {
                context.Response.Headers["Headway-Job"] = "job_1";
                return WireServer.StreamAndCutAsync(context, FirstTwo, _sawTwo.Task);
            });
            app.MapGet("/v1/jobs/job_1/events", context =>
            {
                lastIds.Enqueue(context.Request.Headers["Last-Event-ID"].ToString());
                return WireServer.StreamAsync(context, TheRest);
            });
        });

        var answer = (await server.Client.CallAsync("chat", "{}")).ShouldBeOfType<CallAnswer.Streaming>();
        var events = await ReadAsync(answer.Events);

        answer.Job.ShouldBe("job_1");
        events.Select(one => one.Id).ShouldBe([null, 1, 2, 3, 4]);
        lastIds.ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_node_that_restarts_is_waited_for()
    {
        var asked = 0;
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs/job_1/events", context => Interlocked.Increment(ref asked) switch
        {
            1 => WireServer.StreamAndCutAsync(context, FirstTwo, _sawTwo.Task),
            2 => Results.Problem(statusCode: 503).ExecuteAsync(context),
            _ => WireServer.StreamAsync(context, TheRest),
        }));

        (await ReadAsync(server.Client.EventsAsync("job_1"))).Count.ShouldBe(5);
        asked.ShouldBe(3);
    }

    [Fact]
    public async Task A_refusal_that_waiting_does_not_heal_ends_the_reading_at_once()
    {
        var asked = 0;
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs/job_1/events", context => Interlocked.Increment(ref asked) switch
        {
            1 => WireServer.StreamAndCutAsync(context, FirstTwo, _sawTwo.Task),
            _ => Results.Text("""{"status":410,"code":"events-expired"}""", "application/problem+json", null, 410).ExecuteAsync(context),
        }));

        (await Should.ThrowAsync<HeadwayException>(ReadAsync(server.Client.EventsAsync("job_1")))).Code.ShouldBe("events-expired");
        asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_reader_that_missed_nothing_but_the_goodbye_is_done()
    {
        var asked = 0;
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs/job_1/events", context => Interlocked.Increment(ref asked) switch
        {
            1 => WireServer.StreamAndCutAsync(context, FirstTwo, _sawTwo.Task),
            _ => Results.NoContent().ExecuteAsync(context),
        }));

        (await ReadAsync(server.Client.EventsAsync("job_1"))).Count.ShouldBe(3);
        asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_server_that_only_greets_and_hangs_up_is_not_asked_for_ever()
    {
        var asked = 0;
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs/job_1/events", context =>
        {
            Interlocked.Increment(ref asked);
            return WireServer.StreamAsync(context, "event: status\ndata: {}\n\n");
        }));

        var error = await Should.ThrowAsync<HeadwayException>(ReadAsync(server.Client.EventsAsync("job_1")));

        error.Message.ShouldContain("could not be resumed in 7 tries");
        asked.ShouldBe(8);
    }

    private async Task<List<JobEventRecord>> ReadAsync(IAsyncEnumerable<JobEventRecord> events)
    {
        var read = new List<JobEventRecord>();
        await foreach (var one in events)
        {
            read.Add(one);
            if (one.Id == 2) _sawTwo.SetResult();
        }

        return read;
    }
}
