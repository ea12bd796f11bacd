using FsCheck;
using FsCheck.Fluent;
using Headway.Features;
using Headway.Jobs.Running;

namespace Headway.Tests.Jobs;

public sealed class RetryPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RetryOptions Policy = new() { Attempts = 4, First = TimeSpan.FromSeconds(2), Longest = TimeSpan.FromMinutes(1) };

    private static Failure Failed(FailureKind kind = FailureKind.Unavailable, TimeSpan? retryAfter = null) =>
        new() { Code = "model-unavailable", Kind = kind, Message = "down", RetryAfter = retryAfter };

    [Theory]
    [InlineData(1, 0.0, 1.0)]
    [InlineData(1, 1.0, 2.0)]
    [InlineData(2, 1.0, 4.0)]
    [InlineData(3, 0.5, 6.0)]
    [InlineData(20, 1.0, 60.0)]
    public void A_pause_doubles_up_to_the_longest_and_is_spread_over_its_upper_half(int failures, double chance, double seconds) =>
        RetryPolicy.Backoff(Policy, failures, chance).TotalSeconds.ShouldBe(seconds, 0.001);

    [Fact]
    public void A_permanent_failure_is_never_tried_again() =>
        RetryPolicy.Decide(Policy, Failed(FailureKind.Permanent), 1, Now, null, 0).ShouldBe(new RetryDecision.Die("model-unavailable"));

    [Fact]
    public void The_last_attempt_is_the_last() =>
        RetryPolicy.Decide(Policy, Failed(), 4, Now, null, 0).ShouldBe(new RetryDecision.Die("model-unavailable"));

    [Fact]
    public void What_the_upstream_asks_for_is_honoured_when_it_is_longer() =>
        RetryPolicy.Decide(Policy, Failed(retryAfter: TimeSpan.FromSeconds(90)), 1, Now, null, 0).ShouldBe(new RetryDecision.Again(Now.AddSeconds(90)));

    [Fact]
    public void A_try_that_would_begin_after_the_deadline_is_not_made() =>
        RetryPolicy.Decide(Policy, Failed(), 1, Now, Now.AddSeconds(1), 1).ShouldBe(new RetryDecision.Die("expired"));

    [Fact]
    public void Every_job_comes_to_an_end_and_no_pause_is_outside_its_bounds() => Prop.ForAll(
        Gen.Choose(1, 50).ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (failures, chance) =>
        {
            var pause = RetryPolicy.Backoff(Policy, failures, chance / 1000.0);
            var decision = RetryPolicy.Decide(Policy, Failed(), failures, Now, null, chance / 1000.0);
            return pause >= TimeSpan.FromSeconds(1) && pause <= Policy.Longest && (decision is RetryDecision.Die) == (failures >= Policy.Attempts);
        }).QuickCheckThrowOnFailure();
}
