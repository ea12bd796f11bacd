using System.Text;
using System.Text.Json;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Reads jobs as their tenant may see them.</summary>
internal sealed class JobReader(Database database, Vault vault, Versions versions, Forecast forecast)
{
    private static readonly Sql Select = Sql.At("Jobs/Storage/SelectJob");
    private static readonly Sql Groups = Sql.At("Jobs/Storage/SelectGroups");
    private static readonly string One = Select.Text + " WHERE j.id = $1 AND j.tenant = $2";
    private static readonly Sql SelectOne = Sql.Of("Jobs/Storage/SelectJob by id", One);

    /// <summary>Null: unknown to this tenant.</summary>
    public Job? Find(string tenant, JobId id)
    {
        var row = Row(tenant, id);
        return row is null ? null : JobOf(row, detailed: true);
    }

    public JobRow? Row(string tenant, JobId id) => database.Read(async session =>
    {
        using var one = session.Use(SelectOne).Bind(1, id).Bind(2, tenant);
        return await one.StepAsync().ConfigureAwait(false) ? JobRow.Read(one) : null;
    });

    /// <summary>Up to one more than the limit: then there is a further page.</summary>
    public IReadOnlyList<JobRow> Rows(string tenant, JobFilter filter) => database.Read(Query(Select.Text, tenant, filter).ReadAsync);

    /// <summary>Dead letters that match, by what they died of; up to one more than the limit.</summary>
    public IReadOnlyList<DeadGroup> DeadGroups(string tenant, JobFilter filter) => database.Read(session => Query(Groups.For(session.Dialect), tenant, filter with { State = JobState.Dead }).ReadGroupsAsync(session));

    private JobQuery Query(string select, string tenant, JobFilter filter) => new(select, tenant, filter, filter.Subject is null ? null : vault.SubjectMac(tenant, filter.Subject));

    public JobPage List(string tenant, JobFilter filter)
    {
        var rows = Rows(tenant, filter);
        var more = rows.Count > filter.Limit;
        var page = rows.Take(filter.Limit).Select(row => Listed(row, detailed: false)).ToList();
        return new JobPage(page, more ? page[^1].Id : null);
    }

    /// <summary>As one of many: what cannot be opened of a row is left out, and does not stand before the others. Whoever asks for that job alone is told.</summary>
    public Job Listed(JobRow row, bool detailed)
    {
        try
        {
            return JobOf(row, detailed);
        }
        catch (Exception bad) when (bad is UnreadablePayloadException or JsonException or StorageException { Code: "storage-corrupt" })
        {
            return JobOf(row with { About = null, Progress = null, Failure = row.Failure is { } failure ? failure with { Words = null } : null }, new Place(null, null, null));
        }
    }

    public Job JobOf(JobRow row, bool detailed) => JobOf(row, forecast.Of(row, detailed));

    private Job JobOf(JobRow row, Place place)
    {
        // A call that was recorded while its subject was erased says nothing any more.
        var about = row.About is null || vault.OpenUnlessErased(row.Tenant, PayloadKind.About, row.Id, row.About) is not { } said ? null : JsonSerializer.Deserialize(said, OutputJson.Default.About);
        return new Job
        {
            Id = row.Id,
            Tenant = row.Tenant,
            Feature = row.Feature,
            Version = row.Version,
            Mode = row.Mode,
            State = row.State,
            Subject = about?.Subject,
            Metadata = about?.Metadata,
            Priority = row.Priority,
            Attempt = row.Attempt,
            Progress = row.Progress is null ? null : JsonSerializer.Deserialize(vault.Open(row.Tenant, PayloadKind.Stream, row.Id, row.Progress), OutputJson.Default.Progress),
            WaitingFor = place.WaitingFor,
            Position = place.Position,
            Estimate = place.Estimate,
            Created = row.Created,
            Started = row.Started,
            Finished = row.Finished,
            Deadline = row.Deadline,
            DeliverBy = row.DeliverBy,
            Error = row.Failure is null ? null : FailureOf(row, row.Failure),
            Model = row.Model,
            Usage = row.Usage,
            CachedFrom = row.CachedFrom,
            Parent = row.Parent,
            RerunOf = row.RerunOf,
            Correlation = Correlation.Of(row.Id, row.TraceParent),
            Queued = row.Queued is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            ResultMediaType = row.ResultType,
        };
    }

    /// <summary>Whether the job runs, but waits for a model's limit.</summary>
    public bool IsHeld(JobRow row) => row.State is JobState.Running && forecast.Held(row) is not null;

    /// <summary>The version that a job was accepted with. Null: the job is unknown to this tenant.</summary>
    public FeatureVersion? VersionOf(string tenant, JobId id) => Row(tenant, id) is { } row ? versions.Pinned(row.Definition).Version : null;

    /// <summary>The class of the job's data, by the definition it was accepted with.</summary>
    public DataClass DataOf(JobRow row) => versions.Known(row.Definition).Data;

    public Failure FailureOf(JobRow row, SealedFailure failure) => new()
    {
        Code = failure.Code,
        Kind = failure.Kind,
        Fingerprint = failure.Fingerprint,
        Message = failure.Words is null || vault.OpenUnlessErased(row.Tenant, PayloadKind.Error, row.Id, failure.Words) is not { } words ? JobFailures.Words(failure.Code) : Encoding.UTF8.GetString(words),
    };
}
