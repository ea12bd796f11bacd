using Headway.Budgets;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>The ways in which a call is turned away at this door, each with its cure.</summary>
internal static class Refusals
{
    // An honest guess where nothing was measured yet.
    private static readonly TimeSpan Unmeasured = TimeSpan.FromSeconds(1);

    /// <param name="now">Milliseconds since 1970.</param>
    public static Refusal PoolFull(Pool pool, long now) => new(
        RefusalKind.Unavailable, "pool-full",
        $"All {pool.Concurrency} slots of {pool.Name} are taken and its queue is full. Call again after the pause, or give the pool more room in the feature file (`pool`).",
        pool.Pace is { } pace ? pool.Appointment(now, pace / pool.Concurrency) : Unmeasured);

    /// <param name="retryAfter">Null: nothing was measured yet.</param>
    public static Refusal QueueFull(Pool pool, int limit, TimeSpan? retryAfter) => new(
        RefusalKind.Unavailable, "queue-full",
        $"{pool.Name} holds {limit} queued jobs, as many as it may. Call again after the pause, or raise `pool.queued` in the feature file.",
        retryAfter ?? Unmeasured);

    public static Refusal TooShort(FeatureVersion version, TimeSpan took, TimeSpan left) => new(
        RefusalKind.Unreachable, "deadline-unreachable",
        $"{version.FullName} takes {Told(took)} in the mean, and the deadline leaves {Told(left)}. Send a later Headway-Deadline, or none.");

    public static Refusal TooLate(FeatureVersion version, TimeSpan wait, TimeSpan took, TimeSpan left, TimeSpan retryAfter) => new(
        RefusalKind.Unavailable, "deadline-unreachable",
        $"It would start in about {Told(wait)} and takes {Told(took)}, and has {Told(left)} (Headway-Deadline, or the contract's deliverWithin). Call again after the pause, send a higher Headway-Priority, or give {version.FullName} more slots (`pool`).",
        retryAfter);

    private static string Told(TimeSpan span) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0##} s");

    public static readonly Refusal DebounceForbidden = new(
        RefusalKind.Invalid, "debounce-forbidden", "An input with files cannot be debounced: files belong to one call. Send JSON, or leave Headway-Debounce out.");

    public static Refusal TenantQueueFull(string tenant, int limit, Pool pool) => new(
        RefusalKind.Limited, "tenant-queue-full",
        $"The tenant {tenant} has {limit} queued jobs, as many as it may. Call again after the pause, or raise its `limits.queued` in the feature file.",
        pool.Pace ?? Unmeasured);

    public static Refusal TenantRate(string tenant, int limit, TimeSpan wait) => new(
        RefusalKind.Limited, "tenant-rate-limit",
        $"The tenant {tenant} has made the {limit} calls a minute that it may. Call again after the pause, or raise its `limits.requestsPerMinute` in the feature file.",
        wait);

    public static Refusal KeyRate(string key, int limit, TimeSpan wait) => new(
        RefusalKind.Limited, "key-rate-limit",
        $"The key {key} has made the {limit} calls a minute that it may. Call again after the pause, or with a key that may make more.",
        wait);

    public static Refusal OverBudget(BudgetRefusal refusal, DateTimeOffset now) => new(RefusalKind.Limited, "budget-exhausted", refusal.Message, refusal.Limit.Ends - now);

    public static readonly Refusal Overloaded = new(
        RefusalKind.Unavailable, "storage-overloaded", "More is being written than the disk takes. Call again after the pause.", TimeSpan.FromSeconds(1));

    public static Refusal Storage(string code, string message) => new(RefusalKind.Unavailable, code, message, TimeSpan.FromSeconds(5));

    public static Refusal NotRecorded(JobId job, StorageException error) => Storage(error.Code,
        $"The work is over, but its end could not be recorded in time, and is as soon as there is room. Call again with the same Idempotency-Key, or ask /v1/jobs/{job}. {error.Message}");

    public static readonly Refusal Stopping = new(
        RefusalKind.Unavailable, "node-stopping", "This node is stopping and takes no new work. Call again after the pause; nothing of this call was kept.", TimeSpan.FromSeconds(5));

    public static readonly Refusal InProgress = new(
        RefusalKind.Conflict, "idempotency-in-progress",
        "A call with this Idempotency-Key is still under way. Ask again after the pause: then the recorded answer is given.", TimeSpan.FromSeconds(1));

    public static readonly Refusal Mismatch = new(
        RefusalKind.Mismatch, "idempotency-mismatch",
        "This Idempotency-Key was used with another payload. Use a new key for a new call, or send the same payload again.");

    public static readonly Refusal DeadlinePassed = new(
        RefusalKind.Invalid, "deadline-passed", "Headway-Deadline is not in the future. Send a later one, or none.");

    public static readonly Refusal ResultNotKept = new(
        RefusalKind.Expired, "result-not-kept", "The result of a sync call is kept only if the call had an Idempotency-Key. It was given in the call's own answer.");

    public static Refusal NotCached(FeatureVersion version) => new(
        RefusalKind.NotCached, "not-cached", $"{version.FullName} has no answer to this input that may be given again, and `only-if-cached` asks that none is made. Leave the directive out of Cache-Control to have it made.");

    public static Refusal Unserved(string name) => new(
        RefusalKind.Invalid, "mode-unserved", $"{name} has a contract that this program does not serve yet. Start a newer version, or change its mode.");
}
