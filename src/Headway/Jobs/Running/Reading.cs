using Headway.Access;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Storage;
using Headway.Streams;

namespace Headway.Jobs.Running;

/// <summary>One reading of a job's events, and what the audit trail is told of it.</summary>
/// <remarks>
/// Invariant: no content leaves before the reading's `delivered` is durable, so a reader who leaves early, or a node that dies, leaves the trace
/// of what was handed over. One event tells of the whole reading, its end included; who comes back begins another.
/// </remarks>
/// <param name="after">The id from which it goes on; null: from the beginning.</param>
/// <param name="answers">It is the very answer to the call.</param>
internal sealed class Reading(Results results, Caller caller, long? after, bool answers)
{
    private bool _told;

    /// <summary>Call before an event of the output is given out.</summary>
    public ValueTask TellAsync(JobRow row, LogEventKind kind) => kind is LogEventKind.Delta ? TellAsync(row, null as Result) : ValueTask.CompletedTask;

    /// <summary>Call before content is given out.</summary>
    /// <param name="result">What is given; null: pieces, of a result that may not be known yet.</param>
    public async ValueTask TellAsync(JobRow row, Result? result)
    {
        if (_told || IsTheCallsOwn(row)) return;
        result ??= row.State is JobState.Succeeded ? results.Open(row) : null;
        await results.RecordAsync(caller, row, result?.Body, "events").ConfigureAwait(false);
        _told = true;
    }

    // The call of a stream tells of its own answer when it closes (`served`, `failed`, `abandoned`), wherever that broke and was taken up again.
    // Whoever else reads it, or reads it anew, is told of as a reader.
    private bool IsTheCallsOwn(JobRow row) => row.Mode is Mode.Stream && row.Actor == caller.Actor && (answers || after > LogEvent.FirstOf(1));
}
