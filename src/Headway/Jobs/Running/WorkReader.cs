using System.Text.Json;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Reads back what a claimed job needs to be run.</summary>
internal sealed class WorkReader(Database database, Versions versions, Vault vault, FilePayloads files)
{
    private static readonly Sql SizeOfInput = Sql.At("Jobs/Storage/SizeOfInput");
    private static readonly Sql ReadWork = Sql.At("Jobs/Storage/ReadWork");

    /// <summary>The stored halves of jobs that were claimed together, in one look at the database: every commit of the writer makes a reader begin anew.</summary>
    public ValueTask<IReadOnlyList<WorkRow>> FindAsync(IReadOnlyList<ClaimedJob> claimed) => database.ReadAsync(session => session.EachAsync(claimed, job => FindAsync(session, job)));

    /// <summary>How large their inputs are, for whoever must not hold all of them at once.</summary>
    public ValueTask<IReadOnlyList<long>> SizesAsync(IReadOnlyList<ClaimedJob> claimed) => database.ReadAsync(session => session.EachAsync(claimed, async job =>
    {
        using var read = session.Use(SizeOfInput).Bind(1, job.Fence.Job);
        return await read.StepAsync().ConfigureAwait(false) ? read.Int64(0) : 0;
    }));

    private static async ValueTask<WorkRow> FindAsync(Session session, ClaimedJob job)
    {
        using var read = session.Use(ReadWork).Bind(1, job.Fence.Lease).Bind(2, job.Fence.Attempt).Bind(3, job.Fence.Job);
        var found = await read.StepAsync().ConfigureAwait(false);
        var holds = !found || !read.IsNull(13);
        return found && !read.IsNull(9)
            ? new WorkRow(job, read.Text(0)!, read.Text(1)!, read.Int64(2), (Mode)read.Int64(3), read.Blob(4), read.Blob(5), read.Text(6), read.TimeOrNull(7), read.Text(8), read.Blob(9), read.Int64(10), read.Blob(11), read.Int64OrNull(12) == 1, holds) { Parent = read.IsNull(15) ? null : read.JobId(15), RerunOf = read.IsNull(16) ? null : read.JobId(16), Model = read.Text(14), Endpoints = read.Text(17) }
            : new WorkRow(job, "", "", 0, default, null, null, null, null, null, null, 0, null, false, holds);
    }

    /// <exception cref="StorageException">The job has no input any more.</exception>
    public async ValueTask<Work> OpenAsync(WorkRow row, CancellationToken stop)
    {
        var id = row.Claimed.Fence.Job;
        if (row.Body is null) throw new StorageException("storage-corrupt", $"{id} has no input.");
        await vault.ReadyAsync(row.Tenant).ConfigureAwait(false);
        var version = ReplayModel.Of(versions.Pinned(row.Definition).Version, row.Model);
        var about = row.About is null ? null : JsonSerializer.Deserialize(vault.Open(row.Tenant, PayloadKind.About, id, row.About), OutputJson.Default.About);
        return new Work
        {
            Origin = new JobOrigin(id, row.Tenant, row.Actor, null, row.Definition, version.Contract.Data, row.Subject) { Parent = row.Parent, RerunOf = row.RerunOf, Endpoints = row.Endpoints },
            Version = version,
            Mode = row.Mode,
            Input = InputOf(row, id),
            Key = await vault.KeyAsync(row.Tenant, about?.Subject, stop).ConfigureAwait(false),
            Subject = about?.Subject,
            TraceParent = row.TraceParent,
            Deadline = row.Deadline,
            Created = row.Created,
            CacheInput = row.CacheInput,
            MadeAnew = row.MadeAnew,
        };
    }

    private JobInput InputOf(WorkRow row, JobId id)
    {
        var stored = StoredInput.Read(row.InputType, vault.Open(row.Tenant, PayloadKind.Input, id, row.Body));
        return new JobInput
        {
            MediaType = stored.MediaType,
            Json = stored.Json,
            Request = stored.Request,
            Files = row.InputType is null or JobInput.ByWire or JobInput.ByWireShortened || stored.Request is not null ? [] : [.. files.List(row.Tenant, id).Select(file => FileOf(row.Tenant, id, file))],
        };
    }

    private InputFile FileOf(string tenant, JobId id, StoredFile file) =>
        new(file.Name, file.FileName, file.MediaType, file.Length, file.Sha256, _ => ValueTask.FromResult(files.OpenRead(tenant, id, file)));
}

/// <summary>A claimed job as it is stored, sealed. Without a body its input is gone.</summary>
/// <param name="IsHeld">False: it was cancelled or taken back since the claim, and is nobody's to run.</param>
internal sealed record WorkRow(
    ClaimedJob Claimed, string Tenant, string Actor, long Definition, Mode Mode, byte[]? Subject, byte[]? About, string? TraceParent, DateTimeOffset? Deadline,
    string? InputType, byte[]? Body, long Created, byte[]? CacheInput, bool MadeAnew, bool IsHeld)
{
    /// <summary>The job whose child it is.</summary>
    public JobId? Parent { get; init; }
    public JobId? RerunOf { get; init; }

    /// <inheritdoc cref="JobOrigin.Endpoints"/>
    public string? Endpoints { get; init; }

    /// <summary>Of a replay: the model that is asked instead of those of the definition.</summary>
    public string? Model { get; init; }
}
