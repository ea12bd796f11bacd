using Headway.Audit;
using Headway.Budgets;
using Headway.Caching;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>The statements that more than one write shares.</summary>
internal static class JobWrites
{
    private static readonly Sql Insert = Sql.At("Jobs/Storage/InsertJob");
    private static readonly Sql Payload = Sql.At("Jobs/Storage/InsertPayload");
    private static readonly Sql Queued = Sql.At("Jobs/Storage/InsertQueued");
    private static readonly Sql Finish = Sql.At("Jobs/Storage/FinishJob");
    private static readonly Sql Spent = Sql.At("Jobs/Storage/AddSpent");

    // Beside the calls that the attempt may still tell of.
    private const int NumberOfUnknown = -1;
    private static readonly Sql Attempt = Sql.At("Jobs/Storage/InsertAttempt");

    public static long? InsertPayload(SqliteSession session, byte[]? body)
    {
        if (body is null) return null;
        session.Use(Payload).Bind(1, body).Execute();
        return session.LastRowId;
    }

    /// <summary>The record of a job under way, or (with an ending) of a call that was answered before it was written.</summary>
    public static void InsertJob(SqliteSession session, NewJob job, Ending? ending = null)
    {
        var input = InsertPayload(session, job.Input);
        var result = InsertPayload(session, ending?.Result);
        var statement = session.Use(Insert)
            .Bind(1, job.Origin.Id).Bind(2, job.Origin.Tenant).Bind(3, job.Origin.Actor).Bind(4, job.Origin.Definition)
            .Bind(5, (long)job.Mode).Bind(6, (long)(ending?.State ?? 0)).Bind(7, job.Priority).Bind(8, job.Created)
            .Bind(9, ending?.Started).Bind(10, ending?.Finished).Bind(11, job.Deadline).Bind(12, job.DeliverBy).Bind(13, job.TraceParent)
            .Bind(14, job.Origin.Subject).Bind(15, job.About).Bind(16, job.Searchable).Bind(17, job.Endpoint)
            .Bind(18, ending?.Attempt ?? 0).Bind(19, ending?.Started - job.Created).Bind(20, input).Bind(21, job.InputType)
            .Bind(22, result).Bind(23, ending?.ResultType);
        BindFailure(statement, 24, ending?.Failure);
        statement.Bind(28, ending?.Model).Bind(29, ending?.Usage.InputTokens ?? 0).Bind(30, ending?.Usage.OutputTokens ?? 0)
            .Bind(31, ending?.NanoUsd ?? 0).Bind(32, ending?.Node).Bind(33, ending?.Prune).Bind(34, ending?.CachedFrom?.ToBytes()).Bind(35, ending?.LastEvent).Bind(36, ending?.Shown is true ? 1 : 0)
            .Execute();
    }

    /// <param name="lease">The node that holds it from the start; null: it waits to be claimed, or for its time.</param>
    public static void InsertQueued(SqliteSession session, NewJob job, long? lease)
    {
        var state = lease is not null ? JobState.Running : job.Due is not null ? JobState.Scheduled : JobState.Queued;
        session.Use(Queued)
            .Bind(1, job.Origin.Id).Bind(2, job.Pool).Bind(3, (long)state).Bind(4, job.Rank).Bind(5, lease is null ? job.Due : null)
            .Bind(6, job.Deadline).Bind(7, lease).Bind(8, lease is null ? 0 : 1).Bind(9, lease is null ? null : job.Created)
            .Bind(10, state is JobState.Scheduled ? "start-time" : null).Bind(11, job.CacheInput).Bind(12, job.MadeAnew ? 1 : null)
            .Execute();
    }

    /// <summary>Finishes the record and tells the audit trail.</summary>
    public static void FinishJob(SqliteSession session, JobId job, Ending ending)
    {
        var result = InsertPayload(session, ending.Result);
        var statement = session.Use(Finish)
            .Bind(1, (long)ending.State).Bind(2, ending.Finished).Bind(3, ending.Started).Bind(4, ending.Attempt).Bind(5, ending.Failures)
            .Bind(6, result).Bind(7, ending.ResultType);
        BindFailure(statement, 8, ending.Failure);
        var finished = statement.Bind(12, ending.Model).Bind(13, ending.Usage.InputTokens).Bind(14, ending.Usage.OutputTokens).Bind(15, ending.NanoUsd)
            .Bind(16, ending.Node).Bind(17, ending.LastEvent).Bind(18, ending.Shown ? 1 : 0)
            .Bind(19, ending.Prune).Bind(20, ending.CachedFrom?.ToBytes()).Bind(21, job)
            .Execute() == 1;
        // A record that is gone or finished leaves no trace of this ending: the payload above must not stay either.
        if (!finished) throw new StorageException("storage-conflict", $"{job} was finished twice.");
        Spend(session, job, ending);
        foreach (var entry in ending.Audit) AuditTrail.Append(session, entry, ending.Finished);
    }

    /// <summary>Settles what was held back for a job whose end is being written, and keeps its answer where it may be given again.</summary>
    public static void Spend(SqliteSession session, JobId job, Ending ending)
    {
        ModelCalls.Append(session, job, ending.Calls);
        if (ending.Keep is { } answer) CachedAnswers.Keep(session, answer);
        if (!ending.StillSpends) Ledger.Settle(session, job, ending.NanoUsd);
    }

    /// <summary>Nobody can know what an attempt paid: what was held for it counts as spent, and the job shows it as a call of its own.</summary>
    public static void SpendUnknown(SqliteSession session, JobId job, int attempt, long now)
    {
        var held = Ledger.SettleUnknown(session, job);
        if (held == 0) return;
        ModelCalls.Append(session, job, attempt, NumberOfUnknown, new ModelCall("", null, DateTimeOffset.FromUnixTimeMilliseconds(now), new Usage(0, 0, Money.ToUsd(held)) { Estimated = true }, ModelCalls.MaybePaid));
        session.Use(Spent).Bind(1, 0).Bind(2, 0).Bind(3, held).Bind(4, job).Execute();
    }

    public static void InsertAttempt(SqliteSession session, FailedAttempt attempt)
    {
        var statement = session.Use(Attempt)
            .Bind(1, attempt.Job).Bind(2, attempt.Number).Bind(3, attempt.Started).Bind(4, attempt.Finished).Bind(5, attempt.Outcome)
            .Bind(6, attempt.Node).Bind(7, attempt.Model);
        BindFailure(statement, 8, attempt.Failure);
        statement.Bind(12, attempt.Usage.InputTokens).Bind(13, attempt.Usage.OutputTokens).Bind(14, Money.ToNano(attempt.Usage.Usd)).Execute();
    }

    private static void BindFailure(SqliteStatement statement, int first, SealedFailure? failure) => statement
        .Bind(first, failure?.Code).Bind(first + 1, (long?)failure?.Kind).Bind(first + 2, failure?.Fingerprint).Bind(first + 3, failure?.Words);
}

/// <summary>An attempt that did not end well, as history keeps it.</summary>
/// <param name="Outcome">`failed`, `snoozed`, `crashed`, `handed-back`, `cancelled`.</param>
internal sealed record FailedAttempt(JobId Job, int Number, long Started, long Finished, string Outcome, string? Node, string? Model, SealedFailure? Failure, Usage Usage);
