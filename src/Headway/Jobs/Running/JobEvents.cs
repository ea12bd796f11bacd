using System.Runtime.CompilerServices;
using System.Text.Json;
using Headway.Access;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Running;

/// <summary>The events of a job for one reader: what is logged, then what comes, then the end.</summary>
/// <remarks>
/// Invariant: no gap and no repeat. The watch is opened before the log is read, the record is read before the log, and every event is
/// compared with the last id given: a live one that does not follow it sends the reader back to the log.
/// </remarks>
internal sealed class JobEvents(Database database, Vault vault, JobReader jobs, LiveOutputs outputs, Results results)
{
    // A record can change without a word in this process (another node finished it); rarely, because a look costs a read.
    private static readonly TimeSpan Backstop = TimeSpan.FromSeconds(5);

    /// <param name="answers">The reading is the answer to the call itself: a stream.</param>
    public async IAsyncEnumerable<JobEvent> ReadAsync(Caller caller, JobId id, long? after, bool answers, [EnumeratorCancellation] CancellationToken readerLeft)
    {
        using var watch = outputs.Watch(id);
        var reading = new Reading(results, caller, after, answers);
        var last = after ?? 0;
        (JobState State, bool IsHeld)? told = null;
        while (jobs.Row(caller.Tenant, id) is { } row)
        {
            var standing = (row.State, jobs.IsHeld(row));
            if (standing != told && !row.IsFinished && row.Mode is not Mode.Stream)
            {
                told = standing;
                yield return Status(jobs.JobOf(row, detailed: true));
            }
            foreach (var entry in Logged(row, last))
            {
                await reading.TellAsync(row, entry.Kind).ConfigureAwait(false);
                last = entry.Id;
                yield return Shown(entry);
            }
            if (row.IsFinished)
            {
                await foreach (var entry in EndAsync(reading, row, last)) yield return entry;
                yield break;
            }
            var gap = false;
            while (!gap)
            {
                while (!gap && watch.TryRead(out var entry))
                {
                    if (entry.Id <= last) continue;
                    gap = !Follows(entry.Id, last);
                    if (gap) break;
                    await reading.TellAsync(row, entry.Kind).ConfigureAwait(false);
                    last = entry.Id;
                    yield return Shown(entry);
                }
                if (gap || watch.TakeLagging() || watch.TakeNotice()) break;
                if (!await WaitAsync(watch, readerLeft).ConfigureAwait(false)) break;
            }
        }
    }

    private static bool Follows(long id, long last) => id == last + 1 || (id / LogEvent.PerAttempt > last / LogEvent.PerAttempt && id % LogEvent.PerAttempt <= 1);

    /// <summary>False: nothing came for a while, look at the record.</summary>
    private async ValueTask<bool> WaitAsync(OutputWatch watch, CancellationToken readerLeft)
    {
        var coming = watch.WaitAsync(readerLeft);
        if (coming.IsCompletedSuccessfully) return true;
        try
        {
            await coming.AsTask().WaitAsync(Backstop, database.Time, readerLeft).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private IEnumerable<LogEvent> Logged(JobRow row, long after)
    {
        while (true)
        {
            var from = after;
            var page = database.Read(session => LogWrites.Read(session, row.Id, from));
            foreach (var entry in page.SelectMany(stored => LogCodec.Decode(stored.First, vault.Open(row.Tenant, PayloadKind.Stream, row.Id, stored.Body, stored.First))))
            {
                if (entry.Id <= after) continue;
                after = entry.Id;
                yield return entry;
            }
            if (after == from) yield break;
        }
    }

    /// <summary>`result` where nothing of it was shown before, then `end`; their ids follow the last one shown.</summary>
    private async IAsyncEnumerable<JobEvent> EndAsync(Reading reading, JobRow row, long last)
    {
        var givesResult = row.State is JobState.Succeeded && !row.Shown;
        var endId = EndId(row, givesResult);
        if (last >= endId) yield break;
        if (givesResult && last < endId - 1 && results.Open(row) is { } result)
        {
            await reading.TellAsync(row, result).ConfigureAwait(false);
            yield return new JobEvent(endId - 1, "result", Body(result));
        }
        yield return new JobEvent(endId, "end", JsonSerializer.SerializeToUtf8Bytes(EndOf(row), EventJson.Default.EndData));
    }

    // A job that its attempt did not end itself (cancelled, its node lost) may have shown more than the record knows of, and even more than
    // the log holds: its end takes the last id of the attempt's room, which lies after all of them.
    private static long EndId(JobRow row, bool givesResult) => row.State is JobState.Succeeded || row.LastEvent is not null
        ? Math.Max(row.LastEvent ?? 0, LogEvent.FirstOf(Math.Max(row.Attempt, 1))) + (givesResult ? 2 : 1)
        : LogEvent.FirstOf(row.Attempt + 1) - 1;

    private EndData EndOf(JobRow row) => new(
        row.Id.ToString(), row.State.ToString().ToLowerInvariant(), row.Model, new UsageData(row.Usage.InputTokens, row.Usage.OutputTokens), row.Usage.Usd,
        row.Failure is null ? null : ErrorOf(row, row.Failure));

    private ErrorData ErrorOf(JobRow row, SealedFailure failure)
    {
        var read = jobs.FailureOf(row, failure);
        return new ErrorData(read.Code, read.Message, read.Retryable);
    }

    private static JobEvent Status(Job job) => new(null, "status", JsonSerializer.SerializeToUtf8Bytes(
        new StatusData(job.Id.ToString(), job.State.ToString().ToLowerInvariant(), job.Attempt, job.Position, job.WaitingFor?.Code, job.WaitingFor?.Text), EventJson.Default.StatusData));

    private static JobEvent Shown(LogEvent entry) => new(entry.Id, entry.Kind switch
    {
        LogEventKind.Restart => "restart",
        LogEventKind.Progress => "progress",
        _ => "delta",
    }, entry.Data);

    // Prose becomes a JSON string; JSON goes as it is, on one line.
    private static byte[] Body(Handlers.Result result)
    {
        if (!result.MediaType.StartsWith(Handlers.Result.Json, StringComparison.Ordinal)) return JsonSerializer.SerializeToUtf8Bytes(System.Text.Encoding.UTF8.GetString(result.Body.Span), EventJson.Default.String);
        using var json = JsonDocument.Parse(result.Body);
        return JsonSerializer.SerializeToUtf8Bytes(json.RootElement, EventJson.Default.JsonElement);
    }
}
