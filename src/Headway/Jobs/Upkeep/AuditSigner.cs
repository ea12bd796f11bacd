using Headway.Audit.Checkpoints;

namespace Headway.Jobs.Upkeep;

/// <summary>Signs the end of the audit chain, and ships what was signed. It tells of that in the log itself.</summary>
internal sealed class AuditSigner(CheckpointMaker checkpoints) : Duty
{
    public override TimeSpan Every => CheckpointMaker.Every;

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        await checkpoints.RunOnceAsync().ConfigureAwait(false);
        return DutyReport.Nothing;
    }
}
