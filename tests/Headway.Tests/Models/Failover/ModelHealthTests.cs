using Headway.Features;
using Headway.Models;
using Headway.Models.Failover;

namespace Headway.Tests.Models.Failover;

public sealed class ModelHealthTests
{
    private static readonly ModelDefinition Model = Catalogs.Rehearsal("fast");
    private static readonly ModelFault Down = Faults.Unavailable(Model, "503", null, null);

    private readonly ManualTime _time = new();
    private readonly ModelHealth _health;

    public ModelHealthTests() => _health = new ModelHealth(_time);

    [Fact]
    public void Five_failures_in_a_row_leave_a_model_out_and_four_do_not()
    {
        Fail(4);
        _health.Refuses(Model).ShouldBeNull();
        Fail(1);

        var refusal = _health.Refuses(Model).ShouldNotBeNull();
        refusal.Failure.Code.ShouldBe("model-circuit-open");
        refusal.Failure.Message.ShouldContain("model-unavailable");
        refusal.NotAsked.ShouldBeTrue();
        _health.IsUp.ShouldBeFalse();
    }

    [Fact]
    public void An_answer_in_between_begins_the_count_anew()
    {
        Fail(4);
        _health.Report(null, null);
        Fail(4);

        _health.Refuses(Model).ShouldBeNull();
    }

    [Theory]
    [InlineData("content")]
    [InlineData("schema")]
    public void A_model_that_answers_badly_is_up(string what)
    {
        Fail(4);
        _health.Report(what == "content" ? Faults.ContextLength(Model, null) : Faults.Empty(Model), null);
        Fail(4);

        _health.Refuses(Model).ShouldBeNull();
    }

    [Fact]
    public void After_a_pause_one_call_goes_through_and_its_success_lets_all_through()
    {
        Fail(5);
        _time.Advance(ModelHealth.FirstPause);

        _health.IsUp.ShouldBeTrue();
        _health.Refuses(Model).ShouldBeNull();
        _health.Refuses(Model).ShouldNotBeNull();
        _health.Report(null, null);
        _health.Refuses(Model).ShouldBeNull();
    }

    [Fact]
    public void Pauses_grow_to_their_longest_and_a_probe_that_hangs_does_not_hold_up_the_next()
    {
        Fail(5);
        var probes = new List<TimeSpan>();
        var last = _time.GetUtcNow();
        for (var second = 0; second < 240; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            if (_health.Refuses(Model) is not null) continue;
            probes.Add(_time.GetUtcNow() - last);
            last = _time.GetUtcNow();
        }

        probes[..4].ShouldBe([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(16)]);
        probes[4..].ShouldAllBe(pause => pause == ModelHealth.LongestPause);
        ModelHealth.LongestPause.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_model_rests_as_long_as_its_provider_asks()
    {
        _health.Report(Faults.RateLimited(Model, TimeSpan.FromSeconds(7), null), null);

        var refusal = _health.Refuses(Model).ShouldNotBeNull();
        refusal.Failure.Code.ShouldBe("model-resting");
        refusal.Failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        _time.Advance(TimeSpan.FromSeconds(7));
        _health.Refuses(Model).ShouldBeNull();
    }

    [Fact]
    public void A_model_whose_limits_are_used_up_rests_before_it_refuses()
    {
        _health.Report(null, new UpstreamLimits { RemainingRequests = 0, RequestsReset = TimeSpan.FromSeconds(12) });
        _health.Refuses(Model).ShouldNotBeNull().Failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(12));

        _time.Advance(TimeSpan.FromSeconds(12));
        _health.Report(null, new UpstreamLimits { RemainingRequests = 3, RequestsReset = TimeSpan.FromSeconds(12), RemainingTokens = 5, TokensReset = TimeSpan.FromSeconds(9) });
        _health.Refuses(Model).ShouldBeNull();
    }

    [Fact]
    public void Repetitions_stay_below_a_fifth_and_a_floor() => Property.Check(random =>
    {
        var time = new ManualTime();
        var budget = new RetryBudget(time);
        var (calls, spent, minutes) = (0, 0, 0.0);
        for (var i = 0; i < 500; i++)
        {
            switch (random.Next(4))
            {
                case 0: budget.Earn(); calls++; break;
                case 1:
                    var step = TimeSpan.FromMilliseconds(random.Next(2_000));
                    time.Advance(step);
                    minutes += step.TotalMinutes;
                    break;
                default: if (budget.TrySpend()) spent++; break;
            }
            ((double)spent).ShouldBeLessThanOrEqualTo((calls * RetryBudget.Share) + RetryBudget.Floor + (minutes * RetryBudget.FloorPerMinute) + 0.000_001);
        }
        spent.ShouldBeGreaterThan(RetryBudget.Floor - 1);
    });

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++) _health.Report(Down, null);
    }
}
