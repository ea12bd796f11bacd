using Headway.Features;
using Headway.Jobs.Running;

namespace Headway.Tests.Jobs;

public sealed class RetryPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly FailureKind[] Kinds = [FailureKind.RateLimited, FailureKind.Unavailable, FailureKind.Timeout, FailureKind.InvalidOutput, FailureKind.Bug];

    // As `retry: { attempts: 4, backoff: 2s..1m }` is read: one line for all.
    private static readonly RetryOptions Shared = new()
    {
        Attempts = 4,
        First = TimeSpan.FromSeconds(2),
        Longest = TimeSpan.FromMinutes(1),
        RateLimited = null,
        Unavailable = null,
        Timeout = null,
        InvalidOutput = null,
        Bug = null,
    };

    private static Failure Failed(FailureKind kind = FailureKind.Unavailable, TimeSpan? retryAfter = null) =>
        new() { Code = "model-unavailable", Kind = kind, Message = "down", RetryAfter = retryAfter };

    private static Tally Times(int failures, FailureKind kind = FailureKind.Unavailable) => Enumerable.Range(0, failures).Aggregate(default(Tally), (tally, _) => tally.Failed(kind));

    [Theory]
    [InlineData(1, 0.0, 1.0)]
    [InlineData(1, 1.0, 2.0)]
    [InlineData(2, 1.0, 4.0)]
    [InlineData(3, 0.5, 6.0)]
    [InlineData(20, 1.0, 60.0)]
    public void A_pause_doubles_up_to_the_longest_and_is_spread_over_its_upper_half(int failures, double chance, double seconds) =>
        RetryPolicy.Backoff(Shared.For(FailureKind.Bug), failures, chance).TotalSeconds.ShouldBe(seconds, 0.001);

    [Fact]
    public void A_permanent_failure_is_never_tried_again() =>
        RetryPolicy.Decide(Shared, Failed(FailureKind.Permanent), default, Now, null, 0).ShouldBe(new RetryDecision.Die("model-unavailable"));

    [Fact]
    public void The_last_attempt_is_the_last() =>
        RetryPolicy.Decide(Shared, Failed(), Times(4), Now, null, 0).ShouldBe(new RetryDecision.Die("model-unavailable"));

    [Fact]
    public void What_the_upstream_asks_for_is_honoured_when_it_is_longer_and_spread_after_it()
    {
        var asked = Failed(FailureKind.RateLimited, TimeSpan.FromSeconds(90));

        RetryPolicy.Decide(Shared, asked, Times(1, FailureKind.RateLimited), Now, null, 0).ShouldBe(new RetryDecision.Again(Now.AddSeconds(90)));
        RetryPolicy.Decide(Shared, asked, Times(1, FailureKind.RateLimited), Now, null, 1).ShouldBe(new RetryDecision.Again(Now.AddSeconds(108)));
    }

    [Fact]
    public void Nobody_is_waited_for_longer_than_a_day() =>
        RetryPolicy.Decide(Shared, Failed(FailureKind.RateLimited, TimeSpan.FromDays(30)), Times(1), Now, null, 0).ShouldBe(new RetryDecision.Again(Now.AddDays(1)));

    [Fact]
    public void A_try_that_would_begin_after_the_deadline_is_not_waited_for()
    {
        RetryPolicy.Decide(Shared, Failed(), Times(1), Now, Now.AddSeconds(1), 1).ShouldBe(new RetryDecision.Die("expired"));
        RetryPolicy.Decide(Shared, Failed(FailureKind.RateLimited, TimeSpan.FromMinutes(5)), Times(1), Now, Now.AddMinutes(4), 0).ShouldBe(new RetryDecision.Die("expired"));
    }

    [Fact]
    public void Without_room_in_the_budget_the_longest_pause_comes_at_once() =>
        RetryPolicy.Decide(Shared, Failed(), Times(1), Now, null, 1, hasRoom: false).ShouldBe(new RetryDecision.Again(Now.AddMinutes(1)));

    [Fact]
    public void Classes_with_lines_of_their_own_are_counted_apart_and_the_others_together()
    {
        var policy = Shared with { RateLimited = new ClassRetry(20, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10)), Bug = new ClassRetry(1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) };
        var limited = Times(19, FailureKind.RateLimited);

        RetryPolicy.Decide(policy, Failed(FailureKind.RateLimited), limited, Now, null, 0).ShouldBeOfType<RetryDecision.Again>();
        RetryPolicy.Decide(policy, Failed(FailureKind.RateLimited), limited.Failed(FailureKind.RateLimited), Now, null, 0).ShouldBeOfType<RetryDecision.Die>();
        RetryPolicy.Decide(policy, Failed(FailureKind.Bug), Times(1, FailureKind.Bug), Now, null, 0).ShouldBeOfType<RetryDecision.Die>();
        RetryPolicy.Decide(policy, Failed(FailureKind.Timeout), limited.Failed(FailureKind.Timeout), Now, null, 1).ShouldBe(new RetryDecision.Again(Now.AddSeconds(2)));
        RetryPolicy.Decide(policy, Failed(FailureKind.Timeout), Times(3).Failed(FailureKind.Timeout), Now, null, 0).ShouldBeOfType<RetryDecision.Die>();
    }

    [Fact]
    public void A_snooze_counts_no_attempt_but_is_bounded_in_number_and_time()
    {
        var snooze = new SnoozeOptions { Times = 3, Within = TimeSpan.FromHours(1) };
        var once = default(Tally).Snoozed(Now.ToUnixTimeMilliseconds());

        RetryPolicy.Snooze(snooze, TimeSpan.FromMinutes(20), once, Now.AddMinutes(30), null).ShouldBe(new RetryDecision.Again(Now.AddMinutes(50)));
        RetryPolicy.Snooze(snooze, TimeSpan.FromMinutes(40), once, Now.AddMinutes(30), null).ShouldBe(new RetryDecision.Die("snoozed-out"));
        RetryPolicy.Snooze(snooze, TimeSpan.FromSeconds(1), once.Snoozed(0).Snoozed(0), Now, null).ShouldBe(new RetryDecision.Die("snoozed-out"));
        RetryPolicy.Snooze(snooze, TimeSpan.FromMinutes(20), default, Now, Now.AddMinutes(10)).ShouldBe(new RetryDecision.Die("expired"));
    }

    [Fact]
    public void Every_job_comes_to_an_end_and_no_pause_is_outside_its_bounds() => Property.Check(random =>
    {
        var policy = AnyPolicy(random);
        var (tally, most) = (default(Tally), policy.Attempts + Kinds.Sum(kind => policy.For(kind).Attempts));
        for (var failures = 1; ; failures++)
        {
            var kind = Kinds[random.Next(Kinds.Length)];
            var line = policy.For(kind);
            tally = tally.Failed(kind);
            var asked = random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(200_000)) : (TimeSpan?)null;
            var decision = RetryPolicy.Decide(policy, Failed(kind, asked), tally, Now, null, random.NextDouble(), random.Next(2) == 0);
            (decision is RetryDecision.Die).ShouldBe(tally.Against(policy, kind) >= line.Attempts);
            if (decision is not RetryDecision.Again again) break;
            var pause = again.At - Now;
            pause.ShouldBeGreaterThanOrEqualTo((line.First < line.Longest ? line.First : line.Longest) / 2);
            pause.ShouldBeLessThanOrEqualTo(asked > line.Longest ? TimeSpan.FromDays(1.2) : line.Longest > asked * 1.2 || asked is null ? line.Longest : asked.Value * 1.2);
            failures.ShouldBeLessThan(most);
        }
    });

    [Fact]
    public void What_the_queue_keeps_of_a_tally_is_read_back_and_damage_counts_as_nothing() => Property.Check(random =>
    {
        var tally = new Tally(random.Next(100), random.Next(100), random.Next(100), random.Next(100), random.Next(100), random.Next(1_000), random.Next(2) == 0 ? null : random.NextInt64(1, 1L << 50));
        Tally.Read(tally.Stored()).ShouldBe(tally);
        var damaged = (tally.Stored() ?? "")[..random.Next(3)];
        Tally.Read(damaged).ShouldBe(default);
    });

    private static RetryOptions AnyPolicy(Random random)
    {
        return new RetryOptions
        {
            Attempts = random.Next(1, 20),
            First = TimeSpan.FromMilliseconds(random.Next(1, 5_000)),
            Longest = TimeSpan.FromSeconds(random.Next(5, 500)),
            RateLimited = Line(),
            Unavailable = Line(),
            Timeout = Line(),
            InvalidOutput = Line(),
            Bug = Line(),
        };

        ClassRetry? Line() => random.Next(2) == 0 ? null : new ClassRetry(random.Next(1, 20), TimeSpan.FromMilliseconds(random.Next(1, 5_000)), TimeSpan.FromSeconds(random.Next(5, 500)));
    }
}
