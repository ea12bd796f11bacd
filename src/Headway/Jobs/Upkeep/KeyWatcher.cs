using Headway.Access;

namespace Headway.Jobs.Upkeep;

/// <summary>Learns of keys that other nodes have made, changed and revoked: each look is one number.</summary>
internal sealed class KeyWatcher(KeyRing ring) : Duty
{
    public override TimeSpan Every => TimeSpan.FromSeconds(2);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop) =>
        await ring.LookAsync().ConfigureAwait(false) ? new DutyReport("keys were changed on another node") : DutyReport.Nothing;
}
