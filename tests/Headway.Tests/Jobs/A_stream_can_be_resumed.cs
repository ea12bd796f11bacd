using System.Text;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;

namespace Headway.Tests.Jobs;

public sealed class A_stream_can_be_resumed
{
    private const string Features = """
        features:
          tokens:  { contract: { mode: stream, caller: converses, output: prose, resumeFor: 200ms }, handler: code, fallback: none, timeout: 20s }
          private: { contract: { mode: stream, caller: converses, output: prose, data: phi }, handler: code, fallback: none, retention: { payload: 30d, record: 30d } }
          deaf:    { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none, timeout: 100ms }
          report:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          live:    { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 2, backoff: 10ms..10ms } }
        """;

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "tokens", "private", "live" }) code.Add<Order, string>(feature, _code.TokensAsync);
        code.Add<Order, string>("deaf", (_, _, _) => Talk());
        code.Add<Order, Order>("report", async (order, feature, stop) =>
        {
            await feature.ReportProgressAsync(1, 2, "half", stop);
            return order;
        });
    });

    // Never listens to its token, and never stops by itself while the test looks.
    private static async IAsyncEnumerable<string> Talk()
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var n = 0; n < 1_000 && await pace.WaitForNextTickAsync(); n++) yield return "on ";
    }

    private static string Shown(IEnumerable<JobEvent> events) => string.Concat(events.Select(entry => $"{entry.Kind}:{Encoding.UTF8.GetString(entry.Data.Span)}\n"));

    [Fact]
    public async Task Where_it_broke_while_it_goes_on()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var id = (await node.CallAsync("tokens")).ShouldBeOfType<Answer.Streaming>().Job.Id;
        var seen = new List<JobEvent>();
        await foreach (var entry in node.Engine.Events(Caller.Local, id, null, CancellationToken.None)!)
        {
            seen.Add(entry);
            if (seen.Count == 2) break;
        }

        var rest = node.EventsOfAsync(id, seen[^1].Id);
        _code.LetGo("a");
        seen.AddRange(await rest);

        seen.Select(entry => entry.Kind).ShouldBe(["delta", "delta", "delta", "delta", "delta", "delta", "end"]);
        seen.Select(entry => entry.Id!.Value - seen[0].Id!.Value).ShouldBe([0, 1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public async Task And_is_cancelled_as_abandoned_when_nobody_comes_back()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var id = (await node.CallAsync("tokens")).ShouldBeOfType<Answer.Streaming>().Job.Id;
        await foreach (var _ in node.Engine.AnswerEvents(Caller.Local, id, CancellationToken.None)!) break;

        var job = await node.EndOfAsync(id);

        (job.State, job.Error!.Code).ShouldBe((JobState.Cancelled, "abandoned"));
        (await node.AuditOfAsync(id)).ShouldBe(["abandoned"]);
    }

    [Fact]
    public async Task A_stream_that_breaks_ends_with_an_error_and_never_cleanly()
    {
        _code.Failures = 1;
        await using var node = await StartAsync();
        var id = (await node.CallAsync("tokens")).ShouldBeOfType<Answer.Streaming>().Job.Id;

        var events = await node.EventsOfAsync(id);

        events.Select(entry => entry.Kind).ShouldBe(["delta", "delta", "delta", "delta", "end"]);
        Shown(events.TakeLast(1)).ShouldContain("handler-exception");
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Failed);
    }

    [Fact]
    public async Task A_retry_says_restart_and_its_ids_go_on()
    {
        _code.Failures = 1;
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("live"))).Id;
        await node.EndOfAsync(id);

        var events = (await node.EventsOfAsync(id)).Where(entry => entry.Id is not null).ToList();

        events.Select(entry => entry.Kind).ShouldBe(["delta", "delta", "delta", "delta", "restart", "delta", "delta", "delta", "delta", "delta", "delta", "end"]);
        events.Select(entry => entry.Id!.Value).ShouldBeInOrder(SortDirection.Ascending);
        Shown(events).ShouldContain("restart:{\"attempt\":2}");
    }

    [Fact]
    public async Task A_reader_is_told_of_the_end_even_if_the_work_goes_on_talking_after_it()
    {
        await using var node = await StartAsync();
        var id = (await node.CallAsync("deaf")).ShouldBeOfType<Answer.Streaming>().Job.Id;

        var events = await node.EventsOfAsync(id);

        events[^1].Kind.ShouldBe("end");
        Shown(events.TakeLast(1)).ShouldContain("timeout");
    }

    [Fact]
    public async Task A_result_that_was_not_shown_in_pieces_is_given_whole_after_the_progress()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("report"))).Id;
        await node.EndOfAsync(id);

        var events = (await node.EventsOfAsync(id)).Where(entry => entry.Id is not null).ToList();

        events.Select(entry => entry.Kind).ShouldBe(["progress", "result", "end"]);
        Shown(events).ShouldContain("""result:{"id":"a"}""");
        (await node.EventsOfAsync(id, events[1].Id)).Select(entry => entry.Kind).ShouldBe(["end"]);
        (await node.EventsOfAsync(id, events[2].Id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task By_many_readers_from_every_place_at_once_without_gap_or_repeat()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var id = (await node.CallAsync("tokens")).ShouldBeOfType<Answer.Streaming>().Job.Id;
        var readers = Enumerable.Range(0, 8).Select(n => node.EventsOfAsync(id, n == 0 ? null : 1_000_000 + n)).ToList();
        _code.LetGo("a");

        for (var n = 0; n < readers.Count; n++)
        {
            var ids = (await readers[n]).Select(entry => entry.Id!.Value).ToList();
            ids.ShouldBe(Enumerable.Range(1, 7).Select(k => 1_000_000L + k).Where(k => k > 1_000_000 + n), $"reader {n}");
        }
    }

    [Fact]
    public async Task Phi_is_opened_in_the_audit_trail_before_the_work_sees_it()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var id = (await node.CallAsync("private")).ShouldBeOfType<Answer.Streaming>().Job.Id;
        await _code.BeginsAsync();
        (await node.AuditOfAsync(id)).ShouldBe(["opened"]);

        _code.LetGo("a");
        await node.EventsOfAsync(id);

        (await node.AuditOfAsync(id)).ShouldBe(["opened", "served"]);
    }
}
