using Headway.Jobs.Upkeep;

namespace Headway.Reconciliation;

/// <summary>Something that was promised and is not so.</summary>
/// <param name="Kind">One of <see cref="GapKinds"/>.</param>
/// <param name="What">Of what: the id of a job, a version, a lease. With the kind it names the gap while it is open.</param>
internal sealed record Gap(string Kind, string What)
{
    public JobId Id { get; init; }

    /// <summary>Null: it concerns all tenants.</summary>
    public string? Tenant { get; init; }
    public string? Feature { get; init; }
    public JobId? Job { get; init; }

    /// <summary>How many jobs it stands for.</summary>
    public long Amount { get; init; } = 1;
    public DateTimeOffset Found { get; init; }

    /// <summary>When it was last there.</summary>
    public DateTimeOffset Seen { get; init; }

    /// <summary>Null: it is still there, and waits for a person.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>One of <see cref="GapDeeds"/>.</summary>
    public string Did { get; init; } = GapDeeds.Waiting;
}

/// <summary>What was done about a gap.</summary>
internal static class GapDeeds
{
    public const string Mended = "mended";

    /// <summary>It was begun again, which may mend it.</summary>
    public const string Retried = "retried";

    /// <summary>For a person.</summary>
    public const string Waiting = "waiting";
}

/// <summary>What can be found.</summary>
internal static class GapKinds
{
    /// <summary>Accepted, and not ended within `deliverWithin`.</summary>
    public const string Overdue = "overdue";

    /// <summary>Ended, and by a channel that its feature requires nobody got anything of it within `deliverWithin`.</summary>
    public const string Undelivered = "undelivered";

    /// <summary>A sync or stream call that was opened and never closed.</summary>
    public const string Unclosed = "unclosed";

    /// <summary>A job that is under way and has no place in the queue.</summary>
    public const string Misplaced = "misplaced";

    /// <summary>A place in the queue whose job is none, or has ended.</summary>
    public const string Stray = "stray";

    /// <summary>Held under a lease that was lost.</summary>
    public const string LostLease = Mended.LostLease;

    /// <summary>Money held for a job that has ended, or of which there is no record.</summary>
    public const string Unsettled = Mended.Unsettled;

    /// <summary>A job that waited for what was there.</summary>
    public const string Unwoken = Mended.Unwoken;

    /// <summary>Nobody alive works for a pool in which jobs wait.</summary>
    public const string NoWorker = "no-worker";

    /// <summary>No node has the version of a workflow's code with which jobs under way began.</summary>
    public const string NoVersion = "no-version";

    /// <summary>A job of whose beginning or end no event tells.</summary>
    public const string Unaudited = "unaudited";

    public static readonly IReadOnlyList<string> All = [Overdue, Undelivered, Unclosed, Misplaced, Stray, LostLease, Unsettled, Unwoken, NoWorker, NoVersion, Unaudited];
}
