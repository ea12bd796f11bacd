using Headway.Jobs.Storage;
using Headway.Models.Limits;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Says why a job does not run yet, how many come before it, and when it is believed to start.</summary>
internal sealed class Forecast(Database database, Pools pools, RunningJobs running)
{
    private static readonly Sql CountBefore = Sql.At("Jobs/Storage/CountBefore");

    // Counting a longer line costs more than its exact length is worth.
    private const int CountedAtMost = 10_000;

    /// <param name="detailed">Also count and estimate: for one job, not for a list.</param>
    public Place Of(JobRow row, bool detailed) => row.State switch
    {
        JobState.Scheduled => new Place(Scheduled(row), null, row.Due),
        JobState.Queued => Queued(row, detailed),
        JobState.Running => new Place(Held(row), null, null),
        JobState.Paused => new Place(new WaitingFor("paused", "Paused. It goes on when it is resumed."), null, null),
        _ => new Place(null, null, null),
    };

    /// <summary>It runs on this node and its call of a model waits for a limit.</summary>
    public WaitingFor? Held(JobRow row) => running.WaitOf(row.Id) is { } wait ? new(ModelWait.Code, wait.Text(database.Time.GetUtcNow()), wait.Until) : null;

    private static WaitingFor Scheduled(JobRow row) => row.Why switch
    {
        "backoff" => new("backoff", $"An attempt failed; the next one starts at {row.Due:HH:mm:ss} UTC.", row.Due),
        "crash" => new("crash", $"Its node died under it more than once; it is tried for the last time at {row.Due:HH:mm:ss} UTC, apart from others.", row.Due),
        "storage" => new("storage", $"The database could not give what it needs; it is tried again at {row.Due:HH:mm:ss} UTC.", row.Due),
        "snooze" => new("snooze", $"The work asked to be tried again at {row.Due:HH:mm:ss} UTC.", row.Due),
        _ => new("start-time", $"It was asked to start at {row.Due:yyyy-MM-dd HH:mm:ss} UTC.", row.Due),
    };

    private Place Queued(JobRow row, bool detailed)
    {
        var name = $"{row.Feature}@{row.Version}";
        var pool = pools.All.FirstOrDefault(pool => pool.Name == name);
        if (pool is null) return new Place(new WaitingFor("no-worker", $"No worker on this node serves {name}. Start one whose feature file has it."), null, null);
        if (!detailed) return new Place(Waiting(pool, null), null, null);
        var before = database.Read(session =>
        {
            using var count = session.Use(CountBefore).Bind(1, row.Pool).Bind(2, row.Rank).Bind(3, row.Id).Bind(4, CountedAtMost);
            count.Step();
            return count.Int32(0);
        });
        var estimate = pool.Pace is { } pace ? database.Time.GetUtcNow() + (pace * ((double)before / pool.Concurrency)) : (DateTimeOffset?)null;
        return new Place(Waiting(pool, before), before + 1, estimate);
    }

    private static WaitingFor Waiting(Pool pool, int? before) => pool.Taken >= pool.Concurrency
        ? new("pool-full", $"All {pool.Concurrency} slots of {pool.Name} are taken{(before is { } count ? $"; {count} jobs come first" : "")}.")
        : new("turn", "It is next to be claimed.");
}

internal sealed record Place(WaitingFor? WaitingFor, int? Position, DateTimeOffset? Estimate);
