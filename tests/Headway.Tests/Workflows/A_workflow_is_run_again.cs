using System.Text;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Jobs;
using Headway.Workflows;

namespace Headway.Tests.Workflows;

public sealed class A_workflow_is_run_again
{
    [Fact]
    public async Task From_a_step_on_with_what_it_got_before_that()
    {
        var effects = new Effects();
        await using var node = await ThreeStepsAsync(effects);
        var first = (await node.AcceptedAsync(node.Call("flow", """{"number":1}"""))).Id;
        (await node.EndOfAsync(first)).State.ShouldBe(JobState.Succeeded);

        var again = await RerunAsync(node, first, "two", """{"number":5}""");

        (await node.EndOfAsync(again)).Error.ShouldBeNull();
        effects.Done.ShouldBe(["one", "two 1", "three", "two 5", "three"]);
        // What came before the step is the same: its result, ids and chance.
        var (was, now) = (await node.ResultOfAsync(first), await node.ResultOfAsync(again));
        now.ShouldBe(was.Replace("two 1", "two 5", StringComparison.Ordinal));
        (await node.StepsOfAsync(again)).ShouldBe(["step one succeeded", "step two succeeded", "step three succeeded"]);
        (await node.Engine.FindAsync(Caller.Local, again))!.RerunOf.ShouldBe(first);
        (await node.AuditOfAsync(first)).ShouldContain("reran");
    }

    [Fact]
    public async Task And_that_once_more_from_another_step()
    {
        var effects = new Effects();
        await using var node = await ThreeStepsAsync(effects);
        var first = (await node.AcceptedAsync(node.Call("flow", """{"number":1}"""))).Id;
        await node.EndOfAsync(first);
        var second = await RerunAsync(node, first, "two", """{"number":5}""");
        await node.EndOfAsync(second);

        var third = await RerunAsync(node, second, "three");

        (await node.EndOfAsync(third)).Error.ShouldBeNull();
        effects.Done.ShouldBe(["one", "two 1", "three", "two 5", "three", "three"]);
        (await node.ResultOfAsync(third)).ShouldBe(await node.ResultOfAsync(second));
    }

    [Fact]
    public async Task From_its_top_with_nothing()
    {
        var effects = new Effects();
        await using var node = await ThreeStepsAsync(effects);
        var first = (await node.AcceptedAsync(node.Call("flow", """{"number":1}"""))).Id;
        await node.EndOfAsync(first);

        var again = await RerunAsync(node, first, null);

        (await node.EndOfAsync(again)).Error.ShouldBeNull();
        effects.Done.ShouldBe(["one", "two 1", "three", "one", "two 1", "three"]);
        (await node.ResultOfAsync(again)).ShouldNotBe(await node.ResultOfAsync(first));
    }

    [Fact]
    public async Task Once_for_one_key_and_not_from_a_step_that_it_has_not_got()
    {
        var effects = new Effects();
        await using var node = await ThreeStepsAsync(effects);
        var first = (await node.AcceptedAsync(node.Call("flow", """{"number":1}"""))).Id;
        await node.EndOfAsync(first);

        var one = await AskAsync(node, first, new RerunAsk("two", 1, null, "key"));
        var same = await AskAsync(node, first, new RerunAsk("two", 1, null, "key"));
        ((Answer.Accepted)same).Job.Id.ShouldBe(((Answer.Accepted)one).Job.Id);

        ((Answer.Refused)await AskAsync(node, first, new RerunAsk("two", 2, null, null))).Refusal.Code.ShouldBe("step-unknown");
        ((Answer.Refused)await AskAsync(node, first, new RerunAsk("four", 1, null, null))).Refusal.Message.ShouldContain("four");
        var child = (await node.AcceptedAsync(node.Call("child", """{"number":1}"""))).Id;
        await node.EndOfAsync(child);
        ((Answer.Refused)await AskAsync(node, child, new RerunAsk(null, 1, null, null))).Refusal.Code.ShouldBe("not-a-workflow");
    }

    private static async Task<JobId> RerunAsync(Node node, JobId id, string? from, string? input = null) =>
        ((Answer.Accepted)await AskAsync(node, id, new RerunAsk(from, 1, input is null ? null as ReadOnlyMemory<byte>? : Encoding.UTF8.GetBytes(input), null))).Job.Id;

    private static async Task<Answer> AskAsync(Node node, JobId id, RerunAsk ask) => (await node.Engine.RerunAsync(Caller.Local, id, ask, CancellationToken.None))!;

    private static Task<Node> ThreeStepsAsync(Effects effects) => Flows.StartAsync<Order, string>(async (order, flow) =>
    {
        var (id, chance) = (flow.NewId(), flow.Random.Next());
        var one = await flow.Step("one", _ => Task.FromResult(effects.Do("one", $"{id} {chance}")));
        var two = await flow.Step("two", _ => Task.FromResult(effects.Do($"two {order.Number}", $"two {order.Number}")));
        var last = flow.NewId();
        return await flow.Step("three", _ => Task.FromResult(effects.Do("three", $"{one} {two} {last}")));
    });
}
