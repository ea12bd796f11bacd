using Headway.Audit.Chain;
using Headway.Audit.Checkpoints;
using Headway.Storage;

namespace Headway.Audit.Retention;

/// <summary>Says up to which checkpoint events are dropped, and tells of it. From then on the chain begins there, whatever still lies before.</summary>
internal sealed class SealSegment(Checkpoint end, TimeSpan keep, SigningKey key, string node, DateTimeOffset now) : Write<bool>
{
    private static readonly Sql Add = Sql.At("Audit/Retention/AddSegment");

    internal override IReadOnlyList<Claim> Claims => [ChainHead.Claim];

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        if (await Segment.ReadAsync(session).ConfigureAwait(false) is { } before && before.Last >= end.Seq) return false;
        var at = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        session.Use(Add).Bind(1, end.Seq).Bind(2, end.Hash).Bind(3, at.ToUnixTimeMilliseconds()).Bind(4, (long)keep.TotalMilliseconds).Bind(5, key.Id)
            .Bind(6, key.Sign(Segment.Words(key.Chain, end.Seq, end.Hash, at, keep))).Send();
        // It also keeps the newest number of the events in use: one that came again would be taken for chained.
        AuditTrail.Begin(session, Told(at), at.ToUnixTimeMilliseconds());
        return true;
    }

    private AuditEvent Told(DateTimeOffset at) => new()
    {
        Action = AuditActions.Pruned,
        Job = JobId.New(at),
        Tenant = "default",
        Actor = node,
        Purpose = AuditPurposes.Audit,
        Data = Features.DataClass.Internal,
        Node = node,
        Outcome = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"up to link {end.Seq} of {end.At.UtcDateTime:yyyy-MM-dd}"),
    };
}

/// <summary>Drops some of a sealed segment.</summary>
/// <param name="upto">The last link that goes.</param>
/// <param name="before">No event of this time or later goes, in milliseconds since 1970.</param>
internal sealed class DropEvents(long upto, long before) : Write<bool>
{
    private static readonly Sql Drop = Sql.At("Audit/Retention/DropEvents");

    internal override IReadOnlyList<Claim> Claims => [ChainHead.Claim];

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        session.Use(Drop).Bind(1, upto).Bind(2, before).Send();
        return true;
    }
}

/// <summary>Tells a database on a server that its owner keeps events for less than six years.</summary>
internal sealed class KeepAtLeast(TimeSpan keep) : Write<bool>
{
    private static readonly Sql Keep = Sql.At("Audit/Retention/KeepAtLeast");

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        session.Use(Keep).Bind(1, (long)keep.TotalMilliseconds).Send();
        return true;
    }
}
