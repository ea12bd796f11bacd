using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Upkeep;

/// <summary>Makes scheduled jobs claimable when their time has come: start times, retries, snoozes, and the ends of what is waited for.</summary>
internal sealed class DueJobPromoter(Database database, JobNews news, TenantTerms tenants) : Duty
{
    private const int Batch = 1_000;
    private static readonly Sql AnyDue = Sql.At("Jobs/Storage/AnyDue");
    private static readonly Sql AnyAsleep = Sql.At("Jobs/Waiting/AnyAsleep");

    // How late a retry may start; a look costs a read, a write only follows if something is due.
    public override TimeSpan Every => TimeSpan.FromMilliseconds(100);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var at = now.ToUnixTimeMilliseconds();
        var (due, asleep) = database.Read(async session => (await AnyAsync(session, AnyDue, at).ConfigureAwait(false), await AnyAsync(session, AnyAsleep, at).ConfigureAwait(false)));
        var more = due && await BringAsync(new PromoteDue(at, Batch, tenants.WeightOf)).ConfigureAwait(false);
        return new DutyReport(null, More: (asleep && await BringAsync(new PromoteDue(at, Batch, tenants.WeightOf) { Waiting = true }).ConfigureAwait(false)) || more);
    }

    private static async ValueTask<bool> AnyAsync(Session session, Sql sql, long at)
    {
        using var any = session.Use(sql).Bind(1, at);
        return await any.StepAsync().ConfigureAwait(false);
    }

    private async Task<bool> BringAsync(Write<IReadOnlyList<long>> write)
    {
        var pools = await database.WriteAsync(write).ConfigureAwait(false);
        foreach (var pool in pools.Distinct()) news.Queued(pool);
        return pools.Count == Batch;
    }
}
