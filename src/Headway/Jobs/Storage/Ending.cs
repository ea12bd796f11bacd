using Headway.Audit;
using Headway.Budgets;
using Headway.Caching;

namespace Headway.Jobs.Storage;

/// <summary>How a job ended: what the record is finished with. Times are milliseconds since 1970; bytes are sealed.</summary>
internal sealed record Ending
{
    public required JobState State { get; init; }
    public required long Finished { get; init; }
    public int Attempt { get; init; } = 1;
    public int Failures { get; init; }
    public long? Started { get; init; }
    public byte[]? Result { get; init; }
    public string? ResultType { get; init; }
    public SealedFailure? Failure { get; init; }
    public string? Model { get; init; }
    public Usage Usage { get; init; }

    /// <summary>The calls of models that the attempt made, as far as they are not written yet.</summary>
    public CallsOfAttempt Calls { get; init; } = CallsOfAttempt.None;

    /// <summary>An attempt was running when the job was ended over its head: what it spends is told, and settled, when it has stopped.</summary>
    public bool StillSpends { get; init; }
    public string? Node { get; init; }
    public long? LastEvent { get; init; }

    /// <summary>The result was shown piece by piece: readers of the events are not given it again.</summary>
    public bool Shown { get; init; }
    public long? Prune { get; init; }

    /// <summary>The answer, where it may be given again.</summary>
    public CachedAnswer? Keep { get; init; }

    /// <summary>The job whose answer it was given; null: it was made for this one.</summary>
    public JobId? CachedFrom { get; init; }

    /// <summary>Whoever may wait for it; null: it is no job's child.</summary>
    public WaitingParent? Parent { get; init; }

    /// <summary>Who is told of it; null: nobody.</summary>
    public Addressees? To { get; init; }

    /// <summary>The event that tells of the end, and those of calls that were not written ahead.</summary>
    public required IReadOnlyList<AuditEvent> Audit { get; init; }

    public long NanoUsd => Money.ToNano(Usage.Usd);
}

/// <summary>A job that may wait for its child.</summary>
/// <param name="Weight">Of its tenant.</param>
internal readonly record struct WaitingParent(JobId Job, int Weight);

/// <summary>A failure as it is stored: code and fingerprint in the clear, the words sealed because they may hold content.</summary>
internal sealed record SealedFailure(string Code, FailureKind Kind, string Fingerprint, byte[]? Words);
