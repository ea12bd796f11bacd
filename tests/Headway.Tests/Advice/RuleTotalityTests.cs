using FsCheck;
using FsCheck.Fluent;
using Headway.Advice;
using Headway.Features;

namespace Headway.Tests.Advice;

/// <summary>The rule has an answer for whatever is answered and measured.</summary>
public sealed class RuleTotalityTests
{
    private static readonly Gen<TimeSpan?> Spans = OrNone(Gen.Choose(1, 90_000).Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds)));

    private static readonly Gen<Answers> AnyAnswers =
        from mode in Any<Mode>()
        from caller in OrNone(Any<CallerHabit>())
        from wait in Spans
        from output in OrNone(Any<OutputShape>())
        from affects in Any<Harm>()
        from consumer in OrNone(Any<Consumer>())
        from input in Gen.Frequency((5, Gen.Constant(InputShape.One)), (1, Gen.Constant(InputShape.Dataset)))
        from steps in OrNone(Gen.Choose(1, 6))
        from longest in Spans
        from approval in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)))
        from first in Spans
        from p95 in Spans
        from p99 in Spans
        select new Answers
        {
            Mode = mode,
            Caller = caller,
            AcceptableWait = wait,
            Output = output,
            Affects = affects,
            Consumer = consumer,
            Input = input,
            Steps = steps,
            Longest = longest,
            Approval = approval,
            Expect = new Expectation { FirstToken = first, P95 = p95, P99 = p99 },
        };

    private static readonly Gen<Measurements> AnyMeasurements =
        from samples in Gen.Choose(0, 2 * Measurements.EnoughSamples)
        from first in Spans
        from p95 in Spans
        from p99 in Spans
        select new Measurements { Samples = samples, FirstToken = first, P95 = p95, P99 = p99 };

    [Fact]
    public void There_is_always_a_verdict_and_always_the_same_one() => Holds((answers, measured) =>
    {
        var verdict = DecisionRule.Judge(answers, measured);

        verdict.Why.ShouldNotBeNullOrWhiteSpace();
        verdict.Flips.ShouldNotBeNullOrWhiteSpace();
        DecisionRule.Judge(answers, measured).ShouldBe(verdict);
    });

    [Fact]
    public void The_mode_that_is_recommended_never_breaks() => Holds((answers, measured) =>
    {
        var recommended = DecisionRule.Judge(answers, measured).Recommended;

        DecisionRule.Judge(answers with { Mode = recommended }, measured).Fit.ShouldNotBe(Fit.Breaks);
    });

    [Fact]
    public void Which_mode_is_declared_does_not_change_what_is_recommended() => Holds((answers, measured) =>
        Enum.GetValues<Mode>().Select(mode => DecisionRule.Judge(answers with { Mode = mode }, measured).Recommended).Distinct().ShouldHaveSingleItem());

    [Fact]
    public void Once_every_number_is_known_nothing_is_unproven() => Holds((answers, measured) =>
    {
        var known = answers with { AcceptableWait = answers.AcceptableWait ?? TimeSpan.FromSeconds(2) };
        var all = new Measurements
        {
            Samples = Measurements.EnoughSamples,
            FirstToken = measured.FirstToken ?? TimeSpan.FromSeconds(1),
            P95 = measured.P95 ?? TimeSpan.FromSeconds(3),
            P99 = measured.P99 ?? TimeSpan.FromSeconds(4),
        };

        DecisionRule.Judge(known, all).Fit.ShouldNotBe(Fit.Unproven);
    });

    [Fact]
    public void Too_few_samples_are_as_good_as_none() => Holds((answers, measured) =>
        DecisionRule.Judge(answers, measured with { Samples = Measurements.EnoughSamples - 1 }).ShouldBe(DecisionRule.Judge(answers, Measurements.None)));

    private static void Holds(Action<Answers, Measurements> property) => Property.Holds(Prop.ForAll(
        (from answers in AnyAnswers from measured in AnyMeasurements select (answers, measured)).ToArbitrary(),
        both => property(both.answers, both.measured)));

    private static Gen<T> Any<T>() where T : struct, Enum => Gen.Elements(Enum.GetValues<T>());

    private static Gen<T?> OrNone<T>(Gen<T> some) where T : struct => Gen.OneOf(some.Select(value => (T?)value), Gen.Constant<T?>(null));
}
