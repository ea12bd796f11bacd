using System.Text.Json;

namespace Headway.Client;

/// <summary>A job as the API shows it: never its input, and its result only at its own address.</summary>
public sealed record JobRecord
{
    /// <summary>`job_` and 32 hex digits; sorts by the time of acceptance.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the feature.</summary>
    public required string Feature { get; init; }

    /// <summary>Version of the feature, pinned at acceptance; 1 is the first.</summary>
    public required int Version { get; init; }

    /// <summary>The contract's mode.</summary>
    public required Mode Mode { get; init; }

    /// <summary>Where the job stands.</summary>
    public required JobState State { get; init; }

    /// <summary>The thing the result belongs to, such as `encounter/8812`. Absent: none was given.</summary>
    public string? Subject { get; init; }

    /// <summary>A JSON object of the caller's own. Absent: none was given.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>0 to 9, higher first. Default 5.</summary>
    public int Priority { get; init; }

    /// <summary>How many times it was started; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>How far the handler says it is. Absent: it never said.</summary>
    public ProgressRecord? Progress { get; init; }

    /// <summary>Why the job does not go on: it waits for its turn, or runs and waits for a limit of a model. Absent otherwise.</summary>
    public WaitingForRecord? WaitingFor { get; init; }

    /// <summary>Place in the queue, 1 for the next to be claimed. Absent unless queued.</summary>
    public int? Position { get; init; }

    /// <summary>When it is believed to start. Absent unless queued, or while nothing is known.</summary>
    public DateTimeOffset? Estimate { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When the newest attempt started. Absent before the first.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended. Absent until then.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>When the contract promises the result at the latest. Absent: no promise.</summary>
    public DateTimeOffset? DeliverBy { get; init; }

    /// <summary>Why it has no result. Absent unless an attempt failed.</summary>
    public ErrorRecord? Error { get; init; }

    /// <summary>Tokens used by all attempts. Absent: none were used.</summary>
    public UsageRecord? Usage { get; init; }

    /// <summary>What all attempts cost, in US dollars. Absent: no model with a price was called.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Name of the model that answered, as the feature file calls it. Absent: none did.</summary>
    public string? Model { get; init; }

    /// <summary>The job whose answer it was given by the cache; its record may be gone by now. Absent: its answer was made for it.</summary>
    public string? CachedFrom { get; init; }

    /// <summary>The workflow whose child it is. Absent: it was called from outside.</summary>
    public string? Parent { get; init; }

    /// <summary>The workflow that it is a rerun of. Absent: none.</summary>
    public string? RerunOf { get; init; }

    /// <summary>Joins everything that belongs to one call: audit events, traces, log lines.</summary>
    public required string Correlation { get; init; }

    /// <summary>Addresses of what belongs to the job.</summary>
    public required JobLinksRecord Links { get; init; }

    /// <summary>True when the state is final: succeeded, failed, dead or cancelled. Not on the wire.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsFinished => State >= JobState.Succeeded;
}

/// <summary>How far a job is, in units that the handler chose.</summary>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all. Absent: unknown.</param>
/// <param name="Note">What it is at, in words.</param>
public sealed record ProgressRecord(long Done, long? Total = null, string? Note = null);

/// <summary>Why a job does not run.</summary>
/// <param name="Code">Stable: `pool-full`, `start-time`, `backoff`, `crash`, `snooze`, `storage`, `debounce`, `no-worker`, `turn`, `tenant-limit`.</param>
/// <param name="Text">The same in words.</param>
/// <param name="Until">When the reason ends. Absent: unknown.</param>
public sealed record WaitingForRecord(string Code, string Text, DateTimeOffset? Until = null);

/// <summary>Why a job, or an attempt at it, has no result.</summary>
/// <param name="Code">Stable, kebab-case.</param>
/// <param name="Message">What happened, in words and free of the input.</param>
/// <param name="Retryable">Whether another attempt could succeed.</param>
public sealed record ErrorRecord(string Code, string Message, bool Retryable)
{
    /// <summary>The class that decides how it is tried again: `rate-limited`, `unavailable`, `timeout`, `invalid-output`, `bug` or `permanent`. Absent: not told.</summary>
    public string? Class { get; init; }

    /// <summary>The same for failures of the same code at the same place, whatever their words; what groups and filters go by. Absent: none.</summary>
    public string? Fingerprint { get; init; }
}

/// <summary>Tokens.</summary>
/// <param name="InputTokens">Tokens read by the model.</param>
/// <param name="OutputTokens">Tokens written by the model.</param>
public sealed record UsageRecord(long InputTokens, long OutputTokens);

/// <summary>Addresses, relative to the server: `/v1/jobs/…`.</summary>
/// <param name="Self">The job.</param>
/// <param name="Result">Its result.</param>
/// <param name="Events">Its events, as SSE.</param>
/// <param name="Audit">Its audit events.</param>
public sealed record JobLinksRecord(string Self, string Result, string Events, string Audit);

/// <summary>One page of jobs, newest first.</summary>
/// <param name="Jobs">At most as many as the limit asked for.</param>
/// <param name="Next">The `cursor` of the next page. Absent on the last.</param>
public sealed record JobPageRecord(IReadOnlyList<JobRecord> Jobs, string? Next = null);
