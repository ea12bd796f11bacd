using Headway.Advice;
using Headway.Features;

namespace Headway.Tests.Advice;

public sealed class DecisionRuleTests
{
    private static readonly Answers Waits = new() { Mode = Mode.Sync, Caller = CallerHabit.Waits, AcceptableWait = TimeSpan.FromSeconds(2.5) };
    private static readonly Answers Chats = Waits with { Caller = CallerHabit.Converses, Output = OutputShape.Prose };

    private static readonly IReadOnlyList<(int Rule, Mode Mode, Answers Answers)> Rows =
    [
        (1, Mode.Batch, Waits with { Input = InputShape.Dataset, Approval = true }),
        (2, Mode.Hybrid, Waits with { Approval = true }),
        (2, Mode.Async, Chats with { Approval = true }),
        (2, Mode.Async, new Answers { Mode = Mode.Sync, Steps = 5 }),
        (2, Mode.Hybrid, Waits with { Longest = TimeSpan.FromSeconds(61) }),
        (3, Mode.Hybrid, Waits with { Affects = Harm.Financial, Consumer = Consumer.Service }),
        (3, Mode.Async, Waits with { Caller = CallerHabit.Leaves, Affects = Harm.Legal, Consumer = Consumer.Service }),
        (4, Mode.Async, Waits with { Caller = CallerHabit.Leaves, Affects = Harm.Clinical, Consumer = Consumer.Service }),
        (4, Mode.Async, Waits with { Caller = CallerHabit.Leaves, Affects = Harm.Compliance, Consumer = Consumer.Gate }),
        (5, Mode.Hybrid, Waits with { Expect = Seconds(p95: 5.001) }),
        (5, Mode.Hybrid, Waits with { Steps = 3 }),
        (5, Mode.Hybrid, Chats with { Steps = 3, Expect = Seconds(0.1, 6, 7) }),
        (5, Mode.Stream, Chats with { Steps = 2, Expect = Seconds(2.5, 6, 7) }),
        (5, Mode.Hybrid, Chats with { Expect = Seconds(2.6, 6, 7) }),
        (6, Mode.Stream, Chats with { Expect = Seconds(p95: 5) }),
        (7, Mode.Sync, Waits with { Longest = TimeSpan.FromSeconds(60), Steps = 2, Expect = Seconds(p95: 1, p99: 2.5) }),
        (7, Mode.Sync, Chats with { Output = OutputShape.Structured, Expect = Seconds(p95: 1, p99: 2.5) }),
        (8, Mode.Hybrid, Waits with { Expect = Seconds(p95: 1, p99: 2.501) }),
        (9, Mode.Hybrid, Waits),
        (9, Mode.Hybrid, Chats with { Output = null, Expect = Seconds(p95: 1, p99: 2) }),
        (9, Mode.Hybrid, new Answers { Mode = Mode.Sync }),
    ];

    [Fact]
    public void The_first_rule_that_matches_says_the_mode()
    {
        foreach (var (rule, mode, answers) in Rows)
        {
            var verdict = DecisionRule.Judge(answers, Measurements.None);

            (verdict.Rule.Number, verdict.Recommended).ShouldBe((rule, mode), answers.ToString());
        }
    }

    [Fact]
    public void A_contract_fits_when_its_mode_is_the_one_the_rule_says()
    {
        var answers = Waits with { Expect = Seconds(p95: 1, p99: 2) };

        DecisionRule.Judge(answers, Measurements.None).Fit.ShouldBe(Fit.Fits);
        DecisionRule.Judge(answers with { Mode = Mode.Async }, Measurements.None).Fit.ShouldBe(Fit.Breaks);
    }

    [Fact]
    public void A_missing_number_that_could_change_the_mode_leaves_it_unproven()
    {
        var verdict = DecisionRule.Judge(Waits, Measurements.None);

        verdict.Fit.ShouldBe(Fit.Unproven);
        verdict.Why.ShouldContain("Not known is p99, with which rule 7 (fast enough is sync) could say sync.");
        verdict.Flips.ShouldBe("knowing p99");
        verdict.FailsCheck.ShouldBeFalse();
    }

    [Fact]
    public void A_missing_number_that_could_not_change_the_mode_leaves_nothing_unproven()
    {
        // Rule 5 and rule 8 would say hybrid as well; rule 7 does not ask about a caller nobody described.
        DecisionRule.Judge(new Answers { Mode = Mode.Hybrid }, Measurements.None).Fit.ShouldBe(Fit.Fits);
    }

    [Fact]
    public void A_conversation_whose_speed_is_unknown_is_unproven_because_slow_ones_may_need_hybrid()
    {
        var verdict = DecisionRule.Judge(Chats with { Mode = Mode.Stream }, Measurements.None);

        (verdict.Fit, verdict.Rule.Number, verdict.Recommended).ShouldBe((Fit.Unproven, 6, Mode.Stream));
        DecisionRule.Judge(Chats with { Mode = Mode.Stream, Expect = Seconds(p95: 6) }, Measurements.None).Why.ShouldContain("Not known is firstToken");
    }

    [Fact]
    public void A_verdict_shows_the_numbers_what_breaks_and_what_would_flip_it()
    {
        var verdict = DecisionRule.Judge(Waits with { Expect = Seconds(p95: 2, p99: 3.9) }, Measurements.None);

        verdict.Fit.ShouldBe(Fit.Breaks);
        verdict.Why.ShouldBe("P99 3.9 s (expected) against 2.5 s: sync would be a lie for the slow part. As sync, the slow part times out in front of the caller.");
        verdict.Flips.ShouldBe("sync again at 2.5 s or below");
    }

    [Fact]
    public void A_reason_keeps_a_mode_against_the_rule_and_is_shown()
    {
        var verdict = DecisionRule.Judge(Waits with { Steps = 3, Because = "the kiosk has no second screen" }, Measurements.None);

        verdict.Fit.ShouldBe(Fit.Breaks);
        verdict.Because.ShouldBe("the kiosk has no second screen");
        verdict.FailsCheck.ShouldBeFalse();
    }

    [Fact]
    public void Measurements_win_over_expectations_once_there_are_enough()
    {
        var answers = Waits with { Expect = Seconds(p95: 1, p99: 2) };
        var slow = new Measurements { Samples = Measurements.EnoughSamples, P95 = TimeSpan.FromSeconds(2), P99 = TimeSpan.FromSeconds(4) };

        DecisionRule.Judge(answers, slow).Rule.Number.ShouldBe(8);
        DecisionRule.Judge(answers, slow).Why.ShouldContain("4 s (measured)");
        DecisionRule.Judge(answers, slow with { Samples = Measurements.EnoughSamples - 1 }).Rule.Number.ShouldBe(7);
    }

    private static Expectation Seconds(double? firstToken = null, double? p95 = null, double? p99 = null) => new()
    {
        FirstToken = firstToken is { } first ? TimeSpan.FromSeconds(first) : null,
        P95 = p95 is { } most ? TimeSpan.FromSeconds(most) : null,
        P99 = p99 is { } almost ? TimeSpan.FromSeconds(almost) : null,
    };
}
