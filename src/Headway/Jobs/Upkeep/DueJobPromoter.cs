using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Upkeep;

/// <summary>Makes scheduled jobs claimable when their time has come: start times, retries, snoozes.</summary>
internal sealed class DueJobPromoter(Database database, Claimer claimer) : Duty
{
    private const int Batch = 1_000;
    private static readonly Sql AnyDue = Sql.At("Jobs/Storage/AnyDue");

    // How late a retry may start; a look costs a read, a write only follows if something is due.
    public override TimeSpan Every => TimeSpan.FromMilliseconds(100);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var at = now.ToUnixTimeMilliseconds();
        var due = database.Read(session =>
        {
            using var any = session.Use(AnyDue).Bind(1, at);
            return any.Step();
        });
        if (!due) return DutyReport.Nothing;
        var pools = await database.WriteAsync(new PromoteDue(at, Batch)).ConfigureAwait(false);
        foreach (var pool in pools.Distinct()) claimer.Wake(pool);
        return new DutyReport(null, More: pools.Count == Batch);
    }
}
