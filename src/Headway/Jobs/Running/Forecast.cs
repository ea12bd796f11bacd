using System.Collections.Concurrent;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Jobs.Workers;
using Headway.Models.Limits;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Says why a job does not run yet, how many come before it, and when it is believed to start.</summary>
internal sealed class Forecast(Database database, Workforce workforce, Pools pools, PullPools workers, RunningJobs running, TenantTerms tenants)
{
    private static readonly Sql CountBefore = Sql.At("Jobs/Storage/CountBefore");
    private static readonly Sql CountRunningOf = Sql.At("Jobs/Storage/CountRunningOf");
    private static readonly Sql CountRunning = Sql.At("Jobs/Storage/CountRunning");

    // Counting a longer line costs more than its exact length is worth.
    private const int CountedAtMost = 10_000;

    // Counting for each call that comes would cost more than the calls: of the same pool, tenant and priority one count holds for so long.
    private static readonly TimeSpan CountHolds = TimeSpan.FromMilliseconds(250);

    // Of as many pools, tenants and priorities at once.
    private const int LinesKept = 10_000;

    private readonly ConcurrentDictionary<(long Pool, string Tenant, int Priority), (int Before, long Until)> _counted = new();

    /// <param name="detailed">Also count and estimate: for one job, not for a list.</param>
    public Place Of(JobRow row, bool detailed) => row.State switch
    {
        _ when row is { Asked: Asked.Cancel, IsFinished: false } && row.Why?.StartsWith("no-version ", StringComparison.Ordinal) is not true => new Place(new WaitingFor("cancelling", "It was cancelled: it undoes what it did, and ends then."), null, null),
        JobState.Running when row.Asked is Asked.Pause => new Place(new WaitingFor("pausing", "It is to be paused: it begins nothing more, and is paused when what runs has ended."), null, null),
        JobState.Scheduled => new Place(Scheduled(row), null, row.Due),
        JobState.Queued => Queued(row, detailed),
        JobState.Running => new Place(Held(row), null, null),
        JobState.Waiting => new Place(Waiting(row), null, row.Due),
        JobState.Paused => new Place(new WaitingFor("paused", "Paused. It goes on when it is resumed."), null, null),
        _ => new Place(null, null, null),
    };

    /// <summary>It runs on this node and its call of a model waits for a limit.</summary>
    public WaitingFor? Held(JobRow row) => running.WaitOf(row.Id) is { } wait ? new(ModelWait.Code, wait.Text(database.Time.GetUtcNow()), wait.Until) : null;

    /// <summary>How long a job that comes now is believed to wait for its start; null: nobody has measured, or nobody works.</summary>
    public TimeSpan? WaitOf(NewJob job)
    {
        var share = ShareOf(job.Pool);
        if (WaitOf(share, 0) is null) return null;
        if (!_counted.TryGetValue(LineOf(job), out var counted) || counted.Until < job.Created)
        {
            counted = (CountBeforeOf(job.Pool, RankOf(job), job.Origin.Id, job.Gate), job.Created + (long)CountHolds.TotalMilliseconds);
            if (_counted.Count >= LinesKept) _counted.Clear();
            _counted[LineOf(job)] = counted;
        }
        return WaitOf(share, counted.Before);
    }

    // Where its turn would be if it came now.
    private long RankOf(NewJob job) => database.Read(async session =>
        (await Turns.ReadAsync(session, job.Pool, job.Origin.Tenant, job.Priority).ConfigureAwait(false)).Start + Turns.Behind(job.Priority));

    private static (long Pool, string Tenant, int Priority) LineOf(NewJob job) => (job.Pool, job.Origin.Tenant, job.Priority);

    /// <summary>The job is let in: until the line is counted again, whoever comes after it is behind it.</summary>
    public void Joined(NewJob job) => _counted.AddOrUpdate(LineOf(job), (0, 0), static (_, counted) => counted with { Before = counted.Before + 1 });

    /// <summary>How long it takes until the one behind so many is started: a slot of the pool becomes free as often as jobs end in all of them.</summary>
    public static TimeSpan? WaitOf(PoolShare share, int before)
    {
        if (share.Slots == 0 || share.Measured == 0) return null;
        // Where others wait no slot is free, whatever a node told a second ago.
        var turns = before + 1 - (before == 0 ? Math.Max(0, share.Slots - share.Taken) : 0);
        return turns <= 0 ? TimeSpan.Zero : share.Took * ((double)turns / share.Slots);
    }

    // A code and words, as the work that waits has put them.
    private static WaitingFor Waiting(JobRow row)
    {
        var why = row.Why ?? "timer Waits.";
        var code = why.IndexOf(' ', StringComparison.Ordinal);
        return new WaitingFor(why[..code], why[(code + 1)..], row.Due);
    }

