using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Upkeep;

/// <summary>Forgets the turns of tenants that have none to come. Each pass looks at the next tenants in the order of their key, and begins again at the end.</summary>
/// <param name="kept">Of so many nobody minds: those that come again and again are not to be forgotten and written anew each time.</param>
internal sealed class TurnPruner(Database database, int kept = TurnPruner.Kept) : Duty
{
    private const int Kept = 1_000;

    // What a pass looks at, and what it takes away at most: while it does, nobody else is given turns.
    private const int Looks = 2_000;
    private const int Batch = 200;

    // Ten minutes. Whoever reads the table for hours, as a backup does, keeps the lock from this, and others should not wait behind it each time.
    private const int LongestRest = 120;

    private (int Beats, int Left) _rest;
    private TenantInPool _turns = TenantInPool.First;
    private TenantInPool _gates = TenantInPool.First;

    // Never at once again: between two passes others have the table to themselves.
    public override TimeSpan Every => TimeSpan.FromSeconds(5);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var (turns, gates) = (await PruneTurnsAsync().ConfigureAwait(false), await PruneGatesAsync().ConfigureAwait(false));
        return turns + gates == 0 ? DutyReport.Nothing : new DutyReport($"{turns} tenants have no turns to come and {gates} are not held back: they are forgotten");
    }

    private async Task<int> PruneTurnsAsync()
    {
        if (_rest.Left > 0)
        {
            _rest.Left--;
            return 0;
        }
        var found = await database.ReadAsync(session => KeptTurns.AfterAsync(session, _turns, Looks)).ConfigureAwait(false);
        if (_turns == TenantInPool.First && found.Count <= kept) return 0;
        // Of those that are past in any case nobody asks who else uses the pool.
        List<long> ahead = [.. found.Where(row => !PruneTurns.IsPast(row.End, row.Now, isUnused: false)).Select(row => row.Tenant.Pool).Distinct()];
        var unused = ahead.Count == 0 ? [] : await database.ReadAsync(session => KeptTurns.UnusedAsync(session, ahead)).ConfigureAwait(false);
        var past = found.Where(row => unused.Contains(row.Tenant.Pool) || PruneTurns.IsPast(row.End, row.Now, isUnused: false)).Select(row => row.Tenant).Take(Batch).ToList();
        var pruned = past.Count == 0 ? 0 : await TryAsync(new PruneTurns(past, unused)).ConfigureAwait(false);
        _turns = past.Count == Batch ? past[^1] : found.Count == Looks ? found[^1].Tenant : TenantInPool.First;
        return pruned;
    }

    private async Task<int> PruneGatesAsync()
    {
        var found = await database.ReadAsync(session => KeptTurns.GatesAfterAsync(session, _gates, Looks)).ConfigureAwait(false);
        if (_gates == TenantInPool.First && found.Count <= kept) return 0;
        var idle = found.Where(row => !row.Waits).Select(row => row.Tenant).Take(Batch).ToList();
        var pruned = idle.Count == 0 ? 0 : await database.WriteAsync(new PruneGates(idle)).ConfigureAwait(false);
        _gates = idle.Count == Batch ? idle[^1] : found.Count == Looks ? found[^1].Tenant : TenantInPool.First;
        return pruned;
    }

    // Where turns are being given or read without a pause, or the database takes nothing, there will be another time.
    private async Task<int> TryAsync(PruneTurns prune)
    {
        try
        {
            var pruned = await database.WriteAsync(prune).ConfigureAwait(false);
            _rest = default;
            return pruned;
        }
        catch (StorageException error) when (error.MayPass)
        {
            var beats = Math.Min(LongestRest, (_rest.Beats * 2) + 1);
            _rest = (beats, beats);
            return 0;
        }
    }
}
