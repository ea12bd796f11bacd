using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Jobs;

namespace Headway.Tests.Handlers.Http;

/// <summary>From a call through the engine to a real service that takes groups, and back to whoever asked.</summary>
public sealed class Groups_serve_every_contract
{
    [Fact]
    public async Task Sync_calls_share_a_request_and_each_caller_is_told_of_its_own()
    {
        await using var service = await GroupService.StartAsync();
        await using var node = await NodeAsync(service);
        var first = node.CallAsync("score", "0");
        var alone = await service.NextAsync();
        var calls = Enumerable.Range(1, 3).ToDictionary(input => $"{input}", input => node.CallAsync("score", $"{input}"));

        // Three are a full group: it comes although the first call is still under way.
        var group = await service.NextAsync();
        group.Inputs.ShouldBe(["1", "2", "3"], ignoreOrder: true);
        var refused = Array.IndexOf(group.Inputs, "2");
        group.Say($$"""{"predictions":[{{string.Join(',', group.Inputs)}}],"errors":[{"index":{{refused}},"status":422,"detail":"Not two."}]}""");
        alone.Echo();

        Node.Text((await first).ShouldBeOfType<Answer.Done>().Result).ShouldBe("0");
        Node.Text((await calls["1"]).ShouldBeOfType<Answer.Done>().Result).ShouldBe("1");
        Node.Text((await calls["3"]).ShouldBeOfType<Answer.Done>().Result).ShouldBe("3");
        var failed = (await calls["2"]).ShouldBeOfType<Answer.Failed>();
        failed.Failure.Code.ShouldBe("input-refused");
        failed.Failure.Message.ShouldEndWith("Not two.");
    }

    [Fact]
    public async Task Async_jobs_share_a_request_each_with_its_own_audit_trail_and_what_failed_is_tried_again_by_its_policy()
    {
        await using var service = await GroupService.StartAsync();
        await using var node = await NodeAsync(service);
        var first = await node.AcceptedAsync(node.Call("report", "0"));
        var alone = await service.NextAsync();
        var jobs = new Dictionary<string, JobId>();
        foreach (var input in new[] { "1", "2", "3" }) jobs[input] = (await node.AcceptedAsync(node.Call("report", input))).Id;

        var group = await service.NextAsync();
        group.Jobs.ShouldBe(group.Inputs.Select(input => jobs[input].ToString()));
        group.Say($$"""{"predictions":[{{string.Join(',', group.Inputs)}}],"errors":[{"index":{{Array.IndexOf(group.Inputs, "2")}},"status":503}]}""");
        var again = await service.NextAsync();
        again.Inputs.ShouldBe(["2"]);
        again.Body.ShouldContain("\"attempt\":2");
        again.Echo();
        alone.Echo();

        (await node.EndOfAsync(first.Id)).State.ShouldBe(JobState.Succeeded);
        foreach (var (input, job) in jobs)
        {
            (await node.EndOfAsync(job)).State.ShouldBe(JobState.Succeeded);
            (await node.ResultOfAsync(job)).ShouldBe(input);
            (await node.AuditOfAsync(job)).Count(action => action == "disclosed").ShouldBe(input == "2" ? 2 : 1);
        }
    }

    /// <summary>Long enough a `within` that only a full group, or the end of the call before, sends what gathers. The second attempt of two is the last, and goes alone.</summary>
    private static Task<Node> NodeAsync(GroupService service) => Node.StartAsync($$"""
        features:
          score:
            contract: { mode: sync, caller: waits, acceptableWait: 60s }
            handler: { http: {{service.Service.Url}}, group: { upTo: 3, within: 50s } }
            timeout: 60s
            fallback: none
          report:
            contract: { mode: async, caller: leaves, deliverWithin: 10m, data: phi }
            handler: { http: {{service.Service.Url}}, group: { upTo: 3, within: 50s }, allowedData: [phi] }
            timeout: 60s
            retry: { attempts: 2, backoff: 1ms..1ms }
            retention: { payload: 30d, record: 30d }
        """, _ => { });
}
