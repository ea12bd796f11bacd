using Headway.Access;
using Headway.Audit;
using Headway.Delivery.Sending;
using Headway.Delivery.Storage;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Delivery;

/// <summary>What people see of endpoints and deliveries, and what they do with them.</summary>
internal sealed class EndpointDesk(Database database, JobReader jobs, Deliveries deliveries, NodeLease lease, Func<FeatureFile> file)
{
    /// <summary>Deliveries that one recovery puts back: what is left over is told, and comes with the next one.</summary>
    public const int MostRecovered = 1_000;

    /// <summary>This node is claiming something, or sends it.</summary>
    public bool IsAtWork => deliveries.IsAtWork;

    /// <summary>Null: the job is unknown to this tenant.</summary>
    public async Task<IReadOnlyList<DeliveryRecord>?> OfJobAsync(Caller caller, JobId id) => jobs.Row(caller.Tenant, id) is null
        ? null
        : await database.ReadAsync(session => DeliveryReader.OfJobAsync(session, caller.Tenant, id)).ConfigureAwait(false);

    /// <summary>Those of the feature file, and those that are there no more but have something before them.</summary>
    public async Task<IReadOnlyList<EndpointStatus>> ListAsync(Caller caller)
    {
        // What only alerts go to is of no tenant.
        var registered = (caller.Everywhere ? file().Receivers : file().Endpoints.Values).ToDictionary(endpoint => endpoint.Name, StringComparer.Ordinal);
        return await database.ReadAsync(async session =>
        {
            var queues = await DeliveryReader.QueuesAsync(session, caller.Tenant).ConfigureAwait(false);
            if (caller.Everywhere) Add(queues, await DeliveryReader.QueuesAsync(session, AlertOutbox.Owner).ConfigureAwait(false));
            var names = registered.Keys.Union(queues.Keys, StringComparer.Ordinal).ToList();
            var rows = await session.EachAsync(names, name => EndpointRow.ReadAsync(session, name)).ConfigureAwait(false);
            return (IReadOnlyList<EndpointStatus>)[.. names.Select((name, i) => StatusOf(name, registered.GetValueOrDefault(name), rows[i], queues.GetValueOrDefault(name, EndpointQueue.Empty)))];
        }).ConfigureAwait(false);
    }

    private static void Add(Dictionary<string, EndpointQueue> queues, Dictionary<string, EndpointQueue> more)
    {
        foreach (var (name, queue) in more) queues[name] = queues.GetValueOrDefault(name, EndpointQueue.Empty).With(queue);
    }

    private EndpointStatus StatusOf(string name, EndpointDefinition? endpoint, EndpointRow row, EndpointQueue queue)
    {
        var disabled = endpoint is not null && row.IsDisabledFor(WebhookSignature.Print(endpoint));
        return new EndpointStatus(name, queue)
        {
            // A path may hold a token.
            Host = endpoint?.Webhook.GetLeftPart(UriPartial.Authority),
            State = endpoint is null ? EndpointState.Unregistered : disabled ? EndpointState.Disabled : row.IsOpen ? EndpointState.Down : row.Held > database.Now ? EndpointState.Held : EndpointState.Active,
            Failures = row.Failures,
            Until = row.Held is { } held && held > database.Now && !disabled ? DateTimeOffset.FromUnixTimeMilliseconds(held) : null,
            Disabled = disabled ? DateTimeOffset.FromUnixTimeMilliseconds(row.Disabled!.Value) : null,
        };
    }

    /// <summary>Null: the feature file does not register it.</summary>
    public async Task<DeliveryRecord?> TestAsync(Caller caller, string name) =>
        deliveries.EndpointOf(name) is { } endpoint ? await deliveries.TestAsync(caller, endpoint).ConfigureAwait(false) : null;

    /// <summary>Lets an endpoint have what waits for it, whatever it answered before. False: the feature file does not register it.</summary>
    public async Task<bool> EnableAsync(string name)
    {
        if (deliveries.EndpointOf(name) is null) return false;
        await database.WriteAsync(new EnableEndpoint(name)).ConfigureAwait(false);
        deliveries.Look(name);
        return true;
    }

    /// <summary>Puts a delivery back to the start of its schedule, whatever became of it.</summary>
    public async Task<(Redelivery How, DeliveryRecord? Delivery)> ReplayAsync(Caller caller, DeliveryId id)
    {
        if (await FindAsync(caller, id).ConfigureAwait(false) is not { } found) return (Redelivery.Unknown, null);
        if (found.Job is null) return (Redelivery.IsTest, found);
        var told = found.Job is { } job && jobs.Row(caller.Tenant, job) is { } row ? row.Audit(caller, AuditActions.Replayed, jobs.DataOf(row), lease.Node) with { Purpose = "webhook", Recipient = found.Endpoint } : null;
        if (await database.WriteAsync(new ReopenDelivery(id, caller.Tenant, told, database.Now)).ConfigureAwait(false) is not { } endpoint) return (Redelivery.UnderWay, found);
        deliveries.Look(endpoint);
        return (Redelivery.Done, await FindAsync(caller, id).ConfigureAwait(false));
    }

    /// <summary>Puts back what was given up since a moment; how many, up to <see cref="MostRecovered"/>.</summary>
    public async Task<int> RecoverAsync(Caller caller, string name, DateTimeOffset since)
    {
        var recovered = await database.WriteAsync(new RecoverDeliveries(name, caller.Tenant, since.ToUnixTimeMilliseconds(), MostRecovered, job => Told(caller, name, job), database.Now)).ConfigureAwait(false);
        if (recovered > 0) deliveries.Look(name);
        return recovered;
    }

    private AuditEvent Told(Caller caller, string endpoint, JobOrigin job) => job.Audit(AuditActions.Replayed, node: lease.Node, recipient: endpoint) with
    {
        Actor = caller.Actor,
        Address = caller.Address,
        Purpose = "webhook",
    };

    private ValueTask<DeliveryRecord?> FindAsync(Caller caller, DeliveryId id) => database.ReadAsync(session => DeliveryReader.FindAsync(session, caller.Tenant, id));
}

/// <summary>How an endpoint is, and what its tenant has before it.</summary>
internal sealed record EndpointStatus(string Name, EndpointQueue Queue)
{
    /// <summary>Scheme, host and port; null: unregistered.</summary>
    public string? Host { get; init; }
    public required EndpointState State { get; init; }

    /// <summary>In a row.</summary>
    public int Failures { get; init; }

    /// <summary>Nothing is sent before.</summary>
    public DateTimeOffset? Until { get; init; }
    public DateTimeOffset? Disabled { get; init; }
}

/// <summary>Down: it failed again and again, and is probed. Held: it asked for a pause. Disabled: it answered 410. Unregistered: the feature file has it no more.</summary>
internal enum EndpointState { Active, Down, Held, Disabled, Unregistered }

/// <summary>What became of a wish to send something again.</summary>
internal enum Redelivery { Done, Unknown, UnderWay, IsTest }
