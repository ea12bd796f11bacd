using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Headway.Client;

/// <summary>One event of a job.</summary>
/// <param name="Id">Place in the log of the job. Null for a snapshot, which is not part of the log.</param>
/// <param name="Kind">`status`, `progress`, `delta`, `restart`, `result` or `end`.</param>
/// <param name="Data">JSON, one line. A `result` is the answer itself: JSON as it is, prose as a string.</param>
public sealed record JobEventRecord(long? Id, string Kind, string Data)
{
    /// <summary>The data as the record of its kind: <see cref="StatusEventRecord"/>, <see cref="ProgressRecord"/>, <see cref="DeltaEventRecord"/>, <see cref="RestartEventRecord"/>, <see cref="EndEventRecord"/>.</summary>
    /// <param name="type">From <see cref="HeadwayJson.Wire"/>.</param>
    /// <returns>Null: the data has another shape.</returns>
    public T? As<T>(JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Data, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Data of `status`: where the job stands now.</summary>
/// <param name="Id">Id of the job.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempt">How many times it was started.</param>
/// <param name="Position">Place in the queue, 1 for the next. Absent unless queued.</param>
/// <param name="WaitingFor">Code of why it does not go on. Absent while it does.</param>
/// <param name="Text">The same in words.</param>
public sealed record StatusEventRecord(string Id, JobState State, int Attempt, int? Position = null, string? WaitingFor = null, string? Text = null);

/// <summary>Data of `delta`: the next piece of the answer, either prose or one JSON value.</summary>
/// <param name="Text">A piece of prose, to be put behind what came before.</param>
/// <param name="Value">One value of a stream of values.</param>
public sealed record DeltaEventRecord(string? Text = null, JsonElement? Value = null);

/// <summary>Data of `restart`: another attempt begins; the deltas before it are void.</summary>
/// <param name="Attempt">The attempt that begins.</param>
public sealed record RestartEventRecord(int Attempt);

/// <summary>Data of `end`: how the job ended. Nothing comes after it.</summary>
/// <param name="Id">Id of the job.</param>
/// <param name="State">A final state.</param>
/// <param name="Model">Name of the model that answered.</param>
/// <param name="Usage">Tokens of all attempts.</param>
/// <param name="Cost">US dollars.</param>
/// <param name="Error">Why there is no result. Absent when there is one.</param>
public sealed record EndEventRecord(string Id, JobState State, string? Model = null, UsageRecord? Usage = null, decimal? Cost = null, ErrorRecord? Error = null);
