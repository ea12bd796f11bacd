using System.Text;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;

namespace Headway.Tests.Workflows;

/// <summary>Under a legal hold a dead letter may be replayed, and not so that what its steps got goes.</summary>
public sealed class A_held_workflow_keeps_what_it_got
{
    private bool _down = true;

    [Fact]
    public async Task Another_input_is_refused_until_its_subject_is_released()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (order, flow) =>
        {
            var got = await flow.Step("a", _ => Task.FromResult(order.Number));
            return _down ? throw new InvalidOperationException("down") : got;
        });
        var id = (await node.AcceptedAsync(node.Call("flow", """{"number":1}""") with { Subject = "encounter/1" })).Id;
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Dead);
        await node.Engine.Oversight.Holds.HoldAsync(Caller.Local, "encounter/1", "case 114");
        var other = new ReplayChange { Input = Encoding.UTF8.GetBytes("""{"number":7}""") };

        (await node.Engine.ReplayAsync(Caller.Local, id, other)).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("legal-hold");

        (await node.StepsOfAsync(id)).ShouldBe(["step a succeeded"]);
        (await node.Engine.ReplayAsync(Caller.Local, id)).ShouldBeOfType<Answer.Accepted>("as it is nothing goes");
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Dead);
        (await node.StepsOfAsync(id)).ShouldContain("step a succeeded");

        await node.Engine.Oversight.Holds.ReleaseAsync(Caller.Local, "encounter/1");
        _down = false;
        (await node.Engine.ReplayAsync(Caller.Local, id, other)).ShouldBeOfType<Answer.Accepted>();
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("7");
    }
}