    private static WaitingFor Scheduled(JobRow row) => row.Why switch
    {
        "backoff" => new("backoff", $"An attempt failed; the next one starts at {row.Due:HH:mm:ss} UTC.", row.Due),
        "crash" => new("crash", $"Its node died under it more than once; it is tried for the last time at {row.Due:HH:mm:ss} UTC, apart from others.", row.Due),
        "storage" => new("storage", $"The database could not give what it needs; it is tried again at {row.Due:HH:mm:ss} UTC.", row.Due),
        "snooze" => new("snooze", $"The work asked to be tried again at {row.Due:HH:mm:ss} UTC.", row.Due),
        "debounce" => new("debounce", $"It starts at {row.Due:yyyy-MM-dd HH:mm:ss} UTC, unless another call under its key takes its place before.", row.Due),
        _ => new("start-time", $"It was asked to start at {row.Due:yyyy-MM-dd HH:mm:ss} UTC.", row.Due),
    };

    private Place Queued(JobRow row, bool detailed)
    {
        if (workers.Find(row.Pool) is { } version) return ForWorkers(row, version, detailed);
        var share = ShareOf(row.Pool);
        int? before = detailed ? CountBeforeOf(row.Pool, row.Rank!.Value, row.Id, row.Gate) : null;
        if (share.Slots == 0)
        {
            var cure = database.IsShared ? "No node that is alive works for it" : "No worker on this node serves it";
            return new Place(new WaitingFor("no-worker", $"{cure}: start one whose feature file has {row.Feature}@{row.Version}{First(before)}."), before + 1, null);
        }
        if (Limited(row) is { } limited) return new Place(limited, before + 1, null);
        var estimate = before is { } count && WaitOf(share, count) is { } wait ? database.Time.GetUtcNow() + wait : (DateTimeOffset?)null;
        return new Place(Waiting(row, share, before), before + 1, estimate);
    }

    // Of all nodes together no more run than the pool's cluster may.
    private PoolShare ShareOf(long pool) => workforce.Of(pool) is var share && pools.OfJobs(pool)?.Cluster is { } most ? share with { Slots = Math.Min(share.Slots, most) } : share;

    private Place ForWorkers(JobRow row, FeatureVersion version, bool detailed)
    {
        var service = workers.ServiceOf(row.Pool, exact: detailed);
        int? before = detailed ? CountBeforeOf(row.Pool, row.Rank!.Value, row.Id, row.Gate) : null;
        return new Place((service.HasWorker, service.Held >= version.Pool.Concurrency) switch
        {
            (false, _) => new("no-worker", $"No worker that is alive claims jobs of {version.FullName}{First(before)}. Start one; what waits is not lost."),
            (_, true) => new("pool-full", $"Workers are at {service.Held} jobs of {version.FullName}, as many as its pool allows{First(before)}."),
            _ => new("turn", $"It waits for a worker that asks for the next job{First(before)}."),
        }, before + 1, null);
    }

    /// <summary>How many come before: the one place where the order of claims is counted.</summary>
    private int CountBeforeOf(long pool, long rank, JobId job, string? gate) => Count(CountBefore, asked => asked.Bind(1, pool).Bind(2, rank).Bind(3, job).Bind(4, CountedAtMost).Bind(5, gate));

    /// <summary>Its tenant runs as many jobs as it may, whatever room the pool has.</summary>
    private WaitingFor? Limited(JobRow row) => row.Gate is { } tenant && tenants.RunningOf(tenant) is { } most && Count(CountRunningOf, asked => asked.Bind(1, tenant)) >= most
        ? new WaitingFor("tenant-limit", $"The tenant {tenant} runs {most} jobs, as many as it may (limits.running).")
        : null;

    private int Count(Sql sql, Func<Statement, Statement> bind) => database.Read(async session =>
    {
        using var count = bind(session.Use(sql));
        await count.StepAsync().ConfigureAwait(false);
        return count.Int32(0);
    });

    private WaitingFor Waiting(JobRow row, PoolShare share, int? before) => pools.OfJobs(row.Pool)?.Cluster is { } most && Count(CountRunning, asked => asked.Bind(1, row.Pool)) >= most
        ? new("pool-full", $"All {most} jobs of {NameOf(row)} that may run on all nodes together do{First(before)}.")
        : share.Taken >= share.Slots
        ? new("pool-full", $"All {share.Slots} slots of {NameOf(row)} are taken{First(before)}.")
        : new("turn", $"It is to be claimed by the next free slot of {NameOf(row)}{First(before)}.");

    // A version has a pool of its own for work that nobody waits for.
    private string NameOf(JobRow row) => pools.OfJobs(row.Pool)?.Name ?? $"{row.Feature}@{row.Version}";

    private static string First(int? before) => before is { } count ? $"; {count} jobs come first" : "";
}

internal sealed record Place(WaitingFor? WaitingFor, int? Position, DateTimeOffset? Estimate);
