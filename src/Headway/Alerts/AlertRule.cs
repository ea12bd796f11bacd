using Headway.Alerts.Signs;

namespace Headway.Alerts;

/// <summary>What becomes of an alert as its sign is seen or not, and when receivers are told. Decides and does nothing.</summary>
/// <remarks>
/// Invariant: receivers are told of states and not of changes. An alert remembers what they know; what is true and what they know is made the same again, but no
/// sooner than a while after they were last told. So what comes and goes within that while is told once, and what they were told last becomes true, or is corrected.
/// </remarks>
internal static class AlertRule
{
    /// <summary>Not seen for so long it is over: six looks, so that one which fell between two retries or two claims ends nothing.</summary>
    public static readonly TimeSpan OverAfter = TimeSpan.FromMinutes(1);

    /// <summary>What comes back within this is the same alert: a deploy or a restart in between is no new trouble.</summary>
    public static readonly TimeSpan SameWithin = TimeSpan.FromMinutes(10);

    /// <summary>Between two tellings of one alert. Each time it comes back that is twice as long, up to <see cref="LongestQuiet"/>.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(5);

    /// <summary>Whoever sleeps through an hour of flapping reads of it once.</summary>
    public static readonly TimeSpan LongestQuiet = TimeSpan.FromHours(1);

    /// <summary>What is open and nobody has acknowledged is told again once a day: often enough that it is not forgotten, and seldom enough to be read.</summary>
    public static readonly TimeSpan RemindAfter = TimeSpan.FromHours(24);

    /// <summary>An end that could not be told for so long is no news. Alerts that ended before are not looked at any more.</summary>
    public static readonly TimeSpan LookedAtFor = TimeSpan.FromHours(2);

    /// <summary>An acknowledged alert that grew to this many times of what was acknowledged is another matter. It can say so only a few times: each takes twice as much.</summary>
    private const int Worse = 2;

    // An amount that grows with each look, as ages do, is not written with each look.
    private static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(1);

    /// <summary>As it is after a look. The same: nothing is to be written.</summary>
    /// <param name="sign">Null: it was not seen.</param>
    public static Alert After(Alert alert, Sign? sign, long now)
    {
        if (sign is null) return Missing(alert, now);
        if (alert.State is AlertState.Over) return Again(alert, sign, now);
        if (alert.Acknowledgement is { } accepted && alert.State is AlertState.Acknowledged && sign.Amount >= accepted.Amount * Worse)
            return Noted(alert, sign, now) with { State = AlertState.Open, Acknowledgement = null, Told = alert.Told is Told.Open ? Told.Less : alert.Told };
        var isOther = alert.Amount != sign.Amount || alert.Threshold != sign.Threshold || alert.Reason != sign.Reason;
        return alert.Missed is not null || (isOther && now - alert.Seen >= NotedEvery.TotalMilliseconds) ? Noted(alert, sign, now) : alert;
    }

    /// <summary>Whether what is seen now is an alert that was over, come back.</summary>
    public static bool IsSame(Alert over, long now) => over.Ended is { } ended && now - ended <= SameWithin.TotalMilliseconds;

    /// <summary>Of what receivers are to be told now. Null: nothing.</summary>
    public static string? Tells(Alert alert, long now)
    {
        if (alert.ToldAt is { } last && now - last < QuietOf(alert).TotalMilliseconds) return null;
        return alert.State switch
        {
            AlertState.Open when alert.Told is not Told.Open => AlertEvents.Opened,
            AlertState.Open when now - alert.ToldAt >= RemindAfter.TotalMilliseconds => AlertEvents.Reminder,
            // Who was never told that it began need not hear that it ended.
            AlertState.Over when alert.Told is Told.Open or Told.Less => AlertEvents.Over,
            _ => null,
        };
    }

    /// <summary>As it is when they have been told.</summary>
    public static Alert AsTold(Alert alert, long now) => alert with { Told = alert.State is AlertState.Over ? Told.Over : Told.Open, ToldAt = now };

    private static Alert Missing(Alert alert, long now)
    {
        if (alert.State is AlertState.Over) return alert;
        if (alert.Missed is not { } missed) return alert with { Missed = now };
        return now - missed >= OverAfter.TotalMilliseconds ? alert with { State = AlertState.Over, Ended = now } : alert;
    }

    // An acknowledgement holds until they were told that it is over: from then on somebody believes that all is well.
    private static Alert Again(Alert alert, Sign sign, long now)
    {
        var keeps = alert.Acknowledgement is not null && alert.Told is not Told.Over;
        return Noted(alert, sign, now) with
        {
            State = keeps ? AlertState.Acknowledged : AlertState.Open,
            Acknowledgement = keeps ? alert.Acknowledgement : null,
            Ended = null,
            Times = alert.Times + 1,
        };
    }

    private static Alert Noted(Alert alert, Sign sign, long now) => alert with { Amount = sign.Amount, Threshold = sign.Threshold, Reason = sign.Reason, Seen = now, Missed = null };

    private static TimeSpan QuietOf(Alert alert)
    {
        // More doublings than this are beyond the longest in any case.
        var quiet = Quiet * Math.Pow(2, Math.Min(alert.Times, 10));
        return quiet < LongestQuiet ? quiet : LongestQuiet;
    }
}

/// <summary>What receivers are told.</summary>
internal static class AlertEvents
{
    public const string Opened = "alert.opened";
    public const string Over = "alert.over";
    public const string Reminder = "alert.reminder";

    /// <summary>Several at once: more than a receiver gets one by one.</summary>
    public const string Digest = "alert.digest";
}
