using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Jobs.Upkeep;
using Headway.Models.Limits;
using Headway.Storage;
using Headway.Tests.Storage;
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
        _database = Database.Open(TestDatabase.At(Path.Combine(_folder, "leases.db")), _time, NullLogger.Instance);
        _lease = new NodeLease(_database, _running, Length);
        _signal = new StopSignal(TimeSpan.FromHours(1), _time);
        _running.Add(new Fence(JobId.New(_time.GetUtcNow()), _lease.Number, 1), _signal, new AttemptWaits());
        await _lease.TakeAsync();
    }

    private Task<bool> RefuseAsync(string what) =>
        _database.WriteAsync(new Change(TestDatabase.Refuse(what, "leases", state: "53100")));

    private Task<bool> AllowAsync() => _database.WriteAsync(new Change(TestDatabase.Allow("leases")));

    [SqliteFact]
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

    [PostgresFact]
    public async Task Where_others_may_have_taken_what_runs_it_is_dropped_as_soon_as_its_time_is_over()
    {
        var number = _lease.Number;
        await RefuseAsync("UPDATE");
        for (var beat = 0; beat < 2; beat++)
        {
            _time.Advance(_lease.RenewEvery);
            await Should.ThrowAsync<StorageException>(_lease.RenewAsync);
            _signal.Reason.ShouldBe(StopReason.None);
        }
        await AllowAsync();
        _time.Advance(_lease.RenewEvery);

        (await _lease.RenewAsync()).ShouldBeFalse();

        _signal.Reason.ShouldBe(StopReason.LeaseLost);
        _lease.Number.ShouldBeGreaterThan(number);
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

    [SqliteFact]
    public async Task What_runs_goes_on_after_a_sleep_or_a_clock_that_was_set_forward_because_nobody_else_has_the_file()
    {
        var number = _lease.Number;
        await _database.WriteAsync(new Change($"INSERT INTO leases (node, epoch, expires, version, started, pools) VALUES ('w', 1, {_lease.Expires}, '1', 0, '')"));
        _time.Advance(TimeSpan.FromMinutes(30));
        var rescuer = new LeaseRescuer(_database, _lease, null!, NullLogger<LeaseRescuer>.Instance);
        (await rescuer.RunOnceAsync(_time.GetUtcNow(), CancellationToken.None)).Did.ShouldBeNull();

        (await _lease.RenewAsync()).ShouldBeTrue();

        (_lease.Number, _signal.Reason).ShouldBe((number, StopReason.None));
        // Of the worker, too, nobody could hear meanwhile.
        (await rescuer.RunOnceAsync(_time.GetUtcNow(), CancellationToken.None)).Did.ShouldBeNull();
    }

    [PostgresFact]
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
            handlers => handlers.Add<Order, Order>("quick", WorkAsync), lease: TimeSpan.FromSeconds(3));
        var call = node.Engine.CallAsync(node.Call("quick") with { IdempotencyKey = "k" }, CancellationToken.None);
        await code.BeginsAsync();

        // The work ends well although it is told to stop, since its lease is lost; nobody has taken the job from the old number.
        await node.Engine.Database.WriteAsync(new Change("DELETE FROM leases"));

        var job = (await call).ShouldBeOfType<Answer.Done>().Job;
        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);

        async Task<Order> WorkAsync(Order order, FeatureContext feature, CancellationToken stop)
        {
            await using var told = stop.Register(() => code.LetGo("a"));
            return await code.WorkAsync(order, feature, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _signal.Dispose();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
