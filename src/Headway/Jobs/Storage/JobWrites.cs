using Headway.Audit;
using Headway.Budgets;
using Headway.Caching;
using Headway.Jobs.Waiting;
using Headway.Payloads.Files;
using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Storage;

/// <summary>The statements that more than one write shares.</summary>
internal static class JobWrites
{
    private static readonly Sql Insert = Sql.At("Jobs/Storage/InsertJob");
    private static readonly Sql Payload = Sql.At("Jobs/Storage/InsertPayload");
    private static readonly Sql Queued = Sql.At("Jobs/Storage/InsertQueued");
    private static readonly Sql Finish = Sql.At("Jobs/Storage/FinishJob");
    private static readonly Sql DeleteFormerPayloads = Sql.At("Jobs/Storage/DeleteFormerPayloads");
    private static readonly Sql DeleteFormer = Sql.At("Jobs/Storage/DeleteFormerInputs");
    private static readonly Sql DeleteLog = Sql.At("Jobs/Storage/DeleteLog");
    private static readonly Sql DeleteJournal = Sql.At("Jobs/Storage/DeleteJournal");
    private static readonly Sql Used = Sql.At("Jobs/Storage/AddUsage");
    private static readonly Sql Spent = Sql.At("Jobs/Storage/AddSpent");

    // Beside the calls that the attempt may still tell of.
    private const int NumberOfUnknown = -1;
    private static readonly Sql Attempt = Sql.At("Jobs/Storage/InsertAttempt");

    public static async ValueTask<long?> InsertPayloadAsync(Session session, byte[]? body)
    {
        if (body is null) return null;
        var number = await session.NewPayloadAsync().ConfigureAwait(false);
        session.Use(Payload).Bind(1, number).Bind(2, body).Send();
        return number;
    }

    /// <summary>The record of a job under way, or (with an ending) of a call that was answered before it was written.</summary>
    public static async ValueTask InsertJobAsync(Session session, NewJob job, Ending? ending = null)
    {
        var input = await InsertPayloadAsync(session, job.Input).ConfigureAwait(false);
        var result = await InsertPayloadAsync(session, ending?.Result).ConfigureAwait(false);
        InsertJob(session, job, input, result, ending);
    }

    /// <summary>Jobs under way, that wait to be claimed or for their time. Kind by kind: what is asked in a row with the same statement is one command on PostgreSQL.</summary>
    public static async ValueTask InsertJobsAsync(Session session, IReadOnlyList<NewJob> jobs)
    {
        var inputs = new long?[jobs.Count];
        for (var i = 0; i < inputs.Length; i++) inputs[i] = await InsertPayloadAsync(session, jobs[i].Input).ConfigureAwait(false);
        for (var i = 0; i < inputs.Length; i++) InsertJob(session, jobs[i], inputs[i], null, null);
        foreach (var job in jobs) await InsertQueuedAsync(session, job, null, null).ConfigureAwait(false);
    }

    private static void InsertJob(Session session, NewJob job, long? input, long? result, Ending? ending)
    {
        var statement = session.Use(Insert)
            .Bind(1, job.Origin.Id).Bind(2, job.Origin.Tenant).Bind(3, job.Origin.Actor).Bind(4, job.Origin.Definition)
            .Bind(5, (long)job.Mode).Bind(6, (long)(ending?.State ?? 0)).Bind(7, job.Priority).Bind(8, job.Created)
            .Bind(9, ending?.Started).Bind(10, ending?.Finished).Bind(11, job.Deadline).Bind(12, job.DeliverBy).Bind(13, job.TraceParent)
            .Bind(14, job.Origin.Subject).Bind(15, job.About).Bind(16, job.Searchable).Bind(17, job.Origin.Endpoints)
            .Bind(18, ending?.Attempt ?? 0).Bind(19, ending?.Started - job.Created).Bind(20, input).Bind(21, job.InputType)
            .Bind(22, result).Bind(23, ending?.ResultType);
        BindFailure(statement, 24, ending?.Failure);
        statement.Bind(28, ending?.Model).Bind(29, ending?.Usage.InputTokens ?? 0).Bind(30, ending?.Usage.OutputTokens ?? 0)
            .Bind(31, ending?.NanoUsd ?? 0).Bind(32, ending?.Node).Bind(33, ending?.Prune).Bind(34, ending?.CachedFrom).Bind(35, ending?.LastEvent).Bind(36, ending?.Shown is true ? 1 : 0)
            .Bind(37, job.Origin.Parent)
            .Send();
    }

