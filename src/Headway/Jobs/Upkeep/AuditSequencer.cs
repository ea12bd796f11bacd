using Headway.Audit.Chain;

namespace Headway.Jobs.Upkeep;

/// <summary>Chains the audit events that were told since it last looked.</summary>
internal sealed class AuditSequencer(ChainSequencer chain) : Duty
{
    // So far the chain may be behind.
    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop) => new(null, (await chain.RunOnceAsync().ConfigureAwait(false)).More);
}
