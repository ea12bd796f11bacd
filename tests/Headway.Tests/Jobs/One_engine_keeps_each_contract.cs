using System.Runtime.CompilerServices;
using System.Text;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;

namespace Headway.Tests.Jobs;

public sealed class One_engine_keeps_each_contract
{
    private const string Features = """
        features:
          quick:   { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, fallback: none }
          later:   { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          maybe:   { contract: { mode: hybrid, wait: 2s, caller: waits, deliverWithin: 1m }, handler: code }
          tokens:  { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none }
        """;

    private sealed record Question(string Text);

    private static void Code(CodeHandlers code)
    {
        foreach (var feature in new[] { "quick", "later", "maybe" }) code.Add<Question, Question>(feature, (question, _, _) => Task.FromResult(new Question(question.Text.ToUpperInvariant())));
        code.Add<Question, string>("tokens", (question, _, stop) => Words(question.Text, stop));
    }

    private static async IAsyncEnumerable<string> Words(string text, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var word in text.Split(' '))
        {
            await Task.Yield();
            stop.ThrowIfCancellationRequested();
            yield return word + " ";
        }
    }

    [Fact]
    public async Task A_sync_call_is_answered_and_recorded_with_one_audit_event()
    {
        await using var node = await Node.StartAsync(Features, Code);

        var done = (await node.CallAsync("quick", """{"text":"hello"}""")).ShouldBeOfType<Answer.Done>();

        Node.Text(done.Result).ShouldBe("""{"text":"HELLO"}""");
        (await node.EndOfAsync(done.Job.Id)).State.ShouldBe(JobState.Succeeded);
        (await node.AuditOfAsync(done.Job.Id)).ShouldBe(["served"]);
    }

    [Fact]
    public async Task An_async_call_is_accepted_done_delivered_and_audited()
    {
        await using var node = await Node.StartAsync(Features, Code);

        var job = await node.AcceptedAsync(node.Call("later", """{"text":"hello"}"""));
        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);

        (await node.ResultOfAsync(job.Id)).ShouldBe("""{"text":"HELLO"}""");
        (await node.AuditOfAsync(job.Id)).ShouldBe(["submitted", "started", "completed", "delivered"]);
    }

    [Fact]
    public async Task A_hybrid_call_that_is_quick_is_answered_inline()
    {
        await using var node = await Node.StartAsync(Features, Code);

        var done = (await node.CallAsync("maybe", """{"text":"hello"}""")).ShouldBeOfType<Answer.Done>();

        Node.Text(done.Result).ShouldBe("""{"text":"HELLO"}""");
        (await node.AuditOfAsync(done.Job.Id)).ShouldBe(["submitted", "started", "completed", "delivered"]);
    }

    [Fact]
    public async Task A_hybrid_call_that_prefers_not_to_wait_gets_a_job_and_the_work_goes_on()
    {
        await using var node = await Node.StartAsync(Features, Code);

        var job = await node.AcceptedAsync(node.Call("maybe", """{"text":"hello"}""") with { PreferAsync = true });

        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_stream_shows_its_pieces_with_rising_ids_and_can_be_read_again_from_any_of_them()
    {
        await using var node = await Node.StartAsync(Features, Code);

        var job = (await node.CallAsync("tokens", """{"text":"one two three"}""")).ShouldBeOfType<Answer.Streaming>().Job;
        var events = await node.EventsOfAsync(job.Id);

        events.Select(entry => entry.Kind).ShouldBe(["delta", "delta", "delta", "end"]);
        string.Concat(events.Take(3).Select(entry => Encoding.UTF8.GetString(entry.Data.Span))).ShouldBe("""{"text":"one "}{"text":"two "}{"text":"three "}""");
        events.Select(entry => entry.Id!.Value).ShouldBeInOrder(SortDirection.Ascending);
        foreach (var seen in events)
        {
            (await node.EventsOfAsync(job.Id, seen.Id)).Select(entry => entry.Id).ShouldBe(events.Select(entry => entry.Id).Where(id => id > seen.Id));
        }
        (await node.AuditOfAsync(job.Id)).ShouldBe(["served"]);
    }

    [Fact]
    public async Task What_was_accepted_before_a_restart_is_there_after_it()
    {
        await using var node = await Node.StartAsync(Features, Code);
        var job = await node.AcceptedAsync(node.Call("later", """{"text":"hello"}""") with { StartAt = DateTimeOffset.UtcNow.AddSeconds(1) });

        await node.RestartAsync();

        (await node.Engine.FindAsync(Caller.Local, job.Id))!.State.ShouldBe(JobState.Scheduled);
        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
    }
}
