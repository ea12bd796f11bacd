using System.Text.Json;
using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;
using Headway.Workflows.History;
using Headway.Workflows.Storage;

namespace Headway.Workflows;

/// <summary>Runs a workflow again from one of its steps on: as a new job, which has got what the other got before that step.</summary>
internal sealed class Reruns(Database database, Vault vault, JobReader jobs, Inputs inputs, Preparation preparation, Claimer claimer, JobNews news, NodeLease lease, Pools pools, TenantTerms tenants, Func<FeatureFile> file)
{
    private static readonly Sql ReadFirst = Sql.At("Workflows/Storage/ReadFirst");

    /// <summary>Durable when it returns. Null: the job is unknown to this tenant.</summary>
    public async Task<Answer?> RunAsync(Caller caller, JobId id, RerunAsk ask, CancellationToken stop)
    {
        if (jobs.Row(caller.Tenant, id) is not { } row) return null;
        if (file().Features.GetValueOrDefault(row.Feature)?.Versions.FirstOrDefault(version => version.Number == row.Version) is not { } version)
            return new Answer.Refused(new Refusal(RefusalKind.Conflict, "feature-gone", $"The feature file has no {row.Feature}@{row.Version} any more. Put it back, or call a feature that is there."));
        if (!StepReader.HasAny(database, id)) return new Answer.Refused(Steering.NoWorkflow(id));
        var (rows, began) = await ReadAsync(row).ConfigureAwait(false);
        var from = rows.FindIndex(line => line.Entry.Key == new StepKey(ask.Step ?? "", ask.Occurrence) && line.Entry.Kind is not (EntryKind.Origin or EntryKind.Undo));
        if (from < 0 && ask.Step is not null)
            return new Answer.Refused(new Refusal(RefusalKind.Invalid, "step-unknown", $"{id} has got no step {new StepKey(ask.Step, ask.Occurrence)}, or none any more. GET /v1/jobs/{id}/steps lists them; leave `from` out to begin at the top."));
        if (ask.Input is null && row.InputType is not null)
            return new Answer.Refused(new Refusal(RefusalKind.Invalid, "rerun-input-needed", $"The input of {id} is {row.InputType.Split(';')[0]} or a request of the OpenAI API, and what came with it is not given to another job. Give a JSON input as `input`, or call the feature again."));
        if (await InputAsync(caller, row, ask).ConfigureAwait(false) is not { } input)
            return new Answer.Refused(new Refusal(RefusalKind.Expired, "input-expired", $"The input of {id} is not kept any more. Give another as `input`."));
        var job = jobs.JobOf(row, detailed: false);
        var call = new Call
        {
            Feature = version,
            Caller = caller,
            // A repetition asks for the same of the same job.
            Input = new JobInput { MediaType = Result.Json, Json = input, Said = JsonSerializer.SerializeToUtf8Bytes(new { rerun = id.ToString(), ask.Step, ask.Occurrence, input = Convert.ToBase64String(input.Span) }) },
            Subject = job.Subject,
            Metadata = job.Metadata,
            Priority = row.Priority,
            TraceParent = row.TraceParent,
            IdempotencyKey = ask.IdempotencyKey,
        };
        var prepared = await preparation.PrepareAsync(call, withInput: true, stop).ConfigureAwait(false);
        claimer.Serve(prepared.Registered);
        var origin = prepared.Job.Origin with { RerunOf = id };
        var shared = ask.Step is null ? [] : await ResealAsync(row, job.Subject, origin.Id, rows[..from], began, stop).ConfigureAwait(false);
        var reran = row.Audit(caller, AuditActions.Reran, jobs.DataOf(row), lease.Node) with { Purpose = origin.Id.ToString() };
        var pool = pools.For(version);
        var accept = new AcceptJob(prepared.Job with { Origin = origin }, origin.Audit(AuditActions.Submitted))
        {
            Room = pool.Room,
            QueuedLimit = version.Pool.Queued,
            TenantRoom = tenants.QueuedOf(row.Tenant) is null ? null : tenants.RoomOf(row.Tenant),
            TenantQueuedLimit = tenants.QueuedOf(row.Tenant) ?? 0,
        };
        var verdict = await database.WriteAsync(new RerunWorkflow(prepared.Job with { Origin = origin }, accept, id, shared, reran)).ConfigureAwait(false);
        return verdict switch
        {
            Acceptance.OverBudget over => new Answer.Refused(Refusals.OverBudget(over.Refusal, database.Time.GetUtcNow())),
            Acceptance.Full => new Answer.Refused(Refusals.QueueFull(pool, version.Pool.Queued, null)),
            Acceptance.TenantFull => new Answer.Refused(Refusals.TenantQueueFull(row.Tenant, tenants.QueuedOf(row.Tenant) ?? 0, pool)),
            Acceptance.Repeat { Same: false } => new Answer.Refused(Refusals.Mismatch),
            Acceptance.Repeat repeat => new Answer.Accepted(jobs.Find(caller.Tenant, repeat.Job)!),
            _ => Accepted(caller, origin.Id, prepared.Job.Pool),
        };
    }