    /// <param name="lease">The node that holds it from the start; null: it waits to be claimed, or for its time.</param>
    /// <param name="standing">Where its tenant stands, if that is known; on SQLite it is looked up.</param>
    public static async ValueTask InsertQueuedAsync(Session session, NewJob job, long? lease, Standing? standing)
    {
        var state = lease is not null ? JobState.Running : job.Due is not null ? JobState.Scheduled : JobState.Queued;
        var rank = Turns.Behind(job.Priority);
        // On PostgreSQL the same statement charges the turn: only there can one change several tables, and only there would a look cost a trip.
        if (job.Charge > 0 && session.Dialect is SqlDialect.Sqlite)
        {
            var (start, from) = standing ?? await Turns.ReadAsync(session, job.Pool, job.Origin.Tenant, job.Priority).ConfigureAwait(false);
            Turns.Charge(session, job.Pool, job.Origin.Tenant, job.Priority, from, job.Charge);
            rank += start;
        }
        var queued = session.Use(Queued)
            .Bind(1, job.Origin.Id).Bind(2, job.Pool).Bind(3, (long)state).Bind(4, rank).Bind(5, lease is null ? job.Due : null)
            .Bind(6, job.Deadline).Bind(7, lease).Bind(8, lease is null ? 0 : 1).Bind(9, lease is null ? null : job.Created)
            .Bind(10, state is JobState.Scheduled ? "start-time" : null).Bind(11, job.CacheInput).Bind(12, job.MadeAnew ? 1 : null).Bind(13, job.Gate).Bind(14, job.Pulled);
        if (session.Dialect is SqlDialect.Postgres) queued.Bind(15, job.Origin.Tenant).Bind(16, job.Priority).Bind(17, job.Charge);
        queued.Send();
    }

    /// <summary>Finishes the record and tells the audit trail.</summary>
    public static async ValueTask FinishJobAsync(Session session, JobId job, Ending ending)
    {
        var result = await InsertPayloadAsync(session, ending.Result).ConfigureAwait(false);
        var statement = session.Use(Finish)
            .Bind(1, (long)ending.State).Bind(2, ending.Finished).Bind(3, ending.Started).Bind(4, ending.Attempt).Bind(5, ending.Failures)
            .Bind(6, result).Bind(7, ending.ResultType);
        BindFailure(statement, 8, ending.Failure);
        // Asked together with what follows: nothing of it stays if the record was finished already.
        var finished = statement.Bind(12, ending.Model).Bind(13, ending.Usage.InputTokens).Bind(14, ending.Usage.OutputTokens).Bind(15, ending.NanoUsd)
            .Bind(16, ending.Node).Bind(17, ending.LastEvent).Bind(18, ending.Shown ? 1 : 0)
            .Bind(19, ending.Prune).Bind(20, ending.CachedFrom).Bind(21, job)
            .ExecuteAsync().AsTask();
        await SpendAsync(session, job, ending).ConfigureAwait(false);
        if (ending.Parent is { } parent) await Wakes.WakeAsync(session, parent.Job, _ => parent.Weight, ending.Finished).ConfigureAwait(false);
        foreach (var entry in ending.Audit) AuditTrail.Append(session, entry, ending.Finished);
        if (ending.To is { } to) Outbox.Put(session, to, job, ending.State, ending.Finished);
        // A record that is gone or finished leaves no trace of this ending: the payload above must not stay either.
        if (await finished.ConfigureAwait(false) != 1) throw new StorageException("storage-conflict", $"{job} was finished twice.");
    }

    /// <summary>Takes away what a job that has ended still holds beside its record: inputs it had before, its output, its journal, what it was sent, its files.</summary>
    public static async ValueTask ForgetContentAsync(Session session, JobId job)
    {
        session.Use(DeleteFormerPayloads).Bind(1, job).Send();
        session.Use(DeleteFormer).Bind(1, job).Send();
        session.Use(DeleteLog).Bind(1, job).Send();
        session.Use(DeleteJournal).Bind(1, job).Send();
        Waits.Forget(session, job);
        await FileStore.DeleteInAsync(session, job).ConfigureAwait(false);
    }

