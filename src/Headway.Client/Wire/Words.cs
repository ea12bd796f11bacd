using System.Text.Json.Serialization;

namespace Headway.Client;

/// <summary>How the answer of a feature reaches its caller. Lower case on the wire.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Mode>))]
public enum Mode
{
    /// <summary>The caller waits for the whole answer.</summary>
    [JsonStringEnumMemberName("sync")] Sync,

    /// <summary>The answer is shown as it is made.</summary>
    [JsonStringEnumMemberName("stream")] Stream,

    /// <summary>The caller gets a job and fetches the result later.</summary>
    [JsonStringEnumMemberName("async")] Async,

    /// <summary>The answer if it is ready within the wait, else a job.</summary>
    [JsonStringEnumMemberName("hybrid")] Hybrid,

    /// <summary>A dataset put through the feature.</summary>
    [JsonStringEnumMemberName("batch")] Batch,
}

/// <summary>Where a job stands. Lower case on the wire; everything from <see cref="Succeeded"/> on is final, but for a dead letter, which can be replayed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
public enum JobState
{
    /// <summary>Starts later, at a time the caller gave or after a backoff.</summary>
    [JsonStringEnumMemberName("scheduled")] Scheduled,

    /// <summary>Can be claimed.</summary>
    [JsonStringEnumMemberName("queued")] Queued,

    /// <summary>A handler is at work.</summary>
    [JsonStringEnumMemberName("running")] Running,

    /// <summary>Waits for something from outside.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,

    /// <summary>Held back by an operator.</summary>
    [JsonStringEnumMemberName("paused")] Paused,

    /// <summary>Has a result.</summary>
    [JsonStringEnumMemberName("succeeded")] Succeeded,

    /// <summary>Ended without a result; its caller was told at once.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>A dead letter: not tried again by itself, can be replayed.</summary>
    [JsonStringEnumMemberName("dead")] Dead,

    /// <summary>Cancelled, for good.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}
