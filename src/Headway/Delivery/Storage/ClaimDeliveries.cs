using Headway.Storage;

namespace Headway.Delivery.Storage;

/// <summary>Claims what is due for an endpoint, unless it is to be left alone; of one that is down a single delivery, as a probe.</summary>
/// <param name="print">Of its address and secret as this node has them.</param>
/// <param name="until">By then it is marked, or anybody may send it again.</param>
internal sealed class ClaimDeliveries(string endpoint, byte[] print, string node, int limit, long until, long now) : Write<IReadOnlyList<ClaimedDelivery>>
{
    private static readonly Sql Next = Sql.At("Delivery/Storage/ClaimDeliveries");
    private static readonly Sql Probe = Sql.At("Delivery/Storage/TakeProbe");
    private static readonly Sql Forget = Sql.At("Delivery/Storage/ForgetTrouble");

    internal override IReadOnlyList<Claim> Claims => [new Claim("endpoint", endpoint)];

    internal override bool FindsItsJobs => true;

    internal override Writer Writer => Writer.Claims;

    protected override async ValueTask<IReadOnlyList<ClaimedDelivery>> ApplyAsync(Session session)
    {
        var known = await EndpointRow.ReadAsync(session, endpoint).ConfigureAwait(false);
        if (!known.MaySend(print, now)) return [];
        if (known.Disabled is not null) session.Use(Forget).Bind(1, endpoint).Send();
        else if (known.IsOpen && await session.Use(Probe).Bind(1, until).Bind(2, endpoint).Bind(3, now).ExecuteAsync().ConfigureAwait(false) == 0) return [];
        var claimed = new List<ClaimedDelivery>();
        using var next = session.Use(Next).Bind(1, until).Bind(2, node).Bind(3, endpoint).Bind(4, now).Bind(5, known.IsOpen && known.Disabled is null ? 1 : limit);
        while (await next.StepAsync().ConfigureAwait(false)) claimed.Add(ClaimedDelivery.Read(next, endpoint, until));
        return claimed;
    }
}

/// <summary>A delivery that this node may send, and nobody else until a moment.</summary>
/// <param name="Job">Null: a test, or an alert.</param>
/// <param name="Attempt">The fence.</param>
/// <param name="Tries">Since it was last replayed, this one counted.</param>
/// <param name="Until">Milliseconds since 1970.</param>
internal sealed record ClaimedDelivery(DeliveryId Id, string Tenant, JobId? Job, string Endpoint, string Event, long Created, int Attempt, int Tries, long Until)
{
    /// <summary>Sent once, by whoever asked for it.</summary>
    public const string Test = "test";

    public bool IsTest => Event == Test;

    public bool IsAlert => Job is null && !IsTest;

    public static ClaimedDelivery Read(Statement row, string endpoint, long until) =>
        new(new DeliveryId(row.JobId(0).Value), row.Text(1)!, row.IsNull(2) ? null : row.JobId(2), endpoint, row.Text(3)!, row.Int64(4), row.Int32(5), row.Int32(6), until);
}
