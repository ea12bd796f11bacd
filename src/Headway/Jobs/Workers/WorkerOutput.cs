using System.Text.Json;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Workers;

/// <summary>Logs what workers write while they work: pieces of the answer and how far they are, with ids that the workers give, from 1 on in each attempt.</summary>
internal sealed class WorkerOutput(Database database, Vault vault, WorkerSessions sessions, HeldWork held, LiveOutputs outputs, JobNews news)
{
    /// <summary>More in one request would only be seen late.</summary>
    public const int MostPieces = 1_000;

    private const long LastId = LogEvent.PerAttempt - 4;

    /// <summary>The id that the attempt's next event has.</summary>
    /// <param name="id">That of the first piece.</param>
    public Task<WorkerAnswer<long>> AppendAsync(string session, WorkerAttempt attempt, long id, IReadOnlyList<ReadOnlyMemory<byte>> deltas) =>
        LogAsync(session, attempt, id, [.. deltas.Select(delta => (LogEventKind.Delta, delta))], null);

    public Task<WorkerAnswer<long>> ProgressAsync(string session, WorkerAttempt attempt, long id, Progress progress)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(progress, OutputJson.Default.Progress);
        return LogAsync(session, attempt, id, [(LogEventKind.Progress, json)], json);
    }

    private async Task<WorkerAnswer<long>> LogAsync(string text, WorkerAttempt attempt, long id, List<(LogEventKind Kind, ReadOnlyMemory<byte> Data)> said, byte[]? progress)
    {
        if (sessions.Read(text) is not { } session) return WorkerRefusal.SessionUnknown;
        var fence = new Fence(attempt.Job, session.Lease, attempt.Attempt);
        if (await held.FindAsync(fence).ConfigureAwait(false) is not { } known) return WorkerRefusal.AttemptLost(attempt.Job, attempt.Attempt);
        if (known.Logged < 0) known.Logged = await database.ReadAsync(reading => LoggedOutput.BytesAsync(reading, fence)).ConfigureAwait(false);
        if (known.Logged > OutputLog.LongestBytes || id > LastId - said.Count) return TooLong;

        // The first of a later attempt brings what tells readers that it begins.
        var begins = id == 1 && attempt.Attempt > 1;
        var events = begins ? [(LogEventKind.Restart, JsonSerializer.SerializeToUtf8Bytes(new Restart(attempt.Attempt), OutputJson.Default.Restart)), .. said] : said;
        var first = LogEvent.FirstOf(attempt.Attempt) + id - (begins ? 1 : 0);
        while (events.Count > 0)
        {
            var row = RowOf(known, fence.Job, first, events);
            var last = await database.WriteAsync(new AppendNumbered(fence, row, progress is null ? null : known.Work.Key.Seal(PayloadKind.Stream, fence.Job, progress))).ConfigureAwait(false);
            if (last is not { } logged)
            {
                held.Drop(fence);
                return WorkerRefusal.AttemptLost(attempt.Job, attempt.Attempt);
            }
            if (logged < first - 1) return WorkerRefusal.OutputGap(Math.Max(1, logged + 1 - LogEvent.FirstOf(attempt.Attempt)));
            if (logged == row.Last) Tell(known, fence.Job, row);
            // Said before, whole or in part: the rest follows what is there.
            var before = (int)Math.Min(events.Count, logged - first + 1);
            (events, first) = (events[before..], first + before);
        }
        return id + said.Count;
    }

    private static LogRow RowOf(HeldAttempt known, JobId job, long first, List<(LogEventKind Kind, ReadOnlyMemory<byte> Data)> events)
    {
        var bytes = LogCodec.Encode([.. events.Select((said, n) => new LogEvent(first + n, said.Kind, said.Data))]);
        return new LogRow(first, first + events.Count - 1, known.Work.Key.Seal(PayloadKind.Stream, job, bytes, first));
    }

    private void Tell(HeldAttempt known, JobId job, LogRow row)
    {
        known.Logged += row.Body.Length;
        outputs.Changed(job);
        news.Logged(job);
    }

    private static WorkerRefusal TooLong => new(WorkerRefusalKind.OutputTooLong, $"The output of an attempt is bounded by {OutputLog.LongestBytes >> 20} MiB and {LastId} events. Send less, or end the attempt with `fail`.");

    /// <summary>The pieces of an attempt as one answer, as its readers were shown them. Null: there is none.</summary>
    public async ValueTask<Result?> JoinedAsync(HeldAttempt attempt)
    {
        var fence = attempt.Claimed.Fence;
        var (after, end) = (LogEvent.FirstOf(fence.Attempt), LogEvent.FirstOf(fence.Attempt + 1));
        using var texts = new MemoryStream();
        using var values = new MemoryStream();
        while (after < end)
        {
            var from = after;
            foreach (var row in await database.ReadAsync(session => LogWrites.ReadAsync(session, fence.Job, from)).ConfigureAwait(false))
            {
                foreach (var entry in LogCodec.Decode(row.First, vault.Open(attempt.Work.Origin.Tenant, PayloadKind.Stream, fence.Job, row.Body, row.First)).Where(entry => entry.Id > after))
                {
                    after = entry.Id;
                    if (entry.Kind is LogEventKind.Delta) Join(entry.Data, texts, values);
                }
            }
            if (after == from) break;
        }
        if (values.Length == 0) return texts.Length == 0 ? null : new Result(texts.ToArray(), Result.Prose);
        values.WriteByte((byte)']');
        return new Result(values.ToArray(), Result.Json);
    }

    private static void Join(ReadOnlyMemory<byte> delta, MemoryStream texts, MemoryStream values)
    {
        using var json = JsonDocument.Parse(delta);
        if (json.RootElement.TryGetProperty("value", out var value))
        {
            values.WriteByte(values.Length == 0 ? (byte)'[' : (byte)',');
            values.Write(System.Text.Encoding.UTF8.GetBytes(value.GetRawText()));
        }
        else
        {
            texts.Write(System.Text.Encoding.UTF8.GetBytes(json.RootElement.GetProperty("text").GetString()!));
        }
    }
}
