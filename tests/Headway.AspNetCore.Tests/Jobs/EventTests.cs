using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Jobs;

public sealed class EventTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task A_stream_is_shown_as_it_comes_and_ends_with_its_end()
    {
        using var answer = await OpenAsync(Call("chat", """{"gate":"flow"}"""));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/event-stream");
        answer.Header("Cache-Control").ShouldBe("no-store");
        answer.Header("X-Accel-Buffering").ShouldBe("no");
        answer.Header("Headway-Mode").ShouldBe("stream");
        JobId.TryParse(answer.Header("Headway-Job"), out _).ShouldBeTrue();
        await using var events = Read(answer).GetAsyncEnumerator();

        // Two pieces are here while the handler still waits: nothing is held back until the end.
        (await NextAsync(events)).ShouldBe(("delta", "one "));
        (await NextAsync(events)).ShouldBe(("delta", "two "));
        edge.Open("flow");

        (await NextAsync(events)).ShouldBe(("delta", "three "));
        (await NextAsync(events)).ShouldBe(("delta", "four"));
        (await events.MoveNextAsync()).ShouldBeTrue();
        events.Current.EventType.ShouldBe("end");
        JsonElement.Parse(events.Current.Data).GetProperty("state").GetString().ShouldBe("succeeded");
        (await events.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_broken_stream_is_resumed_without_gap_or_repeat()
    {
        string job, lastId;
        var text = "";
        using (var answer = await OpenAsync(Call("chat", """{"gate":"broken"}""")))
        {
            job = answer.Header("Headway-Job")!;
            await using var events = Read(answer).GetAsyncEnumerator();
            (await events.MoveNextAsync()).ShouldBeTrue();
            text += Text(events.Current);
            lastId = events.Current.EventId!;
        }

        edge.Open("broken");
        using var resumed = await OpenAsync(With(new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}/events"), ("Last-Event-ID", lastId)));
        var ids = new List<long> { long.Parse(lastId, System.Globalization.CultureInfo.InvariantCulture) };
        await foreach (var item in Read(resumed))
        {
            if (item.EventType == "delta") text += Text(item);
            if (item.EventId is { Length: > 0 } id) ids.Add(long.Parse(id, System.Globalization.CultureInfo.InvariantCulture));
        }

        text.ShouldBe("one two three four");
        ids.ShouldBeUnique();
        ids.ShouldBeInOrder();
    }

    [Fact]
    public async Task A_reader_that_comes_back_while_the_work_goes_on_is_shown_the_rest()
    {
        string job, first;
        using (var answer = await OpenAsync(Call("chat", """{"gate":"meanwhile"}""")))
        {
            job = answer.Header("Headway-Job")!;
            await using var events = Read(answer).GetAsyncEnumerator();
            (await NextAsync(events)).ShouldBe(("delta", "one "));
            first = events.Current.EventId!;
            await edge.ReachedAsync("meanwhile");
        }

        using var resumed = await OpenAsync(new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}/events?lastEventId={first}"));
        await using var rest = Read(resumed).GetAsyncEnumerator();

        (await NextAsync(rest)).ShouldBe(("delta", "two "));
        edge.Open("meanwhile");
        (await NextAsync(rest)).ShouldBe(("delta", "three "));
        (await NextAsync(rest)).ShouldBe(("delta", "four"));
        (await rest.MoveNextAsync()).ShouldBeTrue();
        JsonElement.Parse(rest.Current.Data).GetProperty("state").GetString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_stream_that_breaks_ends_as_failed_and_never_as_a_clean_end()
    {
        edge.Open("broken model");
        using var answer = await OpenAsync(Call("chat", """{"gate":"broken model"}"""));

        var events = new List<SseItem<string>>();
        await foreach (var item in Read(answer)) events.Add(item);

        events.Count(item => item.EventType == "delta").ShouldBe(2);
        events[^1].EventType.ShouldBe("end");
        var end = JsonElement.Parse(events[^1].Data);
        end.GetProperty("state").GetString().ShouldBe("failed");
        end.GetProperty("error").GetProperty("code").GetString().ShouldBe("handler-exception");
    }

    [Fact]
    public async Task The_events_of_an_async_job_end_with_result_and_end()
    {
        var accepted = await edge.Http.SendAsync(Call("later", """{"gate":"events"}"""));
        using var answer = await OpenAsync(new HttpRequestMessage(HttpMethod.Get, $"{accepted.Headers.Location}/events"));
        edge.Open("events");

        var events = new List<SseItem<string>>();
        await foreach (var item in Read(answer)) events.Add(item);

        events[0].EventType.ShouldBe("status");
        events[^2].EventType.ShouldBe("result");
        events[^2].Data.ShouldBe("\"done after events\"");
        events[^1].EventType.ShouldBe("end");
    }

    [Fact]
    public async Task A_reader_that_has_seen_the_end_is_told_not_to_come_back()
    {
        var accepted = await edge.Http.SendAsync(Call("later", "{}"));
        var last = "";
        using (var answer = await OpenAsync(new HttpRequestMessage(HttpMethod.Get, $"{accepted.Headers.Location}/events")))
        {
            await foreach (var item in Read(answer)) last = item.EventId;
        }

        (await edge.Http.GetAsync($"{accepted.Headers.Location}/events?lastEventId={last}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await edge.Http.GetAsync($"{accepted.Headers.Location}/events?lastEventId=0")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("seven")]
    [InlineData("99999999999999999999")]
    public async Task A_broken_last_event_id_is_refused(string id)
    {
        var accepted = await edge.Http.SendAsync(Call("later", "{}"));
        var request = With(new HttpRequestMessage(HttpMethod.Get, $"{accepted.Headers.Location}/events"), ("Last-Event-ID", id));

        await (await edge.Http.SendAsync(request)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "last-event-id-invalid");
    }

    [Fact]
    public async Task An_answer_that_another_call_made_is_shown_to_a_repeat_of_a_stream()
    {
        using var first = await OpenAsync(Call("chat", "{}", ("Idempotency-Key", "chat-1")));
        await foreach (var _ in Read(first))
        {
        }

        using var repeat = await OpenAsync(Call("chat", "{}", ("Idempotency-Key", "chat-1")));

        repeat.StatusCode.ShouldBe(HttpStatusCode.OK);
        repeat.Header("Headway-Job").ShouldBe(first.Header("Headway-Job"));
    }

    private Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request) => edge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

    private static async IAsyncEnumerable<SseItem<string>> Read(HttpResponseMessage answer)
    {
        await using var body = await answer.Content.ReadAsStreamAsync();
        await foreach (var item in SseParser.Create(body).EnumerateAsync()) yield return item;
    }

    private static async Task<(string Kind, string Text)> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        (await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeTrue();
        return (events.Current.EventType, Text(events.Current));
    }

    private static string Text(SseItem<string> item)
    {
        var data = JsonElement.Parse(item.Data);
        return data.ValueKind == JsonValueKind.String ? data.GetString()! : data.GetProperty("text").GetString()!;
    }
}
