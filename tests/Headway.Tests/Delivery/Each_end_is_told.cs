using Headway.Access;
using Headway.Delivery;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Tests.Jobs;
using Headway.Tests.Jobs.Workers;

namespace Headway.Tests.Delivery;

/// <summary>However a job ends, each of its endpoints is told of it once, and of nothing else.</summary>
public sealed class Each_end_is_told : IAsyncDisposable
{
    private readonly Steering _code = new();
    private Receiver _app = null!, _other = null!;
    private TellingNode _node = null!;

    private string Features => $$"""
        endpoints:
          app: { webhook: "{{_app.Url}}", secret: s, allowPrivate: true }
          other: { webhook: "{{_other.Url}}", secret: s, allowPrivate: true, allowedData: [public, internal, phi] }
        features:
          work:   { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1 }, delivery: [ endpoint: app, poll ] }
          quiet:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, delivery: [ poll ] }
          maybe:  { contract: { mode: hybrid, wait: 20s, deliverWithin: 1m }, handler: code, cache: { for: 1h }, delivery: [ endpoint: app ] }
          secret: { contract: { mode: async, caller: leaves, deliverWithin: 1m, data: phi }, handler: code, retention: 1d, delivery: [ endpoint: app, endpoint: other ] }
          large:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, delivery: [ endpoint: app ] }
          prose:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, delivery: [ endpoint: app ] }
          pulled: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker, delivery: [ endpoint: app ] }
        """;

    private async Task StartAsync()
    {
        (_app, _other) = (await Receiver.StartAsync(), await Receiver.StartAsync());
        _node = await TellingNode.StartAsync(Features, Code);
    }

    private void Code(CodeHandlers code)
    {
        foreach (var feature in new[] { "work", "quiet", "maybe", "secret" }) code.Add<Order, Order>(feature, _code.WorkAsync);
        code.Add<Order, string[]>("large", (_, _, _) => Task.FromResult<string[]>([.. Enumerable.Repeat("0123456789", 10_000)]));
        code.Add<Order, string>("prose", (_, _, _) => Task.FromResult("plain \"prose\""));
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _app.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task A_result_is_posted_with_what_it_belongs_to()
    {
        await StartAsync();
        var id = await _node.AcceptedAsync(_node.Call("work", """{"id":"x"}""") with { Subject = "encounter/8812", Metadata = """{"a":1}""" });

        var got = await _app.NextAsync();
        await _node.MarkedAsync();

        got.Type.ShouldBe("job.succeeded");
        got.Headers["content-type"].ShouldBe("application/json");
        got.Headers.Keys.ShouldNotContain("traceparent");
        got.Data.GetProperty("id").GetString().ShouldBe(id.ToString());
        got.Data.GetProperty("feature").GetString().ShouldBe("work");
        got.Data.GetProperty("version").GetInt32().ShouldBe(1);
        got.Data.GetProperty("state").GetString().ShouldBe("succeeded");
        got.Data.GetProperty("subject").GetString().ShouldBe("encounter/8812");
        got.Data.GetProperty("metadata").GetProperty("a").GetInt32().ShouldBe(1);
        got.Data.GetProperty("result").GetProperty("id").GetString().ShouldBe("x");
        got.Data.GetProperty("links").GetProperty("result").GetString().ShouldBe($"/v1/jobs/{id}/result");
        var delivery = (await _node.DeliveriesAsync(id)).ShouldHaveSingleItem();
        (delivery.Id.ToString(), delivery.State, delivery.Required, delivery.Next).ShouldBe((got.Id, DeliveryState.Delivered, true, null));
        delivery.Attempts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(attempt => attempt.Outcome.ShouldBe("delivered"), attempt => attempt.Status.ShouldBe(204), attempt => attempt.Number.ShouldBe(1));
        var told = (await _node.ToldAsync(id, "delivered")).ShouldHaveSingleItem();
        (told.Recipient, told.Outcome).ShouldBe(("app", "succeeded"));
    }

    [Fact]
    public async Task Prose_is_a_string_and_what_is_large_is_fetched()
    {
        await StartAsync();
        await _node.AcceptedAsync(_node.Call("prose"));
        (await _app.NextAsync()).Data.GetProperty("result").GetString().ShouldBe("plain \"prose\"");
        await _node.AcceptedAsync(_node.Call("large"));
        var large = await _app.NextAsync();
        large.Data.GetProperty("omitted").GetString().ShouldBe("size");
        large.Data.TryGetProperty("result", out _).ShouldBeFalse();
        large.Body.Length.ShouldBeLessThan(1_000);
    }

    [Fact]
    public async Task Data_that_an_endpoint_may_not_see_is_left_out()
    {
        await StartAsync();
        await _node.AcceptedAsync(_node.Call("secret", """{"id":"the patient"}""") with { Subject = "patient/1" });

        var (thin, full) = (await _app.NextAsync(), await _other.NextAsync());

        thin.Body.ShouldNotContain("patient");
        thin.Data.EnumerateObject().Select(member => member.Name).ShouldBe(["id", "feature", "version", "state", "omitted", "links"]);
        thin.Data.GetProperty("omitted").GetString().ShouldBe("data");
        full.Data.GetProperty("result").GetProperty("id").GetString().ShouldBe("the patient");
    }

    [Fact]
    public async Task A_dead_letter_is_told_and_so_is_what_became_of_its_replay()
    {
        await StartAsync();
        _code.Failures = 1;
        var id = await _node.AcceptedAsync(_node.Call("work"));
        var dead = await _app.NextAsync();
        await _node.MarkedAsync();
        (dead.Type, dead.Data.GetProperty("error").GetProperty("code").GetString()).ShouldBe(("job.dead", (await _node.EndOfAsync(id)).Error!.Code));

        await _node.Engine.ReplayAsync(Caller.Local, id);

        var done = await _app.NextAsync();
        (done.Type, done.Id == dead.Id).ShouldBe(("job.succeeded", false));
        (await _node.DeliveriesAsync(id)).Select(delivery => delivery.Event).ShouldBe(["job.dead", "job.succeeded"]);
    }

    [Fact]
    public async Task A_job_that_is_cancelled_is_told()
    {
        await StartAsync();
        _code.Blocks = true;
        var running = await _node.AcceptedAsync(_node.Call("work"));
        await _code.BeginsAsync();
        var later = await _node.AcceptedAsync(_node.Call("work") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) });

