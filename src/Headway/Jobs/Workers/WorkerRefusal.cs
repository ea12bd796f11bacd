namespace Headway.Jobs.Workers;

/// <summary>Why a worker is turned away; the edge gives each its code and status.</summary>
internal enum WorkerRefusalKind { SessionUnknown, SessionLost, AttemptLost, OutputGap, OutputTooLong, ResultInvalid, FeatureUnknown, FeatureNotForWorkers, FileUnknown }

/// <param name="Message">What happened and the cure. Free of content.</param>
internal sealed record WorkerRefusal(WorkerRefusalKind Kind, string Message)
{
    public static readonly WorkerRefusal SessionUnknown = new(WorkerRefusalKind.SessionUnknown, "No node of this database has given this session. Leave `session` out of a claim to be given one.");

    public static readonly WorkerRefusal SessionLost = new(WorkerRefusalKind.SessionLost,
        "The lease of this session ran out before it was renewed, and its jobs are others' by now. Stop all work on them, and claim without `session` to be given a new one.");

    public static WorkerRefusal AttemptLost(JobId job, int attempt) => new(WorkerRefusalKind.AttemptLost,
        $"Attempt {attempt} at {job} is not this worker's any more: the job was cancelled, timed out, or was given to another. Nothing was written. Stop the work on it.");

    public static WorkerRefusal OutputGap(long next) => new(WorkerRefusalKind.OutputGap, $"The next event of this attempt has the id {next}. Send what lies between, too.");
}

/// <summary>What a worker asked for, or why it is not given.</summary>
internal readonly record struct WorkerAnswer<T>(T? Value, WorkerRefusal? Refusal)
{
    public static implicit operator WorkerAnswer<T>(T value) => new(value, null);

    public static implicit operator WorkerAnswer<T>(WorkerRefusal refusal) => new(default, refusal);
}
