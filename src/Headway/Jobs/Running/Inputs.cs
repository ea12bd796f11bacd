using Headway.Access;
using Headway.Audit;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>The inputs that a job had: the one it was accepted with, and those that replays put in its place. Each reading is told before anything is shown.</summary>
internal sealed class Inputs(Database database, Vault vault, JobReader jobs, NodeLease lease)
{
    private static readonly Sql ReadFormer = Sql.At("Jobs/Storage/ReadFormerInputs");
    private static readonly Sql ReadPayload = Sql.At("Jobs/Storage/ReadPayload");

    private sealed record Held(InputRecord Record, long Payload);

    /// <summary>Oldest first, the present one last; none once retention took them. Null: the job is unknown to this tenant.</summary>
    public IReadOnlyList<InputRecord>? List(string tenant, JobId id) => jobs.Row(tenant, id) is { } row ? [.. Of(row).Select(held => held.Record)] : null;

    /// <summary>Null: there is no input of that number, or none any more.</summary>
    public async Task<(string MediaType, ReadOnlyMemory<byte> Json)?> ViewAsync(Caller caller, JobId id, int number)
    {
        if (jobs.Row(caller.Tenant, id) is not { } row || Of(row).FirstOrDefault(held => held.Record.Number == number) is not { } held) return null;
        var body = database.Read(async session =>
        {
            using var read = session.Use(ReadPayload).Bind(1, held.Payload);
            return await read.StepAsync().ConfigureAwait(false) ? read.Blob(0) : null;
        });
        if (body is null) return null;
        // Only a JSON input is ever replaced, so only the present one can be anything else.
        var stored = StoredInput.Read(held.Record.Attempt is null ? row.InputType : null, vault.Open(row.Tenant, PayloadKind.Input, row.Id, body));
        await database.WriteAsync(new AppendAudit(Viewed(caller, row, stored.Json), database.Now)).ConfigureAwait(false);
        return (stored.MediaType.Split(';')[0], stored.Json);
    }

    private List<Held> Of(JobRow row)
    {
        var former = database.Read(async session =>
        {
            var list = new List<Held>();
            using var read = session.Use(ReadFormer).Bind(1, row.Id);
            while (await read.StepAsync().ConfigureAwait(false)) list.Add(new Held(new InputRecord(read.Int32(0), read.Int32(2), read.Time(3), read.Text(4)), read.Int64(1)));
            return list;
        });
        if (row.Input is { } present) former.Add(new Held(new InputRecord(former.Count + 1, null, null, null), present));
        return former;
    }

    private AuditEvent Viewed(Caller caller, JobRow row, ReadOnlyMemory<byte> shown) =>
        row.Audit(caller, AuditActions.Viewed, jobs.DataOf(row), lease.Node) with { Purpose = "input", Payload = vault.Mac(row.Tenant, "viewed payload", shown.Span) };
}