        await _node.Engine.CancelAsync(Caller.Local, running, CancellationToken.None);
        await _node.Engine.CancelAsync(Caller.Local, later, CancellationToken.None);
        await _node.Engine.CancelAsync(Caller.Local, later, CancellationToken.None);

        string[] told = [(await _app.NextAsync()).Data.GetProperty("id").GetString()!, (await _app.NextAsync()).Data.GetProperty("id").GetString()!];
        told.Order().ShouldBe(new[] { running.ToString(), later.ToString() }.Order());
        (await _node.DeliveriesAsync(later)).ShouldHaveSingleItem().Event.ShouldBe("job.cancelled");
    }

    [Fact]
    public async Task A_job_that_expires_before_anybody_began_it_is_told()
    {
        await StartAsync();
        var id = await _node.AcceptedAsync(_node.Call("work") with { StartAt = DateTimeOffset.UtcNow.AddHours(1), Deadline = DateTimeOffset.UtcNow.AddMilliseconds(300) });
        var got = await _app.NextAsync();
        (got.Type, got.Data.GetProperty("id").GetString(), got.Data.GetProperty("error").GetProperty("code").GetString()).ShouldBe(("job.dead", id.ToString(), "expired"));
    }

    [Fact]
    public async Task What_is_answered_from_the_cache_is_told_as_well()
    {
        await StartAsync();
        var first = await _node.AcceptedAsync(_node.Call("maybe"));
        (await _app.NextAsync()).Data.GetProperty("id").GetString().ShouldBe(first.ToString());
        await _node.EndOfAsync(first);

        var second = await _node.AcceptedAsync(_node.Call("maybe"));

        (await _app.NextAsync()).Data.GetProperty("id").GetString().ShouldBe(second.ToString());
        _code.Begun.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_endpoint_that_a_caller_names_is_told_beside_those_of_the_feature()
    {
        await StartAsync();
        var quiet = await _node.AcceptedAsync(_node.Call("quiet") with { Endpoint = "other" });
        (await _other.NextAsync()).Data.GetProperty("id").GetString().ShouldBe(quiet.ToString());
        (await _node.DeliveriesAsync(quiet)).ShouldHaveSingleItem().Required.ShouldBeFalse();

        var twice = await _node.AcceptedAsync(_node.Call("work") with { Endpoint = "app" });
        await _app.NextAsync();
        (await _node.DeliveriesAsync(twice)).ShouldHaveSingleItem().Required.ShouldBeTrue();

        var alone = await _node.AcceptedAsync(_node.Call("quiet"));
        await _node.EndOfAsync(alone);
        (await _node.DeliveriesAsync(alone)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_pull_worker_ends_is_told()
    {
        await StartAsync();
        var id = await _node.AcceptedAsync(_node.Call("pulled"));
        var worker = new PullWorker();
        (await worker.DoneAsync(_node.Engine, await worker.OneAsync(_node.Engine, "pulled"))).Value.ShouldBe(JobState.Succeeded);
        (await _app.NextAsync()).Data.GetProperty("id").GetString().ShouldBe(id.ToString());
    }

    [Fact]
    public async Task A_job_that_kills_its_nodes_is_told()
    {
        await StartAsync();
        _code.Blocks = true;
        var id = await _node.AcceptedAsync(_node.Call("work"));
        await _code.BeginsAsync();
        await _node.Engine.Database.WriteAsync(new Change("UPDATE queue SET crashes = 2"));

        await _node.Engine.Database.WriteAsync(new RescueLease(_node.Number("SELECT lease FROM queue"), id, 1, "a node", _node.Engine.Database.Now));

        var got = await _app.NextAsync();
        (got.Type, got.Data.GetProperty("error").GetProperty("code").GetString()).ShouldBe(("job.dead", "poison"));
        _code.LetGo("a");
    }
}
