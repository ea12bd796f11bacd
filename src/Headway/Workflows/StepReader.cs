using Headway.Jobs.Waiting;
using Headway.Storage;
using Headway.Workflows.History;
using Headway.Workflows.Storage;

namespace Headway.Workflows;

/// <summary>Shows how far a workflow is: what it got, and what it waits for.</summary>
internal sealed class StepReader(Database database)
{
    /// <summary>In the order in which the workflow learned of them, and then what is open; up to as many as asked.</summary>
    /// <param name="after">The number after which the page begins.</param>
    public ValueTask<StepPage> ReadAsync(JobId job, long after, int limit) => database.ReadAsync(async session =>
    {
        var rows = await JournalRow.ReadAsync(session, job, after).ConfigureAwait(false);
        var page = rows.Take(limit).Select(row => OfEntry(row.Entry, row.Attempt)).ToList();
        // What is open comes after all that was got, on a page that has room for it.
        if (rows.Count >= limit) return new StepPage(page, page[^1].Number);
        var waits = await Waits.ReadAsync(session, job).ConfigureAwait(false);
        return new StepPage([.. page, .. waits.Where(wait => wait.Kind is not WaitKind.Died).Select(OfWait)], null);
    });

    private static StepRecord OfEntry(JournalEntry entry, int attempt) => new(entry.Number, WordOf(entry.Kind), entry.Key.Name, entry.Key.Occurrence, entry.Outcome switch
    {
        EntryOutcome.Failed => "failed",
        EntryOutcome.TimedOut => "timed-out",
        _ => "succeeded",
    }, At(entry.Began), At(entry.Ended), entry.Tries)
    { Child = entry.Child, Attempt = attempt };

    private static StepRecord OfWait(Wait wait) => new(null, WordOf(KindOf(wait.Kind)), wait.Name, wait.Occurrence, wait.Kind is WaitKind.Retry ? "retrying" : "waiting", At(wait.Began), null, 0) { Child = wait.Child, Until = wait.Due is { } due ? At(due) : null };

    public static EntryKind KindOf(WaitKind kind) => kind switch
    {
        WaitKind.Timer => EntryKind.Timer,
        WaitKind.Signal => EntryKind.Signal,
        WaitKind.Approval => EntryKind.Approval,
        WaitKind.Child => EntryKind.Call,
        WaitKind.Start => EntryKind.Start,
        _ => EntryKind.Step,
    };

    /// <summary>As callers read it.</summary>
    public static string WordOf(EntryKind kind) => kind switch { EntryKind.Timer => "delay", EntryKind.Marker => "patch", _ => kind.ToString().ToLowerInvariant() };

    private static DateTimeOffset At(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time);
}

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

    /// <summary>When it is waited for no longer, or tried again.</summary>
    public DateTimeOffset? Until { get; init; }
}
