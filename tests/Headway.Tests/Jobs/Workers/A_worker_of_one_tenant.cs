using System.Diagnostics;
using Headway.Jobs.Accepting;

namespace Headway.Tests.Jobs.Workers;

/// <summary>A worker that may do one tenant's jobs alone: what it is given, and what wakes it.</summary>
public sealed class A_worker_of_one_tenant
{
    /// <param name="limits">Of the tenant `ours`.</param>
    private static Task<Node> StartAsync(string limits = "{ }") => Node.StartAsync(
        $$"""
        tenants: { ours: { limits: {{limits}} } }
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker, pool: { concurrency: 3 } }
          narrow: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker }
        """,
        _ => { });

    [Fact]
    public async Task It_does_its_tenants_jobs_alone_and_is_woken_by_them()
    {
        await using var node = await StartAsync();
        var (ours, theirs) = (new PullWorker("ours", "ours"), new PullWorker("theirs", "theirs"));
        var waits = ours.ClaimAsync(node.Engine, wait: 20);
        var others = theirs.ClaimAsync(node.Engine, wait: 20);
        await node.AcceptedAsync(Of(node, "theirs"));
        (await others).Count.ShouldBe(1);
        await node.AcceptedAsync(Of(node, "theirs"));
        waits.IsCompleted.ShouldBeFalse();

        var job = await node.AcceptedAsync(Of(node, "ours"));
        PullWorker.IdOf((await waits).ShouldHaveSingleItem()).ShouldBe(job.Id);
        (await ours.ClaimAsync(node.Engine)).ShouldBeEmpty();
        (await new PullWorker().ClaimAsync(node.Engine)).Count.ShouldBe(1, "who works for all does what is left");
    }

    [Fact]
    public async Task At_its_tenants_limit_it_is_woken_when_that_may_run_more()
    {
        await using var node = await StartAsync(limits: "{ running: 1 }");
        foreach (var feature in new[] { "work", "narrow" }) await node.AcceptedAsync(Of(node, "ours", feature));
        var first = new PullWorker("first", "ours");
        var given = await first.OneAsync(node.Engine);
        var waits = new PullWorker("second", "ours").ClaimAsync(node.Engine, "narrow", wait: 20);
        (await new PullWorker("third", "ours").ClaimAsync(node.Engine, "narrow")).ShouldBeEmpty();

        var began = Stopwatch.StartNew();
        await first.DoneAsync(node.Engine, given);
        (await waits).Count.ShouldBe(1);
        began.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2.5));
    }

    [Fact]
    public async Task What_came_before_its_tenant_had_a_limit_is_found_at_the_limit_too()
    {
        await using var node = await StartAsync(limits: "{ running: 1 }");
        for (var i = 0; i < 3; i++) await node.AcceptedAsync(Of(node, "theirs"));
        var theirs = new PullWorker("theirs", "theirs");
        var full = await theirs.ClaimAsync(node.Engine);
        await node.AcceptedAsync(Of(node, "ours", "narrow"));
        await new PullWorker("first", "ours").OneAsync(node.Engine, "narrow");
        var before = await node.AcceptedAsync(Of(node, "ours"));
        await node.Engine.Database.WriteAsync(new Change("UPDATE queue SET gate = NULL WHERE state = 1"));
        var waits = new PullWorker("second", "ours").ClaimAsync(node.Engine, wait: 20);
        (await new PullWorker("third", "ours").ClaimAsync(node.Engine)).ShouldBeEmpty("the pool is full");

        await theirs.DoneAsync(node.Engine, full[0]);

        PullWorker.IdOf((await waits).ShouldHaveSingleItem()).ShouldBe(before.Id);
    }

    private static Call Of(Node node, string tenant, string feature = "work")
    {
        var call = node.Call(feature);
        return call with { Caller = call.Caller with { Tenant = tenant } };
    }
}
