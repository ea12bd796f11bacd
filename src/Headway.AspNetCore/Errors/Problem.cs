namespace Headway.AspNetCore.Errors;

/// <summary>A refusal or failure as the caller is told it: RFC 9457 with a stable code.</summary>
/// <param name="Detail">What happened here, and the cure.</param>
internal sealed record Problem(ProblemKind Kind, string Detail)
{
    /// <summary>The job it is about, where there is one.</summary>
    public JobId? Job { get; init; }

    /// <summary>The job's state, as the wire calls it.</summary>
    public string? State { get; init; }
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same call may do better a little later.</summary>
    public bool MayPass { get; init; }

    /// <summary>The field of a request of the OpenAI API that is at fault.</summary>
    public string? Param { get; init; }
    public IReadOnlyList<InputError> Errors { get; init; } = [];

    /// <summary>The methods the route takes; for 405.</summary>
    public string? Allow { get; init; }

    /// <summary>Of a caller who is still there while the job is not: somebody else has ended it.</summary>
    public static Problem Gone(Headway.Jobs.Job job) => new(ProblemKind.CallCancelled, "The work was ended by somebody else. The job says how: GET /v1/jobs/{id}.") { Job = job.Id };

    /// <summary>Finds the log lines of what failed inside.</summary>
    public string? Trace { get; init; }
}

/// <summary>One place where an input is wrong.</summary>
/// <param name="Pointer">JSON pointer (RFC 6901) into the input; empty for the whole.</param>
/// <param name="Rule">The rule that is broken, in words.</param>
internal sealed record InputError(string Pointer, string Rule);
