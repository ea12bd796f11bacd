using Headway.Features;

namespace Headway.Jobs;

/// <summary>A job as its caller may see it: never the input, never the result (that is a delivery of its own).</summary>
internal sealed record Job
{
    public required JobId Id { get; init; }
    public required string Tenant { get; init; }
    public required string Feature { get; init; }
    public required int Version { get; init; }
    public required Mode Mode { get; init; }
    public required JobState State { get; init; }
    public string? Subject { get; init; }

    /// <summary>JSON object text.</summary>
    public string? Metadata { get; init; }
    public int Priority { get; init; }

    /// <summary>How many times it was started.</summary>
    public int Attempt { get; init; }
    public Progress? Progress { get; init; }
    public WaitingFor? WaitingFor { get; init; }

    /// <summary>1 for the next to be claimed; null unless queued.</summary>
    public int? Position { get; init; }

    /// <summary>When it is believed to start.</summary>
    public DateTimeOffset? Estimate { get; init; }
    public required DateTimeOffset Created { get; init; }
    public DateTimeOffset? Started { get; init; }
    public DateTimeOffset? Finished { get; init; }
    public DateTimeOffset? Deadline { get; init; }
    public DateTimeOffset? DeliverBy { get; init; }
    public Failure? Error { get; init; }
    public string? Model { get; init; }
    public Usage Usage { get; init; }

    /// <summary>The job whose answer it was given; null: its answer was made for it.</summary>
    public JobId? CachedFrom { get; init; }

    /// <summary>The workflow whose child it is.</summary>
    public JobId? Parent { get; init; }

    /// <summary>The workflow that it is a rerun of.</summary>
    public JobId? RerunOf { get; init; }
    public required string Correlation { get; init; }

    /// <summary>How long it waited before its first start; sync and stream: in the pool's queue.</summary>
    public TimeSpan? Queued { get; init; }

    /// <summary>Whether a result is kept, and how it reads.</summary>
    public string? ResultMediaType { get; init; }
    public bool IsFinished => State >= JobState.Succeeded;
}

/// <summary>The states of a job. The order matters: everything from <see cref="Succeeded"/> on is final, but for a dead letter, which can be replayed.</summary>
internal enum JobState { Scheduled, Queued, Running, Waiting, Paused, Succeeded, Failed, Dead, Cancelled }

internal sealed record Progress(long Done, long? Total, string? Note);

/// <summary>Why a job does not run, as a stable code and in words.</summary>
/// <param name="Code">`pool-full`, `start-time`, `backoff`, `crash`, `snooze`, `debounce`, `no-worker`, `turn`, `tenant-limit`, `paused`, `pausing`, `cancelling`, and of workflows `signal`, `approval`, `child`, `timer`, `step-backoff`, `no-version`.</param>
internal sealed record WaitingFor(string Code, string Text, DateTimeOffset? Until = null);
