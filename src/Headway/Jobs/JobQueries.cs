using Headway.Handlers;
using Headway.Jobs.Accepting;

namespace Headway.Jobs;

/// <summary>Which jobs to list, newest first. Every filter is optional and all must hold.</summary>
internal sealed record JobFilter
{
    public string? Feature { get; init; }

    /// <summary>Those that whoever asks may see; null: all.</summary>
    public IReadOnlyCollection<string>? Features { get; init; }
    public JobState? State { get; init; }
    public string? Subject { get; init; }
    public string? Model { get; init; }

    /// <summary>Error code.</summary>
    public string? Error { get; init; }

    /// <summary>Version of the feature.</summary>
    public int? Version { get; init; }

    /// <summary>What went wrong where (<see cref="Failure.Fingerprint"/>).</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Only what had ended by then.</summary>
    public DateTimeOffset? EndedBy { get; init; }

    /// <summary>A searchable metadata value, as `key=value`.</summary>
    public string? Query { get; init; }
    public DateTimeOffset? Since { get; init; }

    /// <summary>The id after which the page begins (keyset).</summary>
    public JobId? After { get; init; }

    /// <summary>Only ids from this one on.</summary>
    public JobId? From { get; init; }

    /// <summary>1 to 200.</summary>
    public int Limit { get; init; } = 50;
}

/// <param name="Next">The cursor of the next page; null on the last.</param>
internal sealed record JobPage(IReadOnlyList<Job> Jobs, JobId? Next);

/// <summary>Dead letters of a feature version that died of the same thing in the same place.</summary>
/// <param name="First">When the first of them died.</param>
/// <param name="Example">The newest of them.</param>
internal sealed record DeadGroup(string Feature, int Version, string Reason, FailureKind Kind, string Fingerprint, long Count, DateTimeOffset First, DateTimeOffset Last, JobId Example);

/// <summary>An input that a job had, or has.</summary>
/// <param name="Number">1 is what was accepted.</param>
/// <param name="Attempt">The last attempt that had it; null: it is the present one.</param>
/// <param name="Actor">Who replaced it.</param>
internal sealed record InputRecord(int Number, int? Attempt, DateTimeOffset? Replaced, string? Actor);

/// <summary>One try at a job, as its history shows it.</summary>
internal sealed record AttemptRecord(int Number, DateTimeOffset Started, DateTimeOffset? Finished, string Outcome, string? Node, string? Model, Usage Usage, Failure? Failure)
{
    /// <summary>The calls of models that it made, in the order in which they ended.</summary>
    public IReadOnlyList<ModelCall> Calls { get; init; } = [];
}

/// <summary>One audit event of a job.</summary>
internal sealed record AuditEntry(
    string Id, DateTimeOffset At, string Tenant, string Actor, string Action, string Feature, int Version, JobId? Job, string? SubjectPseudonym, string? Purpose,
    string Data, string? Node, string? Address, string? Recipient, string? Outcome, string Correlation);

/// <summary>One event of a job's output, as SSE shows it.</summary>
/// <param name="Id">Null for a snapshot (`status`), which is not part of the log; else rising by one within an attempt.</param>
/// <param name="Kind">status, progress, delta, restart, result, end.</param>
/// <param name="Data">JSON, one line.</param>
/// <param name="State">What became of the job; of `end` alone.</param>
internal readonly record struct JobEvent(long? Id, string Kind, ReadOnlyMemory<byte> Data, JobState? State = null);

/// <summary>The answer to "give me the result".</summary>
internal abstract record ResultAnswer
{
    public sealed record Found(Job Job, Result Result) : ResultAnswer;

    public sealed record Refused(Refusal Refusal) : ResultAnswer;
}
