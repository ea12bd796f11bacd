using Headway.Payloads;

namespace Headway.Jobs.Upkeep;

/// <summary>Forgets keys that other nodes have destroyed, or that somebody here had in hand while they were.</summary>
internal sealed class ErasedKeyForgetter(Vault vault, KeyStore keys) : Duty
{
    // A transaction that noted its time first may commit last.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _looked;

    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        // What was destroyed before this node started it never had.
        var since = (_looked ?? now) - Overlap;
        var destroyed = await keys.DestroyedSinceAsync(since.ToUnixTimeMilliseconds()).ConfigureAwait(false);
        _looked = now;
        if (destroyed.Count > 0) vault.Forget([.. destroyed]);
        return DutyReport.Nothing;
    }
}
