using System.Collections.Concurrent;
using Headway.Features;
using Headway.Jobs.Storage;

namespace Headway.Jobs.Running;

/// <summary>What the feature file says of each tenant, as it is now: its weight, how often it may call, and how much of its work may run and be queued.</summary>
internal sealed class TenantTerms(Func<FeatureFile> file)
{
    private readonly ConcurrentDictionary<string, QueueRoom> _rooms = new(StringComparer.Ordinal);

    public int WeightOf(string tenant) => Of(tenant)?.Weight ?? 1;

    public int? RunningOf(string tenant) => Of(tenant)?.Running;

    public int? QueuedOf(string tenant) => Of(tenant)?.Queued;

    /// <summary>Calls a minute; null: no limit.</summary>
    public int? RateOf(string tenant) => Of(tenant)?.RequestsPerMinute;

    /// <summary>Whoever may wait for the end of a job.</summary>
    public WaitingParent? ParentOf(JobOrigin job) => job.Parent is { } parent ? new WaitingParent(parent, WeightOf(job.Tenant)) : null;

    /// <summary>Whether some tenant's jobs are counted.</summary>
    public bool AnyLimits => file().Tenants.Values.Any(HasLimits);

    /// <summary>See <see cref="NewJob.Gate"/>.</summary>
    public string? GateOf(string tenant) => Of(tenant) is { } terms && HasLimits(terms) ? tenant : null;

    /// <summary>The room that a tenant with a limit has in all queues, as this node knows it.</summary>
    public QueueRoom RoomOf(string tenant) => _rooms.GetOrAdd(tenant, static _ => new QueueRoom());

    /// <summary>The file is another.</summary>
    public void Look()
    {
        foreach (var room in _rooms.Values) room.Forget();
    }

    private TenantOptions? Of(string tenant) => TenantOptions.Of(file(), tenant);

    private static bool HasLimits(TenantOptions terms) => terms.Running is not null || terms.Queued is not null;
}
