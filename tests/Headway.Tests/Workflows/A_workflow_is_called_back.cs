using Headway.Jobs;
using Headway.Jobs.Waiting;
using Headway.Tests.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Workflows;

public sealed class A_workflow_is_called_back
{
    [Fact]
    public async Task By_whoever_has_the_address_and_once()
    {
        var given = new TaskCompletionSource<string>();
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            var paid = flow.Callback<Order>("paid");
            await flow.Step("ask", _ => Task.FromResult(given.TrySetResult(paid.Path)));
            return (await paid.Answer).Number;
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");
        var token = (await given.Task)["/v1/callbacks/".Length..];

        // Not with another job's token, nor with a changed one.
        (await AnswerAsync(node, token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), "1")).ShouldBeNull();
        (await AnswerAsync(node, "AAAA", "1")).ShouldBeNull();
        (await AnswerAsync(node, "no token!", "1")).ShouldBeNull();
        await node.RestartAsync();
        (await AnswerAsync(node, token, """{"number":7}""")).ShouldBe(Signalled.Woken);
        (await AnswerAsync(node, token, """{"number":7}""")).ShouldBe(Signalled.Again);
        (await AnswerAsync(node, token, """{"number":8}""")).ShouldBe(Signalled.Mismatch);

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("7");
        (await AnswerAsync(node, token, """{"number":7}""")).ShouldBe(Signalled.Again);
    }

    [Fact]
    public async Task At_an_address_of_its_own_for_each_it_asks_for_and_not_too_late()
    {
        var given = new System.Collections.Concurrent.ConcurrentDictionary<int, string>();
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            var late = flow.Callback<int>("paid", TimeSpan.FromMilliseconds(100));
            var (first, second) = (flow.Callback<int>("paid"), flow.Callback<int>("paid"));
            await flow.Step("give", _ => Task.FromResult(given.TryAdd(0, late.Path) && given.TryAdd(1, first.Path) && given.TryAdd(2, second.Path)));
            try
            {
                await late.Answer;
            }
            catch (WorkflowTimeoutException)
            {
                await flow.Step("note", _ => Task.CompletedTask);
            }
            return $"{await first.Answer} {await second.Answer}";
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await Until.IsSoAsync(async () => (await node.StepsOfAsync(id)).Contains("step note succeeded"));
        given.Values.Distinct().Count().ShouldBe(3);

        (await AnswerAsync(node, given[0]["/v1/callbacks/".Length..], "0")).ShouldBeNull();
        await AnswerAsync(node, given[2]["/v1/callbacks/".Length..], "2");
        await AnswerAsync(node, given[1]["/v1/callbacks/".Length..], "1");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("1 2");
    }

    [Fact]
    public async Task Its_whole_address_is_known_only_where_the_host_was_told_its_own()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            var paid = flow.Callback<int>("paid");
            return await flow.Step("ask", _ => Task.FromResult(paid.Url.ToString()));
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        var dead = await node.EndOfAsync(id);

        (dead.State, dead.Error!.Code).ShouldBe((JobState.Dead, "public-url-missing"));
        dead.Error.Message.ShouldContain("HEADWAY_PUBLIC_URL");
    }

    private static Task<Signalled?> AnswerAsync(Node node, string token, string json) => node.Engine.CallbackAsync(token, System.Text.Encoding.UTF8.GetBytes(json), "192.0.2.1", CancellationToken.None);
}
