using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Models.Limits;

namespace Headway.Tests.Jobs;

public sealed class RunningJobsTests
{
    private readonly ManualTime _time = new();
    private readonly RunningJobs _running = new();
    private readonly AttemptWaits _waits = new();
    private readonly Fence _first = new(new JobId(Guid.CreateVersion7(DateTimeOffset.UnixEpoch)), Lease: 7, Attempt: 1);

    private Fence Second => _first with { Attempt = 2 };

    [Fact]
    public void What_is_stopped_between_its_claim_and_its_start_stops_as_it_begins()
    {
        _running.Claimed([_first]);

        _running.Stop(_first.Job, StopReason.Cancelled).ShouldBeTrue();

        Begin(_first).Reason.ShouldBe(StopReason.Cancelled);
    }

    [Fact]
    public void What_is_known_of_one_attempt_stops_no_later_one()
    {
        _running.Claimed([_first]);
        _running.Settled(_first);
        _running.Claimed([Second]);

        _running.Stop(_first, StopReason.LeaseLost).ShouldBeFalse();

        var second = Begin(Second);
        _running.Stop(_first, StopReason.LeaseLost).ShouldBeFalse();
        second.Reason.ShouldBe(StopReason.None);
    }

    [Fact]
    public void A_next_attempt_that_is_claimed_before_the_last_is_settled_stays_noted()
    {
        _running.Claimed([_first]);
        _running.Claimed([Second]);
        _running.Settled(_first);

        _running.Knows(_first.Job).ShouldBeTrue();
        _running.AttemptOf(_first.Job).ShouldBe(Second);
    }

    [Fact]
    public void A_lease_that_is_lost_takes_what_was_claimed_under_it_and_nothing_after()
    {
        _running.Claimed([_first]);
        _running.StopAll(StopReason.LeaseLost);
        var other = new Fence(new JobId(Guid.CreateVersion7(DateTimeOffset.UnixEpoch)), Lease: 8, Attempt: 1);
        _running.Claimed([other]);

        Begin(_first).Reason.ShouldBe(StopReason.LeaseLost);
        Begin(other).Reason.ShouldBe(StopReason.None);
    }

    /// <summary>Whoever stops and whoever begins meet at every moment: one of the two sees the other.</summary>
    [Fact]
    public async Task A_stop_is_never_lost_between_the_claim_and_the_start()
    {
        var rounds = Enumerable.Range(0, 20_000).Select(_ => (Running: new RunningJobs(), Signal: Signal())).ToList();
        foreach (var (running, _) in rounds) running.Claimed([_first]);
        using var together = new Barrier(2);

        var stops = Task.Run(
            () =>
            {
                foreach (var (running, _) in rounds)
                {
                    together.SignalAndWait();
                    running.Stop(_first, StopReason.Cancelled);
                }
            },
            TestContext.Current.CancellationToken);
        foreach (var (running, signal) in rounds)
        {
            together.SignalAndWait();
            running.Add(_first, signal, _waits);
        }
        await stops;

        rounds.ShouldAllBe(round => round.Signal.Reason == StopReason.Cancelled);
    }

    private StopSignal Begin(Fence attempt)
    {
        var signal = Signal();
        _running.Add(attempt, signal, _waits);
        return signal;
    }

    private StopSignal Signal() => new(TimeSpan.FromHours(1), _time);
}
