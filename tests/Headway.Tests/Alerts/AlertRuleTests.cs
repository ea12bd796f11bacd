using Headway.Alerts;
using Headway.Alerts.Signs;

namespace Headway.Tests.Alerts;

/// <summary>What becomes of an alert, look by look, in a time of its own.</summary>
public sealed class AlertRuleTests
{
    private static readonly Sign Dead = new(AlertKinds.DeadLetters, "work", 4, 1);

    private DateTimeOffset _at = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private List<Alert> _known = [];
    private readonly List<(DateTimeOffset At, string What)> _told = [];

    private long Now => _at.ToUnixTimeMilliseconds();

    /// <summary>One look, ten seconds after the one before.</summary>
    private Alert Look(params Sign[] signs)
    {
        _at += TimeSpan.FromSeconds(10);
        var after = Headway.Alerts.Look.At(_known, signs, _at).Select(one => one.After).ToList();
        for (var i = 0; i < after.Count; i++)
        {
            if (AlertRule.Tells(after[i], Now) is not { } what) continue;
            _told.Add((_at, what));
            after[i] = AlertRule.AsTold(after[i], Now);
        }
        _known = after;
        return after[0];
    }

    private Alert LookFor(TimeSpan time, params Sign[] signs)
    {
        var (end, last) = (_at + time, (Alert?)null);
        while (_at < end) last = Look(signs);
        return last!;
    }

    private void Acknowledge() => _known = [_known[0] with { State = AlertState.Acknowledged, Acknowledgement = new Acknowledgement(Now, "ops", null, _known[0].Amount) }];

    private string[] Told => [.. _told.Select(told => told.What)];

    [Fact]
    public void It_is_over_when_it_was_not_seen_for_a_minute_and_no_sooner()
    {
        Look(Dead).State.ShouldBe(AlertState.Open);
        LookFor(TimeSpan.FromSeconds(60)).State.ShouldBe(AlertState.Open);
        Look(Dead).Missed.ShouldBeNull();
        LookFor(TimeSpan.FromSeconds(60)).State.ShouldBe(AlertState.Open);
        Look().State.ShouldBe(AlertState.Over);
        Told.ShouldBe(["alert.opened"], "that it is over is told a while after it was told open");
        LookFor(TimeSpan.FromMinutes(5));
        Told.ShouldBe(["alert.opened", "alert.over"]);
    }

    [Fact]
    public void What_comes_back_within_minutes_is_the_same_alert_and_later_it_is_another()
    {
        var first = Look(Dead).Id;
        LookFor(TimeSpan.FromMinutes(9));
        Look(Dead).ShouldSatisfyAllConditions(alert => alert.Id.ShouldBe(first), alert => alert.Times.ShouldBe(1), alert => alert.Ended.ShouldBeNull());
        LookFor(TimeSpan.FromMinutes(12));
        Look(Dead);
        _known.Count(alert => alert.State is AlertState.Open).ShouldBe(1);
        _known.Single(alert => alert.State is AlertState.Open).Id.ShouldNotBe(first);
    }

    [Fact]
    public void What_comes_and_goes_within_minutes_is_told_once()
    {
        Look(Dead);
        LookFor(TimeSpan.FromSeconds(90));
        _known[0].State.ShouldBe(AlertState.Over);
        LookFor(TimeSpan.FromMinutes(1), Dead);
        LookFor(TimeSpan.FromSeconds(90));
        LookFor(TimeSpan.FromMinutes(10), Dead);
        Told.ShouldBe(["alert.opened"]);
    }

    [Fact]
    public void A_day_of_flapping_is_told_at_most_once_an_hour_in_the_long_run()
    {
        for (var end = _at.AddDays(1); _at < end;)
        {
            LookFor(TimeSpan.FromMinutes(4), Dead);
            LookFor(TimeSpan.FromMinutes(4));
        }
        _known.Count.ShouldBe(1);
        _told.Count.ShouldBeInRange(2, 30);
        _told.Zip(_told.Skip(1)).ShouldAllBe(pair => pair.Second.At - pair.First.At >= AlertRule.Quiet);
        _told.Zip(_told.Skip(1)).ShouldAllBe(pair => pair.First.What != pair.Second.What, "nobody is told what he knows");
    }

