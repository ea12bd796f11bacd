using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Headway.Client;

/// <summary>One event of a job.</summary>
/// <param name="Id">Place in the log of the job. Null for a snapshot, which is not part of the log.</param>
/// <param name="Kind">`status`, `step`, `progress`, `delta`, `restart`, `result` or `end`.</param>
/// <param name="Data">JSON, one line. A `result` is the answer itself: JSON as it is, prose as a string.</param>
public sealed record JobEventRecord(long? Id, string Kind, string Data)
{
    /// <summary>The data as the record of its kind: <see cref="StatusEventRecord"/>, <see cref="StepEventRecord"/>, <see cref="ProgressRecord"/>, <see cref="DeltaEventRecord"/>, <see cref="RestartEventRecord"/>, <see cref="EndEventRecord"/>.</summary>
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

/// <summary>Data of `step`: a workflow got something. A snapshot: whoever comes back is told of all again, and knows them by their number.</summary>
/// <param name="Number">In the order in which the workflow learned of it.</param>
/// <param name="Kind">As <see cref="StepRecord.Kind"/>.</param>
/// <param name="Name">With the branches it lies in before it.</param>
/// <param name="Occurrence">How often the name had been used, this time included.</param>
/// <param name="State">`succeeded`, `failed` or `timed-out`.</param>
public sealed record StepEventRecord(long Number, string Kind, string Name, int Occurrence, string State);

/// <summary>Data of `delta`: the next piece of the answer, either prose or one JSON value.</summary>
/// <param name="Text">A piece of prose, to be put behind what came before.</param>
/// <param name="Value">One value of a stream of values.</param>
/// <param name="Beside">It is no part of the answer, but shown beside it by a workflow; the answer comes as `result`.</param>
public sealed record DeltaEventRecord(string? Text = null, JsonElement? Value = null, bool Beside = false);

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
