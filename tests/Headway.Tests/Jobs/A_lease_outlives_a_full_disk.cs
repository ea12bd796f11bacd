using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Models.Limits;
using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Jobs;

/// <summary>A lease that could not be renewed in time is only lost if somebody could have taken it.</summary>
public sealed class A_lease_outlives_a_full_disk : IAsyncLifetime
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private readonly ManualTime _time = new();
    private readonly RunningJobs _running = new();
    private Database _database = null!;
    private StopSignal _signal = null!;
    private NodeLease _lease = null!;

    public async ValueTask InitializeAsync()
    {
        _database = Database.Open("sqlite:" + Path.Combine(_folder, "leases.db"), _time, NullLogger.Instance);
        _lease = new NodeLease(_database, _running, Length);
        _signal = new StopSignal(TimeSpan.FromHours(1), _time);
        _running.Add(JobId.New(_time.GetUtcNow()), _signal, new AttemptWaits());
        await _lease.TakeAsync();
    }

    private Task<bool> RefuseAsync(string what) =>
        _database.WriteAsync(new Change($"CREATE TRIGGER refuse BEFORE {what} ON leases BEGIN SELECT RAISE(FAIL, 'refused'); END"));

    private Task<bool> AllowAsync() => _database.WriteAsync(new Change("DROP TRIGGER refuse"));

    [Fact]
    public async Task What_runs_goes_on_when_the_disk_refused_the_renewals_and_takes_them_again()
    {
        var number = _lease.Number;
        await RefuseAsync("UPDATE");
        for (var beat = 0; beat < 5; beat++)
        {
            _time.Advance(_lease.RenewEvery);
            await Should.ThrowAsync<StorageException>(_lease.RenewAsync);
        }
        await AllowAsync();

        (await _lease.RenewAsync()).ShouldBeTrue();

        (_lease.Number, _signal.Reason).ShouldBe((number, StopReason.None));
    }

    [Fact]
    public async Task It_is_lost_when_its_row_was_taken_meanwhile()
    {
        await RefuseAsync("UPDATE");
        _time.Advance(_lease.RenewEvery);
        await Should.ThrowAsync<StorageException>(_lease.RenewAsync);
        await AllowAsync();
        await _database.WriteAsync(new Change("DELETE FROM leases"));

        (await _lease.RenewAsync()).ShouldBeFalse();

        _signal.Reason.ShouldBe(StopReason.LeaseLost);
    }

    [Fact]
    public async Task A_node_that_slept_past_it_drops_what_runs_and_never_takes_the_old_number_up_again()
    {
        var number = _lease.Number;
        _time.Advance(Length);
        await RefuseAsync("INSERT");
        await Should.ThrowAsync<StorageException>(_lease.RenewAsync);
        _signal.Reason.ShouldBe(StopReason.LeaseLost);
        await AllowAsync();

        (await _lease.RenewAsync()).ShouldBeFalse();

        _lease.Number.ShouldNotBe(number);
        (await _lease.RenewAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task The_end_of_a_sync_call_carries_the_number_it_was_accepted_under()
    {
        var code = new Steering { Blocks = true };
        await using var node = await Node.StartAsync(
            "features:\n  quick: { contract: { mode: sync, caller: waits, acceptableWait: 25s }, handler: code, fallback: none, timeout: 25s }\n",
            handlers => handlers.Add<Order, Order>("quick", (order, feature, _) => code.WorkAsync(order, feature, CancellationToken.None)), lease: TimeSpan.FromSeconds(3));
        var call = node.Engine.CallAsync(node.Call("quick") with { IdempotencyKey = "k" }, CancellationToken.None);
        await code.BeginsAsync();

        // The work does not listen, and ends well in the grace of an attempt whose lease is lost; nobody has taken the job from the old number.
        await node.Engine.Database.WriteAsync(new Change("DELETE FROM leases"));
        await node.Log.UntilAsync("the lease was lost");
        code.LetGo("a");

        var job = (await call).ShouldBeOfType<Answer.Done>().Job;
        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
    }

    public async ValueTask DisposeAsync()
    {
        _signal.Dispose();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
