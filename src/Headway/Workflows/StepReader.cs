using System.Text.Json;
using Headway.Access;
using Headway.Audit;
using Headway.Budgets;
using Headway.Handlers.Code;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Payloads;
using Headway.Storage;
using Headway.Workflows.History;
using Headway.Workflows.Running;
using Headway.Workflows.Storage;

namespace Headway.Workflows;

/// <summary>Shows how far a workflow is: what it got, and what it waits for.</summary>
internal sealed class StepReader(Database database, Vault vault, JobReader jobs, NodeLease lease)
{
    private static readonly Sql AnySteps = Sql.At("Workflows/Storage/AnySteps");

    /// <summary>Whether the job has got anything as a workflow, or waits as one.</summary>
    public static bool HasAny(Database database, JobId job) => database.Read(async session =>
    {
        using var any = session.Use(AnySteps).Bind(1, job);
        return await any.StepAsync().ConfigureAwait(false) && any.Int64(0) == 1;
    });

    /// <summary>In the order in which the workflow learned of them, and then what is open; up to as many as asked.</summary>
    /// <param name="after">The number after which the page begins.</param>
    public ValueTask<StepPage> ReadAsync(string tenant, JobId job, long after, int limit) => database.ReadAsync(async session =>
    {
        var rows = await JournalRow.ReadAsync(session, job, after).ConfigureAwait(false);
        var page = rows.Take(limit).Where(row => row.Entry.Kind is not EntryKind.Origin).Select(row => OfEntry(row.Entry, row.Attempt)).ToList();
        // What is open comes after all that was got, on a page that has room for it.
        if (rows.Count >= limit) return new StepPage(page, rows[limit - 1].Entry.Number);
        var waits = await Waits.ReadAsync(session, job).ConfigureAwait(false);
        return new StepPage([.. page, .. waits.Where(wait => wait.Kind is not WaitKind.Died).Select(wait => OfWait(tenant, job, wait))], null);
    });

    /// <summary>One step with what it gave and what it cost; that it was viewed is audited before it is handed out. Null: there is none of that number.</summary>
    public async Task<StepDetail?> ShowAsync(Caller caller, JobRow row, long number)
    {
        var (line, calls) = await database.ReadAsync(async session =>
        {
            var page = await JournalRow.ReadAsync(session, row.Id, number - 1).ConfigureAwait(false);
            return (page.FirstOrDefault(line => line.Entry.Number == number && line.Entry.Kind is not EntryKind.Origin), await ModelCalls.ReadAsync(session, row.Id).ConfigureAwait(false));
        }).ConfigureAwait(false);
        if (line is null) return null;
        ReadOnlyMemory<byte>? body = line.Body is null ? null as ReadOnlyMemory<byte>? : vault.Open(row.Tenant, PayloadKind.Journal, row.Id, line.Body, number);
        if (body is { } shown)
        {
            var viewed = row.Audit(caller, AuditActions.Viewed, jobs.DataOf(row), lease.Node) with { Purpose = "step", Payload = vault.Mac(row.Tenant, "viewed payload", shown.Span) };
            await database.WriteAsync(new AppendAudit(viewed, database.Now)).ConfigureAwait(false);
        }
        var name = line.Entry.Key.ToString();
        return new StepDetail(OfEntry(line.Entry, line.Attempt), line.Entry.Outcome is EntryOutcome.Done ? body : null, line.Entry.Outcome is EntryOutcome.Failed && body is { } failed ? FailedEntry.Read(failed) : null, [.. calls.Where(call => call.Call.Step == name).Select(call => call.Call)]);
    }

    private static StepRecord OfEntry(JournalEntry entry, int attempt) => new(entry.Number, WordOf(entry.Kind), entry.Key.Name, entry.Key.Occurrence, entry.Outcome switch
    {
        EntryOutcome.Failed => "failed",
        EntryOutcome.TimedOut => "timed-out",
        _ => "succeeded",
    }, At(entry.Began), At(entry.Ended), entry.Tries)
    { Child = entry.Child, Attempt = attempt };

    private StepRecord OfWait(string tenant, JobId job, Wait wait) => new(null, WordOf(KindOf(wait.Kind)), wait.Name, wait.Occurrence, wait.Kind is WaitKind.Retry or WaitKind.UndoRetry ? "retrying" : "waiting", At(wait.Began), null, 0)
    {
        Child = wait.Child,
        Until = wait.Due is { } due ? At(due) : null,
        Question = wait.Question is { } question ? JsonSerializer.Deserialize<Question>(vault.Open(tenant, PayloadKind.Journal, job, question, Wait.QuestionPosition), CodeJson.Options) : null,
    };

    public static EntryKind KindOf(WaitKind kind) => kind switch
    {
        WaitKind.Timer => EntryKind.Timer,
        WaitKind.Signal => EntryKind.Signal,
        WaitKind.Approval => EntryKind.Approval,
        WaitKind.Child => EntryKind.Call,
        WaitKind.Start => EntryKind.Start,
        WaitKind.UndoRetry => EntryKind.Undo,
        _ => EntryKind.Step,
    };

    /// <summary>As callers read it.</summary>
    public static string WordOf(EntryKind kind) => kind switch { EntryKind.Timer => "delay", EntryKind.Marker => "patch", _ => kind.ToString().ToLowerInvariant() };

    private static DateTimeOffset At(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time);
}

/// <summary>One step, with what it gave.</summary>
/// <param name="Output">JSON; null: it gave nothing, or failed.</param>
/// <param name="Calls">Of models, that it made.</param>
internal sealed record StepDetail(StepRecord Step, ReadOnlyMemory<byte>? Output, WorkflowFailedException? Error, IReadOnlyList<ModelCall> Calls);

/// <param name="Next">The number after which the next page begins; null on the last.</param>
internal sealed record StepPage(IReadOnlyList<StepRecord> Steps, long? Next);

/// <summary>One thing that a workflow asked for.</summary>
/// <param name="Number">In the journal; null: it is waited for.</param>
/// <param name="Kind">step, signal, approval, call, start, delay, patch.</param>
/// <param name="State">succeeded, failed, timed-out; waiting, or retrying between two tries.</param>
internal sealed record StepRecord(long? Number, string Kind, string Name, int Occurrence, string State, DateTimeOffset Began, DateTimeOffset? Ended, int Tries)
{
    public JobId? Child { get; init; }

    /// <summary>The attempt at the job that wrote it.</summary>
    public int? Attempt { get; init; }

    /// <summary>Of an approval that is waited for: what is asked.</summary>
    public Question? Question { get; init; }

    /// <summary>When it is waited for no longer, or tried again.</summary>
    public DateTimeOffset? Until { get; init; }
}
