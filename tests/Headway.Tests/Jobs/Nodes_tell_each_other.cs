using System.Diagnostics;
using System.Text;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Streams;
using Headway.Tests.Storage;
using Npgsql;

namespace Headway.Tests.Jobs;

/// <summary>Two nodes on one PostgreSQL database: one takes the calls, the other works.</summary>
public sealed class Nodes_tell_each_other : IAsyncLifetime
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1 } }
          soon: { contract: { mode: hybrid, caller: waits, wait: 20s, deliverWithin: 1m }, handler: code, retry: { attempts: 1 } }
          talk: { contract: { mode: stream, caller: waits, resumeFor: 1s }, handler: code }
          tell: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1 } }
        """;

    // Less than any node waits before it looks for itself, with room for a busy machine.
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(2.5);

    private static readonly NodeDuty Api = new() { Worker = false };

    private readonly ManyNodes _nodes = new(Features);
    private readonly Steering _code = new() { Blocks = true };
    private OneNode _front = null!;
    private OneNode _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _front = await _nodes.StartAsync(Code, Api);
        _worker = await _nodes.StartAsync(Code);
        await _front.HearsAsync();
        await _worker.HearsAsync();
    }

    private void Code(CodeHandlers code)
    {
        code.Add<Order, Order>("work", _code.WorkAsync);
        code.Add<Order, Order>("soon", _code.WorkAsync);
        code.Add<Order, string>("talk", _code.TokensAsync);
        code.Add<Order, string>("tell", _code.TokensAsync);
    }

    [Fact]
    public async Task What_one_accepts_another_begins_and_whoever_waits_is_woken_by_its_end()
    {
        var job = await _front.AcceptedAsync("work");
        await _code.BeginsAsync();
        var waits = _front.Engine.WaitAsync(Caller.Local, job.Id, TimeSpan.FromSeconds(20), CancellationToken.None);
        var began = Stopwatch.StartNew();
        _code.LetGo("a");

        (await waits)!.State.ShouldBe(JobState.Succeeded);

        began.Elapsed.ShouldBeLessThan(Told);
    }

    [Fact]
    public async Task A_hybrid_call_is_answered_by_work_that_another_node_did()
    {
        _code.Blocks = false;

        (await _front.CallAsync("soon", """{"id":"x"}""")).ShouldBeOfType<Answer.Done>().Result.Body.ToArray().ShouldBe("""{"id":"x"}"""u8.ToArray());
    }

    [Fact]
    public async Task A_reader_on_one_node_sees_what_another_writes_without_gap_or_repeat_as_it_comes()
    {
        var job = await _front.AcceptedAsync("tell");
        await _code.BeginsAsync();
        var seen = new List<JobEvent>();
        var began = Stopwatch.StartNew();
        TimeSpan? third = null;
        await foreach (var entry in _front.EventsOf(job.Id))
        {
            if (entry.Kind != "delta") continue;
            seen.Add(entry);
            if (seen.Count != 3) continue;
            third = began.Elapsed;
            _code.LetGo("a");
        }

        seen.Select(entry => Encoding.UTF8.GetString(entry.Data.Span)).ShouldBe([.. Enumerable.Range(1, 6).Select(n => $$"""{"text":"{{n}} "}""")]);
        seen.Select(entry => entry.Id % LogEvent.PerAttempt).ShouldBe([1, 2, 3, 4, 5, 6]);
        third.ShouldNotBeNull().ShouldBeLessThan(Told);
        began.Elapsed.ShouldBeLessThan(Told * 2);
    }

    [Fact]
    public async Task A_reader_who_comes_back_on_another_node_is_not_taken_for_gone()
    {
        var job = (await _front.CallAsync("talk")).ShouldBeOfType<Answer.Streaming>().Job;
        var seen = new List<long>();
        await foreach (var entry in _front.EventsOf(job.Id))
        {
            if (entry.Kind == "delta") seen.Add(entry.Id!.Value);
            if (seen.Count == 3) break;
        }
        var left = _front.Engine.Database.Now;
        var rest = Task.Run(async () =>
        {
            await foreach (var entry in _worker.EventsOf(job.Id, seen[^1])) seen.Add(entry.Id ?? 0);
        });
        // Longer than a reader may be gone.
        while (_front.Engine.Database.Now < left + 1_500) await _nodes.NumberAsync("SELECT 1");
        _code.LetGo("a");
        await rest;

        seen.Select(id => id % LogEvent.PerAttempt).ShouldBe([1, 2, 3, 4, 5, 6, 7]);
        (await _worker.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_job_that_is_cancelled_on_one_node_stops_on_the_other()
    {
        var job = await _front.AcceptedAsync("work");
        await _code.BeginsAsync();
        var began = Stopwatch.StartNew();

        (await _front.Engine.CancelAsync(Caller.Local, job.Id, CancellationToken.None))!.State.ShouldBe(JobState.Cancelled);
        await _code.StopsAsync();

        began.Elapsed.ShouldBeLessThan(Told);
        (await _worker.EndOfAsync(job.Id)).State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task Words_of_an_old_attempt_stop_nobody()
    {
        var job = await _front.AcceptedAsync("work");
        await _code.BeginsAsync();

        _front.Engine.Database.Announce("job", job.Id.Value.ToString("N"));
        // Heard after it, on the same line.
        var other = await _front.AcceptedAsync("work", """{"id":"b"}""");
        await _code.BeginsAsync();
        _code.LetGo("a");
        _code.LetGo("b");

        (await _front.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
        (await _front.EndOfAsync(other.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_line_that_breaks_is_taken_up_again()
    {
        await using (var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={PostgresCluster.Shared.Port};Username=headway;Database={new Uri(_nodes.Address).AbsolutePath[1..]};Pooling=false"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var cut = new NpgsqlCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'", connection);
            ((long)(await cut.ExecuteScalarAsync(TestContext.Current.CancellationToken))!).ShouldBe(2);
        }
        while (_front.Engine.Database.LookAfter > TimeSpan.FromSeconds(1)) await _nodes.NumberAsync("SELECT 1");
        await _front.HearsAsync();
        await _worker.HearsAsync();

        await What_one_accepts_another_begins_and_whoever_waits_is_woken_by_its_end();
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();
}
