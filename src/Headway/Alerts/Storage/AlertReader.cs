using Headway.Storage;

namespace Headway.Alerts.Storage;

/// <summary>Reads alerts.</summary>
internal static class AlertReader
{
    private const long Most = Look.MostThere;

    private static readonly Sql Select = Sql.At("Alerts/Storage/SelectAlerts");
    private static readonly Sql There = Sql.Of("Alerts/Storage/SelectAlerts that are there", Select.Text + " WHERE ended IS NULL ORDER BY kind, what LIMIT $1");
    private static readonly Sql Lately = Sql.Of("Alerts/Storage/SelectAlerts that ended lately", Select.Text + " WHERE ended > $1 ORDER BY ended DESC LIMIT $2");
    private static readonly Sql One = Sql.Of("Alerts/Storage/SelectAlerts by id", Select.Text + " WHERE id = $1");

    // Newest first, along the primary key.
    private static readonly Sql Page = Sql.Of("Alerts/Storage/SelectAlerts of a page",
        Select.Text + " WHERE id < $1 AND (kind = $2 OR $3 = 1) AND (state = $4 OR state = $5 OR state = $6) ORDER BY id DESC LIMIT $7");

    private static readonly JobId Last = JobId.FromBytes([.. Enumerable.Repeat((byte)0xFF, 16)]);

    /// <summary>Those that are there, and those that were over since then.</summary>
    public static async ValueTask<IReadOnlyList<Alert>> KnownAsync(Session session, long since)
    {
        var known = await AllAsync(session.Use(There).Bind(1, Most)).ConfigureAwait(false);
        known.AddRange(await AllAsync(session.Use(Lately).Bind(1, since).Bind(2, Most)).ConfigureAwait(false));
        return known;
    }

    public static async ValueTask<Alert?> FindAsync(Session session, AlertId id) => (await AllAsync(session.Use(One).Bind(1, id.Place)).ConfigureAwait(false)).SingleOrDefault();

    /// <summary>Newest first; up to one more than the limit: then there is a further page.</summary>
    /// <param name="kind">Null: of every kind.</param>
    public static async ValueTask<IReadOnlyList<Alert>> PageAsync(Session session, IReadOnlyList<AlertState> states, string? kind, AlertId? before, int limit) => await AllAsync(session.Use(Page)
        .Bind(1, before?.Place ?? Last).Bind(2, kind ?? "").Bind(3, kind is null ? 1L : 0L)
        .Bind(4, Wanted(states, AlertState.Open)).Bind(5, Wanted(states, AlertState.Acknowledged)).Bind(6, Wanted(states, AlertState.Over)).Bind(7, limit + 1L)).ConfigureAwait(false);

    private static long Wanted(IReadOnlyList<AlertState> states, AlertState one) => states.Contains(one) ? (long)one : -1;

    private static async ValueTask<List<Alert>> AllAsync(Statement select)
    {
        var alerts = new List<Alert>();
        using (select)
        {
            while (await select.StepAsync().ConfigureAwait(false)) alerts.Add(Read(select));
        }
        return alerts;
    }

    private static Alert Read(Statement row) => new()
    {
        Id = new AlertId(row.JobId(0).Value),
        Kind = row.Text(1)!,
        What = row.Text(2)!,
        Feature = row.Text(3),
        Reason = row.Text(4),
        State = (AlertState)row.Int64(5),
        Amount = row.Int64(6),
        Threshold = row.Int64(7),
        Opened = row.Int64(8),
        Seen = row.Int64(9),
        Missed = row.Int64OrNull(10),
        Ended = row.Int64OrNull(11),
        Times = row.Int32(12),
        Acknowledgement = row.IsNull(13) ? null : new Acknowledgement(row.Int64(13), row.Text(14)!, row.Text(15), row.Int64(16)),
        Told = (Told)row.Int64(17),
        ToldAt = row.Int64OrNull(18),
    };
}
