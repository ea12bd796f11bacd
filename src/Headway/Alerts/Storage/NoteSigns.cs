using Headway.Alerts.Signs;
using Headway.Storage;

namespace Headway.Alerts.Storage;

/// <summary>Writes what a look made of the alerts, and puts what receivers are to be told into the outbox.</summary>
/// <remarks>
/// Invariant: a telling is put into the outbox by the transaction that writes that it was told, and all such transactions of all nodes come one after the other. So each
/// state is told once, however many nodes look at the same time; what a node decided on older rows is decided again here.
/// </remarks>
internal sealed class NoteSigns(IReadOnlyList<Sign> signs, Receivers receivers, DateTimeOffset at) : Write<Noted>
{
    private static readonly Sql Insert = Sql.At("Alerts/Storage/InsertAlert");
    private static readonly Sql Update = Sql.At("Alerts/Storage/UpdateAlert");

    public static readonly Claim AllAlerts = new("alerts", "all", OnEveryNode: true);

    internal override IReadOnlyList<Claim> Claims => [AllAlerts];

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<Noted> ApplyAsync(Session session)
    {
        var now = at.ToUnixTimeMilliseconds();
        var known = await AlertReader.KnownAsync(session, now - (long)AlertRule.LookedAtFor.TotalMilliseconds).ConfigureAwait(false);
        var looked = Look.At(known, signs, at);
        var told = await receivers.TellAsync(session, [.. looked.Select(one => one.After).Where(alert => receivers.Wants(alert, now))], at).ConfigureAwait(false);
        var after = told.ToDictionary(alert => alert.Id);
        foreach (var one in looked.Select(one => one with { After = after.GetValueOrDefault(one.After.Id, one.After) }).Where(one => one.IsChanged))
        {
            if (one.Before is null) Open(session, one.After);
            else Change(session, one.After);
        }
        return new Noted([.. looked.Where(one => one.Opens).Select(one => one.After)], [.. looked.Where(one => one.Ends).Select(one => one.After)], told.Count > 0);
    }

    private static void Open(Session session, Alert alert) => session.Use(Insert)
        .Bind(1, alert.Id.Place).Bind(2, alert.Kind).Bind(3, alert.What).Bind(4, alert.Feature).Bind(5, alert.Reason).Bind(6, alert.Amount).Bind(7, alert.Threshold)
        .Bind(8, alert.Opened).Bind(9, alert.Seen).Bind(10, (long)alert.Told).Bind(11, alert.ToldAt)
        .Send();

    /// <summary>In a transaction that holds <see cref="AllAlerts"/>.</summary>
    public static void Change(Session session, Alert alert) => session.Use(Update)
        .Bind(1, alert.Reason).Bind(2, (long)alert.State).Bind(3, alert.Amount).Bind(4, alert.Threshold).Bind(5, alert.Seen).Bind(6, alert.Missed).Bind(7, alert.Ended).Bind(8, alert.Times)
        .Bind(9, alert.Acknowledgement?.At).Bind(10, alert.Acknowledgement?.Actor).Bind(11, alert.Acknowledgement?.Note).Bind(12, alert.Acknowledgement?.Amount)
        .Bind(13, (long)alert.Told).Bind(14, alert.ToldAt).Bind(15, alert.Id.Place)
        .Send();
}

/// <summary>What came of a look.</summary>
/// <param name="Told">Something was put into the outbox.</param>
internal sealed record Noted(IReadOnlyList<Alert> Opened, IReadOnlyList<Alert> Ended, bool Told);