    [Fact]
    public void What_was_told_last_becomes_true_or_is_corrected()
    {
        Look(Dead);
        LookFor(TimeSpan.FromMinutes(7));
        Told.ShouldBe(["alert.opened", "alert.over"]);
        LookFor(TimeSpan.FromMinutes(20), Dead);
        Told.ShouldBe(["alert.opened", "alert.over", "alert.opened"]);
    }

    [Fact]
    public void What_nobody_acknowledges_is_told_again_once_a_day()
    {
        LookFor(TimeSpan.FromDays(3) + TimeSpan.FromMinutes(1), Dead);
        Told.ShouldBe(["alert.opened", "alert.reminder", "alert.reminder", "alert.reminder"]);
    }

    [Fact]
    public void An_acknowledged_one_is_quiet_until_it_is_over()
    {
        Look(Dead);
        Acknowledge();
        LookFor(TimeSpan.FromDays(3), Dead with { Amount = 7 }).State.ShouldBe(AlertState.Acknowledged);
        Told.ShouldBe(["alert.opened"]);
        LookFor(TimeSpan.FromMinutes(2));
        Told.ShouldBe(["alert.opened", "alert.over"]);
    }

    [Fact]
    public void An_acknowledged_one_that_doubles_is_open_again()
    {
        Look(Dead);
        Acknowledge();
        LookFor(TimeSpan.FromHours(1), Dead);
        Look(Dead with { Amount = 8 }).ShouldSatisfyAllConditions(alert => alert.State.ShouldBe(AlertState.Open), alert => alert.Acknowledgement.ShouldBeNull());
        Told.ShouldBe(["alert.opened", "alert.opened"]);
        LookFor(TimeSpan.FromMinutes(7));
        Told[^1].ShouldBe("alert.over");
    }

    [Fact]
    public void One_that_doubles_and_ends_before_that_is_told_is_told_as_over()
    {
        Look(Dead);
        Acknowledge();
        Look(Dead with { Amount = 8 });
        LookFor(TimeSpan.FromMinutes(6));
        Told.ShouldBe(["alert.opened", "alert.over"]);
    }

    [Fact]
    public void An_acknowledgement_holds_as_long_as_nobody_was_told_that_it_is_over()
    {
        Look(Dead);
        Acknowledge();
        LookFor(TimeSpan.FromSeconds(90));
        _known[0].State.ShouldBe(AlertState.Over);
        Look(Dead).State.ShouldBe(AlertState.Acknowledged);

        LookFor(TimeSpan.FromMinutes(9));
        Told.ShouldBe(["alert.opened", "alert.over"]);
        LookFor(TimeSpan.FromMinutes(25), Dead).State.ShouldBe(AlertState.Open);
        Told[^1].ShouldBe("alert.opened");
    }

    [Fact]
    public void A_look_that_finds_nothing_new_changes_nothing()
    {
        var before = LookFor(TimeSpan.FromMinutes(2), Dead);
        var now = _at.AddSeconds(10);
        Headway.Alerts.Look.At(_known, [Dead], now).ShouldHaveSingleItem().IsChanged.ShouldBeFalse();
        AlertRule.After(before, Dead with { Amount = 5 }, before.Seen + 1_000).ShouldBe(before, "an amount that grows is written once a minute");
    }

    [Fact]
    public void Thousands_at_once_open_in_portions_and_are_bounded()
    {
        var signs = Enumerable.Range(0, 7_000).Select(number => new Sign(AlertKinds.DeadLetters, $"feature-{number:0000}", 1, 1)).ToArray();
        Look(signs);
        _known.Count.ShouldBe(Headway.Alerts.Look.MostNew);
        for (var i = 0; i < 20; i++) Look(signs);
        _known.Count.ShouldBe(Headway.Alerts.Look.MostThere);
    }
}
