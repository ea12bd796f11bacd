using Headway.Features;
using Headway.Reconciliation;
using Headway.Storage;

namespace Headway.Alerts.Signs;

/// <summary>Gaps that wait for a person, gaps that were mended and should never have been, and versions that nobody works for.</summary>
internal static class GapSigns
{
    // More are many; a file cannot ask for more.
    private const long MostCounted = AlertOptions.MostGaps;
    private const long MostVersions = 1_000;

    // The newest ends that are looked through for what was mended.
    private const long MostEnds = 2_000;

    /// <summary>So long what was mended is there for an alert: long enough to be seen by every node.</summary>
    private static readonly TimeSpan MendedWithin = TimeSpan.FromMinutes(10);

    private static readonly Sql Count = Sql.At("Alerts/Signs/CountGaps");
    private static readonly Sql Mended = Sql.At("Alerts/Signs/MendedGaps");
    private static readonly Sql Missing = Sql.At("Alerts/Signs/MissingWorkers");

    private static readonly IReadOnlyList<string> Counted = [.. GapKinds.All.Where(kind => kind is not (GapKinds.NoWorker or GapKinds.NoVersion))];

    /// <remarks>
    /// What the engine mends as it is meant to (a lost lease, a wake-up, a reservation) is told in the gaps and is no alert: whoever stops a node would be called for it.
    /// What was mended and cannot happen while every write is whole is one, because somebody changed the database or a write is not whole.
    /// </remarks>
    public static async ValueTask<IReadOnlyList<Sign>> GapsAsync(Session session, AlertOptions options, long now)
    {
        var open = await session.EachAsync(Counted, kind => CountAsync(session, kind)).ConfigureAwait(false);
        var kinds = Counted.Zip(open).ToDictionary(kind => kind.First, kind => kind.Second, StringComparer.Ordinal);
        using var mended = session.Use(Mended).Bind(1, now - (long)MendedWithin.TotalMilliseconds).Bind(2, MostEnds);
        while (await mended.StepAsync().ConfigureAwait(false)) kinds[mended.Text(0)!] = kinds.GetValueOrDefault(mended.Text(0)!) + mended.Int64(1);
        return [.. kinds.Where(kind => kind.Value >= options.Gaps).Select(kind => new Sign(AlertKinds.Gaps, kind.Key, kind.Value, options.Gaps))];
    }

    public static async ValueTask<IReadOnlyList<Sign>> MissingWorkersAsync(Session session)
    {
        var missing = await session.EachAsync(new[] { GapKinds.NoWorker, GapKinds.NoVersion }, kind => MissingAsync(session, kind)).ConfigureAwait(false);
        // Of one that lacks both a worker is needed first.
        return [.. missing.SelectMany(signs => signs).DistinctBy(sign => sign.What)];
    }

    private static async ValueTask<IReadOnlyList<Sign>> MissingAsync(Session session, string kind)
    {
        var signs = new List<Sign>();
        using var read = session.Use(Missing).Bind(1, kind).Bind(2, MostVersions);
        while (await read.StepAsync().ConfigureAwait(false))
            signs.Add(new Sign(AlertKinds.NoWorker, read.Text(0)!, 1, 1) { Feature = read.Text(1), Reason = kind is GapKinds.NoVersion ? Reasons.NoVersion : null });
        return signs;
    }

    private static async ValueTask<long> CountAsync(Session session, string kind)
    {
        using var count = session.Use(Count).Bind(1, kind).Bind(2, MostCounted);
        return await count.StepAsync().ConfigureAwait(false) ? count.Int64(0) : 0;
    }
}