    /// <summary>A workflow begins anew: nothing that it got before is given to it.</summary>
    public static void ForgetJournal(Session session, JobId job)
    {
        session.Use(DeleteJournal).Bind(1, job).Send();
        Waits.RemoveAll(session, job);
    }

    /// <summary>Settles what was held back for a job whose end is being written, and keeps its answer where it may be given again.</summary>
    public static async ValueTask SpendAsync(Session session, JobId job, Ending ending)
    {
        ModelCalls.Append(session, job, ending.Calls);
        if (ending.Keep is { } answer) await CachedAnswers.KeepAsync(session, answer).ConfigureAwait(false);
        if (!ending.StillSpends) await Ledger.SettleAsync(session, job, ending.NanoUsd).ConfigureAwait(false);
    }

    /// <summary>Nobody can know what an attempt paid: what was held for it counts as spent, and the job shows it as a call of its own.</summary>
    public static async ValueTask SpendUnknownAsync(Session session, JobId job, int attempt, long now)
    {
        var held = await Ledger.SettleUnknownAsync(session, job).ConfigureAwait(false);
        if (held == 0) return;
        ModelCalls.Append(session, job, attempt, NumberOfUnknown, new ModelCall("", null, DateTimeOffset.FromUnixTimeMilliseconds(now), new Usage(0, 0, Money.ToUsd(held)) { Estimated = true }, ModelCalls.MaybePaid));
        session.Use(Spent).Bind(1, 0).Bind(2, 0).Bind(3, held).Bind(4, job).Send();
    }

    /// <summary>What an attempt leaves behind whose job goes on: its line of history, what it cost and told, and the rest of its output.</summary>
    public static async ValueTask KeepAttemptAsync(Session session, FailedAttempt attempt, CallsOfAttempt calls, IReadOnlyList<AuditEvent> audit, IReadOnlyList<LogRow> tail)
    {
        InsertAttempt(session, attempt);
        session.Use(Used)
            .Bind(1, attempt.Usage.InputTokens).Bind(2, attempt.Usage.OutputTokens).Bind(3, Money.ToNano(attempt.Usage.Usd))
            .Bind(4, attempt.Number).Bind(5, attempt.Started).Bind(6, attempt.Job)
            .Send();
        ModelCalls.Append(session, attempt.Job, calls);
        await Ledger.SpendAsync(session, attempt.Job, Money.ToNano(attempt.Usage.Usd)).ConfigureAwait(false);
        foreach (var entry in audit) AuditTrail.Append(session, entry, attempt.Finished);
        foreach (var row in tail) LogWrites.Append(session, attempt.Job, row);
    }

    public static void InsertAttempt(Session session, FailedAttempt attempt)
    {
        var statement = session.Use(Attempt)
            .Bind(1, attempt.Job).Bind(2, attempt.Number).Bind(3, attempt.Started).Bind(4, attempt.Finished).Bind(5, attempt.Outcome)
            .Bind(6, attempt.Node).Bind(7, attempt.Model);
        BindFailure(statement, 8, attempt.Failure);
        statement.Bind(12, attempt.Usage.InputTokens).Bind(13, attempt.Usage.OutputTokens).Bind(14, Money.ToNano(attempt.Usage.Usd)).Send();
    }

    private static void BindFailure(Statement statement, int first, SealedFailure? failure) => statement
        .Bind(first, failure?.Code).Bind(first + 1, (long?)failure?.Kind).Bind(first + 2, failure?.Fingerprint).Bind(first + 3, failure?.Words);
}

/// <summary>An attempt that did not end well, as history keeps it.</summary>
/// <param name="Outcome">`failed`, `snoozed`, `waited`, `crashed`, `handed-back`, `cancelled`.</param>
internal sealed record FailedAttempt(JobId Job, int Number, long Started, long Finished, string Outcome, string? Node, string? Model, SealedFailure? Failure, Usage Usage);
