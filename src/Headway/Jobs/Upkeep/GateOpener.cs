using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Upkeep;

/// <summary>Opens the gates of jobs while no tenant has limits: who claims then does not look behind any.</summary>
/// <remarks>A duty, and not only done when the limits go: a call that met them may be written after that, and another node may still accept by the file as it was.</remarks>
internal sealed class GateOpener(Database database, JobNews news, TenantTerms tenants) : Duty
{
    // A database of one writer does nothing else meanwhile.
    private const int Batch = 1_000;
    private static readonly Sql AnyGate = Sql.At("Jobs/Storage/AnyGate");

    // How late a job may start that was accepted by limits that are gone.
    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        if (tenants.AnyLimits) return DutyReport.Nothing;
        var any = database.Read(async session =>
        {
            using var gate = session.Use(AnyGate);
            return await gate.StepAsync().ConfigureAwait(false);
        });
        if (!any) return DutyReport.Nothing;
        var pools = await database.WriteAsync(new OpenGates(Batch, tenants.WeightOf)).ConfigureAwait(false);
        foreach (var pool in pools.Distinct()) news.Queued(pool);
        return pools.Count == 0 ? DutyReport.Nothing : new DutyReport($"{pools.Count} jobs of tenants that had limits are claimed like all others", More: pools.Count == Batch);
    }
}
