using Headway.Access;
using Headway.Features;
using Headway.Handlers;

namespace Headway.Jobs.Accepting;

/// <summary>One call of a feature version, as the edge hands it over: who, what, and what the caller asks of the contract.</summary>
internal sealed record Call
{
    public required FeatureVersion Feature { get; init; }
    public required Caller Caller { get; init; }
    public required JobInput Input { get; init; }

    /// <summary>Set when files were streamed to the payload store before acceptance: the input's payload already has this job's id.</summary>
    public JobId? Job { get; init; }

    public string? IdempotencyKey { get; init; }
    public string? Subject { get; init; }

    /// <summary>0 to 9, higher first.</summary>
    public int Priority { get; init; } = 5;

    /// <summary>When the job is worth nothing any more.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Start later; async only.</summary>
    public DateTimeOffset? StartAt { get; init; }

    public bool StartsLater => StartAt is not null || Debounce is not null;

    /// <summary>The only job under its key; async and hybrid only.</summary>
    public UniqueWish? Unique { get; init; }

    /// <summary>Takes the place of the job that waits under its key; async only.</summary>
    public DebounceWish? Debounce { get; init; }

    /// <summary>A registered endpoint that also gets the result.</summary>
    public string? Endpoint { get; init; }

    /// <summary>A JSON object.</summary>
    public string? Metadata { get; init; }
    public string? TraceParent { get; init; }

    public CacheWish Cache { get; init; }

    /// <summary>`Prefer: wait=n`.</summary>
    public TimeSpan? PreferWait { get; init; }

    /// <summary>`Prefer: respond-async`.</summary>
    public bool PreferAsync { get; init; }

    /// <summary>Whoever called is told which job it is and no more: it is not waited for, and a result that is there is not handed over. Async and hybrid only.</summary>
    public bool TakesNoResult { get; init; }
}

/// <summary>While a job with this key is under way, a further call with it is given that job.</summary>
/// <param name="For">Also this long after its acceptance, when it has ended. Null: no longer than it is under way.</param>
internal sealed record UniqueWish(string Key, TimeSpan? For);

/// <summary>The job starts when no call with this key has come for a while; each that comes before takes the place of the last.</summary>
/// <param name="For">The while.</param>
/// <param name="Most">After the first of them it starts at the latest.</param>
internal sealed record DebounceWish(string Key, TimeSpan For, TimeSpan Most);

/// <summary>How a call was answered. The edge maps each to HTTP in one place.</summary>
internal abstract record Answer
{
    /// <summary>Nothing was accepted: no row exists but the audit event `refused`.</summary>
    public sealed record Refused(Refusal Refusal) : Answer;

    /// <summary>Here is the result: 200.</summary>
    public sealed record Done(Job Job, Result Result) : Answer
    {
        /// <summary>Null: the feature has no cache.</summary>
        public CacheUse? Cache { get; init; }

        /// <summary>The write that records it keeps it for other calls.</summary>
        public bool IsKept { get; init; }
    }

    /// <summary>The job ended without one: the caller is told at once (502, 504, 422…).</summary>
    public sealed record Failed(Job Job, Failure Failure) : Answer;

    /// <summary>Accepted, durable, under way: 202.</summary>
    public sealed record Accepted(Job Job) : Answer
    {
        public Submission How { get; init; }

        /// <inheritdoc cref="Done.Cache"/>
        public CacheUse? Cache { get; init; }
    }

    /// <summary>A stream has begun; its events are read by job.</summary>
    public sealed record Streaming(Job Job) : Answer
    {
        /// <inheritdoc cref="Done.Cache"/>
        public CacheUse? Cache { get; init; }
    }

    /// <summary>The caller left before the answer; nobody reads this.</summary>
    public sealed record Abandoned : Answer;
}

/// <summary>Whose job a caller was given. New: its own. Existing: one that was there, under its key. Replaced: one that waited under its key, and has its input now.</summary>
internal enum Submission { New, Existing, Replaced }

/// <summary>Why a call was not accepted.</summary>
/// <param name="Code">Stable, kebab-case: `pool-full`, `queue-full`, `idempotency-in-progress`, `idempotency-mismatch`, `deadline-unreachable`.</param>
/// <param name="Message">What happened and the cure. Free of content.</param>
internal sealed record Refusal(RefusalKind Kind, string Code, string Message, TimeSpan? RetryAfter = null);

/// <summary>The shapes of no; the edge gives each its HTTP status.</summary>
internal enum RefusalKind { Invalid, Unreachable, NotFound, Conflict, Mismatch, TooLarge, Limited, Unavailable, Expired, NotFinished, NotCached }
