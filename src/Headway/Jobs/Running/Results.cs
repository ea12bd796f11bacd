using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Accepting;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Hands results over. Each handing-over of an async or hybrid result is a delivery, audited before the bytes leave.</summary>
internal sealed class Results(Database database, Vault vault, JobReader jobs, NodeLease lease)
{
    private static readonly Sql ReadPayload = Sql.At("Jobs/Storage/ReadPayload");

    /// <summary>For a reader of `/result`.</summary>
    public async Task<ResultAnswer> ReadAsync(Caller caller, JobId id)
    {
        var row = jobs.Row(caller.Tenant, id);
        if (row is null) return new ResultAnswer.Refused(Missing(id));
        var job = jobs.JobOf(row, detailed: false);
        if (Unavailable(row, job) is { } refusal) return new ResultAnswer.Refused(refusal);
        return Open(row) is { } result
            ? new ResultAnswer.Found(job, await DeliverAsync(caller, row, result, "result").ConfigureAwait(false))
            : new ResultAnswer.Refused(Gone(row));
    }

    /// <summary>For a caller who waited, or asked again with the same key.</summary>
    public async Task<Answer> AnswerAsync(Caller caller, Job job, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (job.State is not JobState.Succeeded) return new Answer.Failed(job, job.Error ?? JobFailures.Cancelled);
        var row = jobs.Row(caller.Tenant, job.Id);
        if (row is null || Open(row) is not { } result) return new Answer.Refused(row is null ? Missing(job.Id) : Gone(row));
        return new Answer.Done(job, await DeliverAsync(caller, row, result, "response").ConfigureAwait(false));
    }

    /// <summary>The result without a delivery: for events, which record theirs themselves.</summary>
    public Result? Open(JobRow row)
    {
        if (row.Result is not { } number) return null;
        var body = database.Read(async session =>
        {
            using var read = session.Use(ReadPayload).Bind(1, number);
            return await read.StepAsync().ConfigureAwait(false) ? read.Blob(0) : null;
        });
        return body is null ? null : new Result(vault.Open(row.Tenant, PayloadKind.Result, row.Id, body), row.ResultType ?? Result.Json) { Model = row.Model };
    }

    /// <summary>Records that the caller gets the result by this channel: durable before it returns. Sync and stream calls told of it when they ended.</summary>
    public async Task<Result> DeliverAsync(Caller caller, JobRow row, Result result, string channel)
    {
        if (row.Mode is not (Mode.Sync or Mode.Stream) || channel is "result") await RecordAsync(caller, row, result.Body, channel).ConfigureAwait(false);
        return result;
    }

    /// <summary>Durable when it returns.</summary>
    /// <param name="handedOver">The result; null where pieces are shown before it is known.</param>
    public Task RecordAsync(Caller caller, JobRow row, ReadOnlyMemory<byte>? handedOver, string channel) =>
        database.WriteAsync(new AppendAudit(Delivered(caller, row, handedOver, channel), database.Now));

    // Who does not call, but steers, has looked: that is no delivery.
    private AuditEvent Delivered(Caller caller, JobRow row, ReadOnlyMemory<byte>? body, string channel) => row.Audit(caller, caller.Has(Roles.Caller) ? AuditActions.Delivered : AuditActions.Viewed, jobs.DataOf(row), lease.Node) with
    {
        Purpose = channel,
        // Of the job: none while it is under way.
        Outcome = row.State is JobState.Succeeded ? "succeeded" : row.Failure?.Code,
        Payload = body is { } bytes ? vault.Mac(row.Tenant, "delivered payload", bytes.Span) : null,
    };

    private static Refusal? Unavailable(JobRow row, Job job) => row.State switch
    {
        JobState.Succeeded => null,
        JobState.Failed or JobState.Dead or JobState.Cancelled => new Refusal(RefusalKind.NotFinished, $"job-{row.State.ToString().ToLowerInvariant()}",
            $"The job has no result: it is {row.State.ToString().ToLowerInvariant()}{(job.Error is { } error ? $" ({error.Code})" : "")}. GET /v1/jobs/{row.Id} says why."),
        _ => new Refusal(RefusalKind.NotFinished, "job-not-finished",
            $"The job is {row.State.ToString().ToLowerInvariant()}. Ask /v1/jobs/{row.Id} with Prefer: wait=30, or read its events.", TimeSpan.FromSeconds(1)),
    };

    private static Refusal Gone(JobRow row) => row.Mode is Mode.Sync
        ? Refusals.ResultNotKept
        : new Refusal(RefusalKind.Expired, "result-expired", $"The result of {row.Id} was removed by retention (`retention.payload` in the feature file).");

    private static Refusal Missing(JobId id) => new(RefusalKind.NotFound, "job-unknown", $"There is no job {id}. Check the id; records are removed by retention (`retention.record`).");
}
