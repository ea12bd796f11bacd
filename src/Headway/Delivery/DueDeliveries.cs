using Headway.Delivery.Sending;
using Headway.Delivery.Storage;
using Headway.Jobs.Upkeep;
using Headway.Storage;

namespace Headway.Delivery;

/// <summary>Looks for deliveries whose time has come, and for those of which nobody told this node.</summary>
internal sealed class DueDeliveries(Database database, Deliveries deliveries) : Duty
{
    private static readonly Sql Due = Sql.At("Delivery/Storage/DueEndpoints");

    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var at = database.Now;
        var due = await database.ReadAsync(async session =>
        {
            var names = new List<string>();
            using var read = session.Use(Due).Bind(1, at);
            while (await read.StepAsync().ConfigureAwait(false)) names.Add(read.Text(0)!);
            return names;
        }).ConfigureAwait(false);
        // What is sent is told where it is sent.
        foreach (var name in due) deliveries.Look(name);
        foreach (var name in due.Where(name => deliveries.EndpointOf(name) is null)) await deliveries.GiveUpUnregisteredAsync(name).ConfigureAwait(false);
        return DutyReport.Nothing;
    }
}

/// <summary>Puts back what was claimed by a node that is gone, and tells that it may have been sent. Takes away tests and alerts that are over.</summary>
internal sealed class ClaimRescuer(Database database, Deliveries deliveries) : Duty
{
    private const int Batch = 200;

    // Of alerts, too: what could not be told within a week is no news.
    private static readonly TimeSpan TestsKept = TimeSpan.FromDays(7);
    private static readonly Sql Lapsed = Sql.At("Delivery/Storage/FindLapsed");

    private sealed record LapsedClaim(ClaimedDelivery Claim, string? Node);

    public override TimeSpan Every => TimeSpan.FromSeconds(5);

    public override Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop) => RescueAsync(database.Now);

    /// <summary>At the start on a file: whoever held it before is gone.</summary>
    public async Task RescueAllAsync()
    {
        while ((await RescueAsync(long.MaxValue).ConfigureAwait(false)).More)
        {
        }
    }

    private async Task<DutyReport> RescueAsync(long before)
    {
        var now = database.Now;
        var lapsed = await database.ReadAsync(session => FindAsync(session, before)).ConfigureAwait(false);
        var rescued = 0;
        foreach (var (claim, node) in lapsed.Select(one => (one.Claim, one.Node)))
        {
            // It comes again at once, and is no try of the receiver's. Tests are nobody's any more.
            var tried = new TryRecord { Started = claim.Until - (long)Deliveries.ClaimFor.TotalMilliseconds, Ended = now, Node = node, Outcome = Outcomes.Lost, Due = claim.IsTest ? null : now, Tries = Math.Max(claim.Tries - 1, 0) };
            if (await database.WriteAsync(new MarkDelivery(claim, tried, deliveries.TellLost(claim))).ConfigureAwait(false)) rescued++;
        }
        var old = now - (long)TestsKept.TotalMilliseconds;
        var tests = (await database.ReadAsync(session => PruneTests.FindAsync(session, old, 1)).ConfigureAwait(false)).Count == 0 ? 0 : await database.WriteAsync(new PruneTests(old, Batch)).ConfigureAwait(false);
        return new DutyReport(rescued == 0 ? null : $"{rescued} deliveries of a node that is gone are sent again", More: (lapsed.Count == Batch && rescued > 0) || tests == Batch);
    }

    private static async ValueTask<IReadOnlyList<LapsedClaim>> FindAsync(Session session, long before)
    {
        var lapsed = new List<LapsedClaim>();
        using var find = session.Use(Lapsed).Bind(1, before).Bind(2, Batch);
        while (await find.StepAsync().ConfigureAwait(false))
        {
            lapsed.Add(new LapsedClaim(
                new ClaimedDelivery(new DeliveryId(find.JobId(0).Value), find.Text(1)!, find.IsNull(2) ? null : find.JobId(2), find.Text(3)!, find.Text(4)!, find.Int64(5), find.Int32(6), find.Int32(7), find.Int64(8)),
                find.Text(9)));
        }
        return lapsed;
    }
}