    private Answer.Accepted Accepted(Caller caller, JobId id, long pool)
    {
        news.Queued(pool);
        return new Answer.Accepted(jobs.Find(caller.Tenant, id)!);
    }

    private async Task<ReadOnlyMemory<byte>?> InputAsync(Caller caller, JobRow row, RerunAsk ask)
    {
        if (ask.Input is not null) return ask.Input;
        // The present one is the last.
        return await inputs.ViewAsync(caller, row.Id, inputs.List(caller.Tenant, row.Id)!.Count).ConfigureAwait(false) is (_, var json) ? json : null as ReadOnlyMemory<byte>?;
    }

    private async Task<(List<JournalRow> Rows, long Began)> ReadAsync(JobRow row) => await database.ReadAsync(async session =>
    {
        var rows = await JournalRow.ReadAllAsync(session, row.Id).ConfigureAwait(false);
        using var first = session.Use(ReadFirst).Bind(1, row.Id);
        return (rows, await first.StepAsync().ConfigureAwait(false) ? first.Int64(0) : (row.Started ?? row.Created).ToUnixTimeMilliseconds());
    }).ConfigureAwait(false);

    /// <summary>Numbered anew behind an origin, so that time, ids and chance go on from where the shared part has them.</summary>
    private async Task<IReadOnlyList<JournalRow>> ResealAsync(JobRow row, string? subject, JobId id, List<JournalRow> rows, long began, CancellationToken stop)
    {
        var key = await vault.KeyAsync(row.Tenant, subject, stop).ConfigureAwait(false);
        var origin = rows.Find(line => line.Entry.Kind is EntryKind.Origin)?.Entry ?? JournalEntry.OfOrigin(row.Id, 1, began);
        var shared = new List<JournalRow> { new(origin, null, 0) };
        foreach (var line in rows.Where(line => line.Entry.Kind is not EntryKind.Origin))
        {
            var number = shared.Count + 1;
            var body = line.Body is null ? null : key.Seal(PayloadKind.Journal, id, vault.Open(row.Tenant, PayloadKind.Journal, row.Id, line.Body, line.Entry.Number), number);
            shared.Add(new JournalRow(line.Entry with { Number = number }, body, 0));
        }
        return shared;
    }
}

/// <summary>From where, and with what, a workflow is run again.</summary>
/// <param name="Step">The first step that is not shared, with the branches it lies in before it; null: nothing is.</param>
/// <param name="Input">In the place of the job's own; null: that.</param>
internal sealed record RerunAsk(string? Step, int Occurrence, ReadOnlyMemory<byte>? Input, string? IdempotencyKey);

/// <summary>What cannot be asked of a job.</summary>
internal static class Steering
{
    public static Refusal NoWorkflow(JobId id) => new(RefusalKind.Conflict, "not-a-workflow", $"The work of {id} is no workflow, or has not begun: it has no steps, and takes no signals.");
}
