using System.Text;
using Headway.Audit;
using Headway.Storage;

namespace Headway.Delivery.Storage;

/// <summary>Writes what became of one try, tells the audit trail, and what it says of the endpoint. False: the claim had lapsed, and the delivery is somebody else's.</summary>
/// <remarks>Invariant: a delivery is marked by the claim that sent it or by nobody, and `delivered` is told in the transaction that marks it.</remarks>
/// <param name="told">Null: nothing left this machine, or it tells of no job.</param>
internal sealed class MarkDelivery(ClaimedDelivery claim, TryRecord tried, AuditEvent? told) : Write<bool>
{
    private static readonly Sql Delivered = Sql.At("Delivery/Storage/MarkDelivered");
    private static readonly Sql Failed = Sql.At("Delivery/Storage/MarkFailed");
    private static readonly Sql Attempt = Sql.At("Delivery/Storage/InsertDeliveryAttempt");
    private static readonly Sql Works = Sql.At("Delivery/Storage/EndpointWorks");
    private static readonly Sql Fails = Sql.At("Delivery/Storage/EndpointFails");
    private static readonly Sql Hold = Sql.At("Delivery/Storage/HoldEndpoint");
    private static readonly Sql Disable = Sql.At("Delivery/Storage/DisableEndpoint");
    private static readonly Sql Lock = Sql.At("Delivery/Storage/LockEndpoints");

    internal override IReadOnlyList<Claim> Claims => claim.Job is { } job ? [Claim.On(job), new Claim("delivery", claim.Id)] : [new Claim("delivery", claim.Id)];

    // As long as all goes well nothing is written of the endpoint, and nobody waits for anybody.
    internal override RowLock? LocksFirst => tried.IsDelivered ? null : new RowLock(Lock, null, Encoding.UTF8.GetBytes(claim.Endpoint));

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        var mine = tried.IsDelivered
            ? session.Use(Delivered).Bind(1, tried.Ended).Bind(2, claim.Id.Place).Bind(3, claim.Attempt)
            : session.Use(Failed).Bind(1, (long)(tried.Due is null ? DeliveryState.Dead : DeliveryState.Pending)).Bind(2, tried.Due ?? tried.Ended).Bind(3, tried.Tries)
                .Bind(4, tried.Due is null ? tried.Ended : null).Bind(5, claim.Id.Place).Bind(6, claim.Attempt);
        if (await mine.ExecuteAsync().ConfigureAwait(false) == 0) return false;
        session.Use(Attempt).Bind(1, claim.Id.Place).Bind(2, claim.Attempt).Bind(3, tried.Started).Bind(4, tried.Ended - tried.Started).Bind(5, tried.Node).Bind(6, tried.Outcome).Bind(7, tried.Status).Bind(8, claim.Endpoint).Send();
        if (told is not null) AuditTrail.Append(session, told, tried.Ended);
        if (tried.IsDelivered || tried.Answers) session.Use(Works).Bind(1, claim.Endpoint).Send();
        if (tried.CountsAgainst) session.Use(Fails).Bind(1, claim.Endpoint).Bind(2, Breaker.Threshold).Bind(3, tried.Ended + (long)Breaker.Pause.TotalMilliseconds).Send();
        if (tried.HoldUntil is { } until) session.Use(Hold).Bind(1, claim.Endpoint).Bind(2, until).Send();
        if (tried.Disables is { } print) session.Use(Disable).Bind(1, claim.Endpoint).Bind(2, tried.Ended).Bind(3, print).Send();
        return true;
    }
}

/// <summary>What became of one try. Times are milliseconds since 1970.</summary>
internal sealed record TryRecord
{
    public required long Started { get; init; }
    public required long Ended { get; init; }
    public required string? Node { get; init; }
    public required string Outcome { get; init; }
    public int? Status { get; init; }

    /// <summary>When it is tried again; null: never, it is delivered or given up.</summary>
    public long? Due { get; init; }

    /// <summary>That count along the schedule.</summary>
    public int Tries { get; init; }

    /// <summary>A sign that the receiver is down.</summary>
    public bool CountsAgainst { get; init; }

    /// <summary>The receiver is there: it did not want this one, which says nothing of the next.</summary>
    public bool Answers { get; init; }

    /// <summary>Until when the receiver wants nothing.</summary>
    public long? HoldUntil { get; init; }

    /// <summary>The print of the address and secret that get nothing any more.</summary>
    public byte[]? Disables { get; init; }

    public bool IsDelivered => Outcome == Outcomes.Delivered;
}
