using Headway.Access;

namespace Headway.Jobs.Upkeep;

/// <summary>Writes down who called which version, and when keys were last used; forgets consumers that call no more.</summary>
internal sealed class UseTeller(AccessDesk access) : Duty
{
    public override TimeSpan Every => TimeSpan.FromSeconds(15);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        await access.Ring.NoteUsesAsync().ConfigureAwait(false);
        await access.Consumers.TellAsync().ConfigureAwait(false);
        return new DutyReport(null, More: await access.Consumers.ForgetAsync().ConfigureAwait(false) > 0);
    }
}
