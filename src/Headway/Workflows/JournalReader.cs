using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.Audit;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Payloads;
using Headway.Storage;
using Headway.Workflows.History;
using Headway.Workflows.Storage;

namespace Headway.Workflows;

/// <summary>Reads a journal whole, with its content, so that other code can be held against it. Each reading is told before anything is shown.</summary>
internal sealed class JournalReader(Database database, Vault vault, JobReader jobs, Results results, NodeLease lease, WorkflowCode code)
{
    private static readonly Sql ReadFirst = Sql.At("Workflows/Storage/ReadFirst");
    private static readonly Sql ReadPayload = Sql.At("Jobs/Storage/ReadPayload");

    /// <summary>Null: the job is unknown to this tenant, is no workflow that has begun, or its content is gone.</summary>
    public async Task<RecordedJournal?> ReadAsync(Caller caller, JobId id)
    {
        if (jobs.Row(caller.Tenant, id) is not { Input: { } payload } row) return null;
        var (rows, waits, began, input) = await database.ReadAsync(async session =>
        {
            var all = await JournalRow.ReadAllAsync(session, id).ConfigureAwait(false);
            var asked = await Waits.ReadAsync(session, id).ConfigureAwait(false);
            using var begin = session.Use(ReadFirst).Bind(1, id);
            long? first = await begin.StepAsync().ConfigureAwait(false) ? begin.Int64(0) : null;
            using var body = session.Use(ReadPayload).Bind(1, payload);
            return (all, asked, first, await body.StepAsync().ConfigureAwait(false) ? body.Blob(0) : null);
        }).ConfigureAwait(false);
        if (input is null) return null;
        var job = jobs.JobOf(row, detailed: false);
        // One that has ended without asking for anything is a workflow all the same, as far as this host knows.
        if (rows.Count + waits.Count == 0 && !(job.IsFinished && code.Find(job.Feature) is not null)) return null;
        await database.WriteAsync(new AppendAudit(row.Audit(caller, AuditActions.Viewed, jobs.DataOf(row), lease.Node) with { Purpose = "journal" }, database.Now)).ConfigureAwait(false);
        var stored = StoredInput.Read(row.InputType, vault.Open(row.Tenant, PayloadKind.Input, id, input));
        return new RecordedJournal(
            RecordedJournal.CurrentFormat, id.ToString(), job.Feature, job.Version, row.Tenant, job.Subject, began ?? job.Started?.ToUnixTimeMilliseconds() ?? job.Created.ToUnixTimeMilliseconds(), JsonSerializer.Deserialize<JsonElement>(stored.Json.Span),
            [.. rows.Select(line => RecordedLine.Of(line.Entry with { Body = line.Body is null ? default : vault.Open(row.Tenant, PayloadKind.Journal, id, line.Body, line.Entry.Number) }))],
            [.. waits.Where(wait => wait.Kind is not WaitKind.Died).Select(wait => new RecordedWait(StepReader.WordOf(StepReader.KindOf(wait.Kind)), wait.Name, wait.Occurrence))])
        { End = EndOf(job, row) };
    }

    private RecordedEnd? EndOf(Job job, JobRow row) => job.State switch
    {
        JobState.Succeeded when results.Open(row) is { } result => new RecordedEnd(null, result.MediaType == Result.Prose
            ? JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(result.Body.Span)) : JsonSerializer.Deserialize<JsonElement>(result.Body.Span)),
        JobState.Dead => new RecordedEnd(job.Error?.Code ?? "unknown", null),
        _ => null,
    };
}
