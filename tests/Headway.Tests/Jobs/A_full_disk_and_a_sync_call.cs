using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

/// <summary>What a sync call is told, and what becomes of it, when its end cannot be written.</summary>
public sealed class A_full_disk_and_a_sync_call
{
    private const string Features = """
        features:
          keyed:   { contract: { mode: sync, caller: waits, acceptableWait: 5s }, handler: code, fallback: none, timeout: 5s, pool: { concurrency: 1, queue: 0 } }
          private: { contract: { mode: sync, caller: waits, acceptableWait: 5s, data: phi }, handler: code, fallback: none, timeout: 5s, retention: { payload: 30d, record: 30d } }
          plain:   { contract: { mode: sync, caller: waits, acceptableWait: 5s }, handler: code, fallback: none, timeout: 5s }
        """;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly string Large = new('x', 200_000);

    private readonly Steering _code = new() { Blocks = true };
    private readonly ManualTime _time = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "keyed", "private", "plain" })
        {
            code.Add<Order, Order>(feature, async (order, context, stop) => await _code.WorkAsync(order, context, stop) with { Id = feature is "plain" ? order.Id : Large });
        }
    }, _time);

    private static Task<bool> FillAsync(Node node) => node.Engine.Database.WriteAsync(new Change(TestDatabase.Fill));

    private static Task<bool> MakeRoomAsync(Node node) => node.Engine.Database.WriteAsync(new Change(TestDatabase.MakeRoom));

    private async Task<Task<Answer>> EndsOnAFullDiskAsync(Node node, Call call)
    {
        var answer = node.Engine.CallAsync(call, CancellationToken.None);
        await _code.BeginsAsync();
        await FillAsync(node);
        _code.LetGo("a");
        await node.Log.UntilAsync("the end cannot be written, trying again");
        answer.IsCompleted.ShouldBeFalse();
        return answer;
    }

    [Theory]
    [InlineData("keyed", "k")]
    [InlineData("private", null)]
    public async Task Who_can_wait_gets_the_answer_when_there_is_room_again(string feature, string? key)
    {
        await using var node = await StartAsync();
        var answer = await EndsOnAFullDiskAsync(node, node.Call(feature) with { IdempotencyKey = key });

        await MakeRoomAsync(node);
        await PassTimeAsync(answer);

        var job = (await answer).ShouldBeOfType<Answer.Done>().Job;
        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task Who_cannot_wait_is_told_to_come_back_and_then_gets_the_recorded_answer()
    {
        await using var node = await StartAsync();
        var answer = await EndsOnAFullDiskAsync(node, node.Call("keyed") with { IdempotencyKey = "k" });

        _time.Advance(Timeout);
        await PassTimeAsync(answer);
        var refusal = (await answer).ShouldBeOfType<Answer.Refused>().Refusal;
        (refusal.Kind, refusal.Code).ShouldBe((RefusalKind.Unavailable, "storage-full"));
        refusal.RetryAfter.ShouldNotBeNull();

        // The writing goes on, and its slot stays taken.
        await node.Log.UntilAsync("the end cannot be written, trying again");
        (await node.Engine.CallAsync(node.Call("keyed") with { IdempotencyKey = "other" }, CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("pool-full");
        await MakeRoomAsync(node);
        await PassTimeAsync(node.Log.UntilAsync("its end is written now"));

        var again = (await node.Engine.CallAsync(node.Call("keyed") with { IdempotencyKey = "k" }, CancellationToken.None)).ShouldBeOfType<Answer.Done>();
        refusal.Message.ShouldContain(again.Job.Id.ToString());
        Node.Text(again.Result).ShouldContain(Large);
        _code.Begun.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_access_to_phi_is_closed_even_when_its_caller_was_sent_away()
    {
        await using var node = await StartAsync();
        var answer = await EndsOnAFullDiskAsync(node, node.Call("private"));
        _time.Advance(Timeout);
        // A try that began while the clock moved may have set its pause behind the end of that move.
        await PassTimeAsync(answer);
        (await answer).ShouldBeOfType<Answer.Refused>();
        await node.Log.UntilAsync("the end cannot be written, trying again");

        await MakeRoomAsync(node);
        await PassTimeAsync(node.Log.UntilAsync("its end is written now"));

        var job = (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs.ShouldHaveSingleItem();
        job.State.ShouldBe(JobState.Succeeded);
        (await node.AuditOfAsync(job.Id)).ShouldBe(["opened", "served"]);
        (await node.ResultOfAsync(job.Id)).ShouldContain(Large);
    }

    [Fact]
    public async Task A_record_that_was_refused_keeps_other_calls_out_until_it_is_written()
    {
        _code.Blocks = false;
        await using var node = await StartAsync();
        await FillAsync(node);

        var answered = (await node.Engine.CallAsync(node.Call("plain") with { Metadata = $$"""{"note":"{{Large}}"}""" }, CancellationToken.None)).ShouldBeOfType<Answer.Done>().Job;
        await node.Log.UntilAsync(answered.Id.ToString(), "the end cannot be written, trying again");
        var refusal = (await node.CallAsync("plain")).ShouldBeOfType<Answer.Refused>().Refusal;
        (refusal.Code, refusal.RetryAfter is null).ShouldBe(("storage-full", false));
        _code.Begun.Count.ShouldBe(1);

        await MakeRoomAsync(node);
        await PassTimeAsync(node.Log.UntilAsync(answered.Id.ToString(), "is recorded now"));
        (await node.EndOfAsync(answered.Id)).State.ShouldBe(JobState.Succeeded);
        (await node.CallAsync("plain")).ShouldBeOfType<Answer.Done>();
    }

    /// <summary>Moves the clock on until that has happened: which of the tries before it was the last is not for a test to know.</summary>
    private async Task PassTimeAsync(Task happened)
    {
        while (!happened.IsCompleted)
        {
            _time.Advance(FirstPause);
            await Task.WhenAny(happened, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System));
        }
        await happened;
    }
}
