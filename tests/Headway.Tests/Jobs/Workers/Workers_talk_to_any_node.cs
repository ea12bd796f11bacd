using System.Diagnostics;
using System.Text;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;

namespace Headway.Tests.Jobs.Workers;

/// <summary>Two nodes on one PostgreSQL database, and workers that ask now the one and now the other.</summary>
public sealed class Workers_talk_to_any_node : IAsyncLifetime
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker, pool: { concurrency: 4 } }
          paid: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker, budget: { usdPerMonth: 100 } }
          soon: { contract: { mode: hybrid, caller: waits, wait: 20s, deliverWithin: 1m }, handler: worker }
        """;

    private static readonly TimeSpan Told = TimeSpan.FromSeconds(2.5);

    private readonly ManyNodes _nodes = new(Features);
    private readonly PullWorker _worker = new();
    private OneNode _one = null!;
    private OneNode _other = null!;

    public async ValueTask InitializeAsync()
    {
        (_one, _other) = (await _nodes.StartAsync(), await _nodes.StartAsync());
        await _one.HearsAsync();
        await _other.HearsAsync();
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();

    [Fact]
    public async Task A_claim_that_waits_on_one_is_woken_by_what_another_accepts()
    {
        var waits = _worker.OneAsync(_one.Engine, wait: 20);
        var began = Stopwatch.StartNew();
        var job = await _other.AcceptedAsync("work");

        PullWorker.IdOf(await waits).ShouldBe(job.Id);
        began.Elapsed.ShouldBeLessThan(Told);
    }

    [Fact]
    public async Task What_is_begun_with_one_is_ended_with_another_though_the_first_is_dead()
    {
        var call = _other.CallAsync("soon");
        var given = await _worker.OneAsync(_one.Engine, "soon", wait: 20);
        await _worker.SayAsync(_one.Engine, given, 1, "be");
        _one.Die();

        await using var events = _other.EventsOf(PullWorker.IdOf(given)).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await NextAsync(events, "be");
        var began = Stopwatch.StartNew();
        (await _worker.SayAsync(_other.Engine, given, 1, "be")).Value.ShouldBe(2);
        (await _worker.SayAsync(_other.Engine, given, 2, "gun")).Value.ShouldBe(3);
        await NextAsync(events, "gun");
        (await _worker.RenewAsync(_other.Engine, given)).Value!.Stop.ShouldBeEmpty();
        (await _worker.DoneAsync(_other.Engine, given, null)).Value.ShouldBe(JobState.Succeeded);

        (await call).ShouldBeOfType<Answer.Done>().Job.Attempt.ShouldBe(1);
        began.Elapsed.ShouldBeLessThan(Told);
    }

    [Fact]
    public async Task A_reader_on_one_sees_at_once_what_is_appended_with_another()
    {
        var job = await _one.AcceptedAsync("work");
        var given = await _worker.OneAsync(_one.Engine);
        await using var events = _other.EventsOf(job.Id).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        (await events.MoveNextAsync()).ShouldBeTrue();
        for (var piece = 1; piece <= 5; piece++)
        {
            var began = Stopwatch.StartNew();
            await _worker.SayAsync(_one.Engine, given, piece, $"piece {piece}");
            await NextAsync(events, $"piece {piece}");
            if (piece > 1) began.Elapsed.ShouldBeLessThan(Told);
        }
    }

    [Fact]
    public async Task Claims_on_both_together_hold_no_more_than_the_pool_allows_and_give_no_job_twice()
    {
        for (var count = 0; count < 12; count++) await _one.AcceptedAsync("work");
        var workers = Enumerable.Range(0, 8).Select(number => (Worker: new PullWorker($"w{number}"), Node: number % 2 == 0 ? _one : _other)).ToList();
        var done = new List<JobId>();
        while (done.Count < 12)
        {
            var given = await Task.WhenAll(workers.Select(each => each.Worker.ClaimAsync(each.Node.Engine, most: 3)));
            given.Sum(jobs => jobs.Count).ShouldBeInRange(1, 4);
            foreach (var (each, jobs) in workers.Zip(given))
            {
                foreach (var job in jobs)
                {
                    done.Add(PullWorker.IdOf(job));
                    await each.Worker.DoneAsync(each.Node.Engine, job);
                }
            }
        }
        done.Distinct().Count().ShouldBe(12);
        (await _nodes.NumberAsync("SELECT count(*) FROM jobs WHERE attempt = 1 AND state = 5")).ShouldBe(12);
    }

    [Fact]
    public async Task What_it_tells_of_a_lost_attempt_to_both_at_once_is_counted_once()
    {
        for (var round = 0; round < 5; round++)
        {
            var job = await _one.AcceptedAsync("paid");
            var given = await _worker.OneAsync(_one.Engine, "paid");
            await _other.Engine.CancelAsync(Caller.Local, job.Id, CancellationToken.None);

            await Task.WhenAll(Enumerable.Range(0, 6).Select(number => _worker.DoneAsync((number % 2 == 0 ? _one : _other).Engine, given, facts: PullWorker.Cost(0.25m))));

            (await _one.EndOfAsync(job.Id)).Usage.Usd.ShouldBe(0.25m);
        }
        (await _nodes.NumberAsync("SELECT count(*) FROM audit_events WHERE recipient = 'model local-llm'")).ShouldBe(5);
        (await _nodes.NumberAsync("SELECT sum(spent)::bigint FROM budgets")).ShouldBe(1_250_000_000);
    }

    private static async Task NextAsync(IAsyncEnumerator<JobEvent> events, string text)
    {
        do (await events.MoveNextAsync()).ShouldBeTrue();
        while (events.Current.Kind is not "delta");
        Encoding.UTF8.GetString(events.Current.Data.Span).ShouldContain(text);
    }
}
