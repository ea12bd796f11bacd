using System.Text.Json;

namespace Headway.Client;

/// <summary>One line of a bulk submission: the input of a job, and what its caller asks and says.</summary>
[System.Text.Json.Serialization.JsonUnmappedMemberHandling(System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow)]
public sealed record SubmissionRecord
{
    /// <summary>The input, any JSON value that the feature takes.</summary>
    public required JsonElement Input { get; init; }

    /// <summary>A repeat with the same key gets the same job instead of another one. Default: none.</summary>
    public string? Key { get; init; }

    /// <summary>The thing the result belongs to, such as `encounter/8812`.</summary>
    public string? Subject { get; init; }

    /// <summary>0 to 9, higher first. Default: the server's, 5.</summary>
    public int? Priority { get; init; }

    /// <summary>When the result is worth nothing any more: a duration such as `30s`, or a time of RFC 3339.</summary>
    public string? Deadline { get; init; }

    /// <summary>When to start, written in the same way; async only. Default: at once.</summary>
    public string? StartAt { get; init; }

    /// <summary>A JSON object kept with the job.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>As the option of a call.</summary>
    public string? Unique { get; init; }

    /// <summary>As the option of a call.</summary>
    public string? Debounce { get; init; }

    /// <summary>W3C trace context.</summary>
    public string? Traceparent { get; init; }
}

/// <summary>What became of one line.</summary>
public sealed record VerdictRecord
{
    /// <summary>Number of the line, from 1. Absent on the closing line.</summary>
    public int? Line { get; init; }

    /// <summary>`accepted`, `repeated` (its key had a job), `replaced` (a job that waited has its input now) or `refused`; `end` on the closing line.</summary>
    public required string Status { get; init; }

    /// <summary>Id of the job. Absent: refused.</summary>
    public string? Job { get; init; }

    /// <summary>Why it was refused. Absent: it was not.</summary>
    public ProblemRecord? Problem { get; init; }

    /// <summary>Seconds after which the line may be sent again. Absent: unknown, or no use.</summary>
    public long? RetryAfter { get; init; }

    /// <summary>True when there is a job. Not on the wire.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsTaken => Job is not null;
}
