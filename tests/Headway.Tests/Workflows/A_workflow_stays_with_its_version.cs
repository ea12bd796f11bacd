using Headway.Access;
using Headway.Jobs;
using Headway.Tests.Jobs;
using Headway.Workflows;

namespace Headway.Tests.Workflows;

public sealed class A_workflow_stays_with_its_version
{
    [Fact]
    public async Task And_new_ones_begin_with_the_highest()
    {
        await using var node = await StartAsync(1);
        var old = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(old, "signal");

        await node.RestartAsync(flows => Add(flows, 1, 2));
        var young = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(young, "signal");

        await EndAsync(node, old, "version 1");
        await EndAsync(node, young, "version 2");
    }

    [Fact]
    public async Task And_waits_for_a_node_that_has_it()
    {
        await using var node = await StartAsync(2);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.RestartAsync(flows => Add(flows, 1));
        await node.SignalAsync(id, "go", "true");

        var waits = await node.WaitsForAsync(id, "no-version");
        waits.WaitingFor!.Text.ShouldContain("version 2 of flow");
        node.Log.Take().ShouldContain(line => line.Contains("headway workflows move", StringComparison.Ordinal));
        var listed = node.Engine.WorkflowVersions.List("default");
        listed.Select(state => (state.Version, state.Here, state.Jobs.Values.Sum())).ShouldBe([(1, true, 0), (2, false, 1)]);

        await node.RestartAsync(flows => Add(flows, 1, 2));
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("version 2");
    }

    [Fact]
    public async Task Also_as_a_new_run_of_its_job()
    {
        await using var node = await StartAsync(1);
        var id = (await node.AcceptedAsync(node.Call("flow", """{"number":7}"""))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.RestartAsync(flows => Add(flows, 1, 2));
        await node.SignalAsync(id, "go", "true");
        await node.WaitsForAsync(id, "signal");

        await EndAsync(node, id, "version 1");
    }

    [Fact]
    public async Task Unless_it_is_moved()
    {
        await using var node = await StartAsync(1);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");
        await node.RestartAsync(flows => Add(flows, 1, 2));

        (await node.Engine.WorkflowVersions.MoveAsync(Caller.Local, "flow", 1, 3, null)).Refusal!.Code.ShouldBe("workflow-version-unknown");
        (await node.Engine.WorkflowVersions.MoveAsync(Caller.Local, "no", 1, 2, null)).Refusal!.Code.ShouldBe("workflow-unknown");
        (await node.Engine.WorkflowVersions.MoveAsync(Caller.Local, "flow", 2, 1, null)).Moved.ShouldBe(0);
        (await node.Engine.WorkflowVersions.MoveAsync(Caller.Local, "flow", 1, 2, null)).Moved.ShouldBe(1);

        await EndAsync(node, id, "version 2");
        (await node.AuditOfAsync(id)).ShouldContain("moved");
    }

    [Fact]
    public async Task And_new_ones_begin_with_the_one_that_is_pinned()
    {
        await using var node = await StartAsync(1, 2);
        (await node.Engine.WorkflowVersions.PinAsync(Caller.Local, "flow", 3))!.Code.ShouldBe("workflow-version-unknown");
        (await node.Engine.WorkflowVersions.PinAsync(Caller.Local, "flow", 1)).ShouldBeNull();

        var pinned = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await EndAsync(node, pinned, "version 1");
        node.Engine.WorkflowVersions.List("default").Single(state => state.IsPinned).Version.ShouldBe(1);

        (await node.Engine.WorkflowVersions.PinAsync(Caller.Local, "flow", null)).ShouldBeNull();
        var free = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await EndAsync(node, free, "version 2");
    }

    private static Task<Node> StartAsync(params int[] versions) => Node.StartAsync(Flows.Features, Flows.Children, null, workflows: flows => Add(flows, versions));

    private static void Add(WorkflowCode flows, params int[] versions)
    {
        foreach (var version in versions)
        {
            flows.Add<Order, string>("flow", async (order, flow) =>
            {
                await flow.Step("begin", _ => Task.CompletedTask);
                await flow.Signal<bool>("go");
                if (order.Number == 7) throw flow.ContinueAsNew(new Order());
                return $"version {version}";
            }, version);
        }
    }

    private static async Task EndAsync(Node node, JobId id, string result)
    {
        await node.SignalAsync(id, "go", "true");
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe(result);
    }
}
