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
/// compared with the last id given: a live one that does not follow it sends the reader back to the log. A reader that has been there, or that
/// watches from the first event on, needs the log no more unless it falls behind, or the record says that it missed the last event.
/// </remarks>
internal sealed class JobEvents(Database database, Vault vault, JobReader jobs, LiveOutputs outputs, RunningJobs running, JobNews news, Results results)
{
    private const int StepsAtOnce = 500;

    private static readonly Sql ReadSteps = Sql.At("Jobs/Storage/ReadSteps");
    private static readonly Sql FindRound = Sql.At("Jobs/Storage/FindRound");

    /// <param name="answers">The reading is the answer to the call itself: a stream.</param>
    /// <param name="logged">Only what is in the log: nothing that the loss of this node could take back.</param>
    public async IAsyncEnumerable<JobEvent> ReadAsync(Caller caller, JobId id, long? after, bool answers, bool logged, [EnumeratorCancellation] CancellationToken readerLeft)
    {
        using var watch = outputs.Watch(id, logged);
        // Once for the whole reading: a timer and a registration for each event would cost more than the events of a slow stream.
        await using var silent = database.Time.CreateTimer(static watch => ((OutputWatch)watch!).NoteSilence(), watch, database.LookAfter, database.LookAfter).ConfigureAwait(false);
        await using var left = readerLeft.UnsafeRegister(static watch => ((OutputWatch)watch!).Wake(), watch).ConfigureAwait(false);
        var reading = new Reading(results, caller, after, answers);
        var last = after ?? 0;
        (JobState State, bool IsHeld)? told = null;
        long? said = null;
        var steps = (Round: 0L, Last: 0L);
        // What the log holds of a first attempt was shown here after the watch began.
        var behind = after is not null || !watch.SeesAll;
        while (jobs.Row(caller.Tenant, id) is { } row)
        {
            var standing = (row.State, jobs.IsHeld(row));
            if (standing != told && !row.IsFinished && row.Mode is not Mode.Stream)
            {
                told = standing;
                yield return Status(jobs.JobOf(row, detailed: true));
            }
            said = SayReading(row, said);
            if (row.Mode is Mode.Async or Mode.Hybrid)
            {
                (long Round, List<StepData> Steps) page;
                do
                {
                    page = await StepsAsync(row.Id, steps.Round, steps.Last).ConfigureAwait(false);
                    foreach (var step in page.Steps) yield return new JobEvent(null, "step", JsonSerializer.SerializeToUtf8Bytes(step, EventJson.Default.StepData));
                    steps = (page.Round, page.Steps.Count > 0 ? page.Steps[^1].Number : page.Round == steps.Round ? steps.Last : 0);
                }
                while (page.Steps.Count == StepsAtOnce);
            }
            if (behind || logged || row.Mode is not Mode.Stream || IsElsewhere(row) || (row.IsFinished && row.LastEvent != last))
            {
                await foreach (var entry in LoggedAsync(row, last).ConfigureAwait(false))
                {
                    await reading.TellAsync(row, entry.Kind).ConfigureAwait(false);
                    last = entry.Id;
                    yield return Shown(entry);
                }
            }
            if (row.IsFinished)
            {
                await foreach (var entry in EndAsync(reading, row, last)) yield return entry;
                yield break;
            }
            for (behind = false; ;)
            {
                while (!behind && watch.TryRead(out var entry))
                {
                    if (entry.Id <= last) continue;
                    behind = !Follows(entry.Id, last);
                    if (behind) break;
                    await reading.TellAsync(row, entry.Kind).ConfigureAwait(false);
                    last = entry.Id;
                    yield return Shown(entry);
                }
                behind |= watch.TakeLagging();
                if (behind || watch.TakeNotice()) break;
                await watch.WaitAsync().ConfigureAwait(false);
                readerLeft.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>What a workflow got after a line of its journal: names and no content. A run that another has taken the place of is told of from its first line.</summary>
    private ValueTask<(long Round, List<StepData> Steps)> StepsAsync(JobId job, long round, long after) => database.ReadAsync(async session =>
    {
        long now;
        using (var find = session.Use(FindRound).Bind(1, job)) now = await find.StepAsync().ConfigureAwait(false) ? find.Int64(0) : 1;
        var steps = new List<StepData>();
        using var read = session.Use(ReadSteps).Bind(1, job).Bind(2, now == round ? after : 0).Bind(3, StepsAtOnce);
        while (await read.StepAsync().ConfigureAwait(false))
        {
            var outcome = read.Int64(4) switch { 0 => "succeeded", 1 => "failed", _ => "timed-out" };
            steps.Add(new StepData(read.Int64(0), KindOf(read.Int64(1)), read.Text(2)!, read.Int32(3), outcome));
        }
        return (now, steps);
    });

    // The words of GET /v1/jobs/{id}/steps for the numbers that are stored (Workflows/History/EntryKind).
    private static string KindOf(long kind) => kind switch { 1 => "step", 2 => "signal", 3 => "approval", 4 => "call", 5 => "start", 6 => "delay", 7 => "patch", _ => "undo" };

    /// <summary>Whoever writes it on another node need not tell of each piece unless somebody reads it elsewhere, and does not take its readers for gone.</summary>
    /// <param name="last">When it was said last; null: never.</param>
    private long? SayReading(JobRow row, long? last)
    {
        if (!IsElsewhere(row)) return last;
        if (last is { } at && database.Time.GetElapsedTime(at) < JobNews.ReadsEvery) return last;
        news.Reads(row.Id);
        return database.Time.GetTimestamp();
    }

    // What it shows comes here by the log alone.
    private bool IsElsewhere(JobRow row) => database.IsShared && !row.IsFinished && !running.Runs(row.Id);

    /// <summary>The pieces in which the answer of a finished job was shown, for whoever is given that answer: no delivery of its own. Empty: it was not shown in pieces.</summary>
    public async ValueTask<IReadOnlyList<JobEvent>> PiecesAsync(string tenant, JobId id)
    {
        var pieces = new List<JobEvent>();
        if (jobs.Row(tenant, id) is not { State: JobState.Succeeded, Shown: true } row) return pieces;
        await foreach (var entry in LoggedAsync(row, 0).ConfigureAwait(false)) pieces.Add(Shown(entry));
        return pieces;
    }

    private static bool Follows(long id, long last) => id == last + 1 || (id / LogEvent.PerAttempt > last / LogEvent.PerAttempt && id % LogEvent.PerAttempt <= 1);

    private async IAsyncEnumerable<LogEvent> LoggedAsync(JobRow row, long after)
    {
        while (true)
        {
            var from = after;
            var page = await database.ReadAsync(session => LogWrites.ReadAsync(session, row.Id, from)).ConfigureAwait(false);
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
        yield return new JobEvent(endId, "end", JsonSerializer.SerializeToUtf8Bytes(EndOf(row), EventJson.Default.EndData), row.State);
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
        if (!result.IsJson) return JsonSerializer.SerializeToUtf8Bytes(System.Text.Encoding.UTF8.GetString(result.Body.Span), EventJson.Default.String);
        using var json = JsonDocument.Parse(result.Body);
        return JsonSerializer.SerializeToUtf8Bytes(json.RootElement, EventJson.Default.JsonElement);
    }
}
