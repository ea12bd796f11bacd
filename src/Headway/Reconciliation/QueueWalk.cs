using Headway.Jobs;
using Headway.Storage;

namespace Headway.Reconciliation;

/// <summary>Walks what is queued: jobs that are late, places of jobs that are none, and workflows whose code no node has.</summary>
internal sealed class QueueWalk(Database database, GapBook book)
{
    private const int Step = 1_000;
    private const string NoVersion = "no-version ";

    private static readonly Sql Walk = Sql.At("Reconciliation/WalkQueue");
    private static readonly Sql Drop = Sql.At("Reconciliation/DropStray");
    private static readonly Sql Tell = Sql.At("Reconciliation/TellTenants");
    private static readonly JobId First = JobId.FromBytes(new byte[16]);

    private JobId _after = First;
    private readonly Dictionary<string, Gap> _versions = new(StringComparer.Ordinal);

    private sealed record Place(JobId Job, JobState State, string? Why, string? Tenant, long? DeliverBy, bool IsUnderWay, string? Feature, int Version, bool IsNobodys);

    /// <summary>One step; the next begins where it ended.</summary>
    /// <returns>What was found, and whether the walk goes on at once.</returns>
    public async Task<(int Found, bool More)> StepAsync(long now)
    {
        var places = await database.ReadAsync(ReadAsync).ConfigureAwait(false);
        var gaps = places.Where(place => place.IsUnderWay && place.State is not JobState.Paused && place.DeliverBy < now)
            .Select(place => new Gap(GapKinds.Overdue, place.Job.ToString()) { Tenant = place.Tenant, Feature = place.Feature, Job = place.Job }).ToList();
        foreach (var place in places.Where(place => !place.IsUnderWay))
        {
            if (await database.WriteAsync(new DropStray(place.Job)).ConfigureAwait(false) == 0) continue;
            gaps.Add(new Gap(GapKinds.Stray, place.Job.ToString()) { Tenant = place.Tenant, Feature = place.Feature, Job = place.Job, Did = GapDeeds.Mended });
        }
        // No gap: workers for all tenants find them in any case, and those for their own do from now on.
        if (places.Exists(place => place.IsNobodys)) await database.WriteAsync(new TellTenants(_after, places[^1].Job)).ConfigureAwait(false);
        await book.NoteAsync(gaps).ConfigureAwait(false);
        foreach (var lost in places.Where(place => place.Why?.StartsWith(NoVersion, StringComparison.Ordinal) is true).GroupBy(place => $"{place.Feature}@{place.Version}"))
            _versions[lost.Key] = new Gap(GapKinds.NoVersion, lost.Key) { Feature = lost.First().Feature, Amount = lost.Count() + (_versions.GetValueOrDefault(lost.Key)?.Amount ?? 0) };
        var more = places.Count == Step;
        _after = more ? places[^1].Job : First;
        if (more) return (gaps.Count, true);
        // The walk has come to its end: what it did not meet is not there.
        await book.MatchAsync(GapKinds.NoVersion, [.. _versions.Values]).ConfigureAwait(false);
        _versions.Clear();
        return (gaps.Count, false);
    }

    private async ValueTask<List<Place>> ReadAsync(Session session)
    {
        var places = new List<Place>(Step);
        using var walk = session.Use(Walk).Bind(1, _after).Bind(2, (long)Step);
        while (await walk.StepAsync().ConfigureAwait(false))
            places.Add(new Place(walk.JobId(0), (JobState)walk.Int64(1), walk.Text(2), walk.Text(3), walk.Int64OrNull(4), walk.Int64OrNull(5) == 0, walk.Text(6), walk.IsNull(7) ? 0 : walk.Int32(7), walk.Int64(8) == 1));
        return places;
    }

    /// <summary>Waits for nobody: it passes over what others hold.</summary>
    private sealed class TellTenants(JobId after, JobId last) : Write<int>
    {
        internal override Writer Writer => Writer.Upkeep;

        protected override ValueTask<int> ApplyAsync(Session session) => session.Use(Tell).Bind(1, after).Bind(2, last).ExecuteAsync();
    }

    private sealed class DropStray(JobId job) : Write<int>
    {
        internal override IReadOnlyList<Claim> Claims => [Claim.On(job)];

        protected override ValueTask<int> ApplyAsync(Session session) => session.Use(Drop).Bind(1, job).ExecuteAsync();
    }
}
