using Headway.Storage;

namespace Headway.Delivery.Storage;

/// <summary>Reads deliveries as their tenant may see them.</summary>
internal static class DeliveryReader
{
    // A job that was replayed for years has no more.
    private const int Most = 1_000;

    private static readonly Sql Select = Sql.At("Delivery/Storage/SelectDeliveries");
    private static readonly Sql OfJob = Sql.Of("Delivery/Storage/SelectDeliveries of a job", Select.Text + " WHERE job = $1 AND tenant = $2 ORDER BY created, id LIMIT $3");
    private static readonly Sql One = Sql.Of("Delivery/Storage/SelectDeliveries by id", Select.Text + " WHERE id = $1 AND tenant = $2");
    private static readonly Sql Attempts = Sql.At("Delivery/Storage/ReadDeliveryAttempts");
    private static readonly Sql Count = Sql.At("Delivery/Storage/CountDeliveries");

    /// <summary>The oldest first.</summary>
    public static async ValueTask<IReadOnlyList<DeliveryRecord>> OfJobAsync(Session session, string tenant, JobId job)
    {
        var deliveries = new List<DeliveryRecord>();
        using (var read = session.Use(OfJob).Bind(1, job).Bind(2, tenant).Bind(3, Most))
        {
            while (await read.StepAsync().ConfigureAwait(false)) deliveries.Add(Read(read));
        }
        var attempts = await session.EachAsync(deliveries, delivery => AttemptsOfAsync(session, delivery.Id)).ConfigureAwait(false);
        return [.. deliveries.Select((delivery, i) => delivery with { Attempts = attempts[i] })];
    }

    public static async ValueTask<DeliveryRecord?> FindAsync(Session session, string tenant, DeliveryId id)
    {
        DeliveryRecord delivery;
        using (var read = session.Use(One).Bind(1, id.Place).Bind(2, tenant))
        {
            if (!await read.StepAsync().ConfigureAwait(false)) return null;
            delivery = Read(read);
        }
        return delivery with { Attempts = await AttemptsOfAsync(session, id).ConfigureAwait(false) };
    }

    /// <summary>By endpoint: what waits, since when, and what was given up.</summary>
    public static async ValueTask<Dictionary<string, EndpointQueue>> QueuesAsync(Session session, string tenant)
    {
        var queues = new Dictionary<string, EndpointQueue>(StringComparer.Ordinal);
        using var count = session.Use(Count).Bind(1, tenant);
        while (await count.StepAsync().ConfigureAwait(false))
        {
            var name = count.Text(0)!;
            var queue = queues.GetValueOrDefault(name, EndpointQueue.Empty);
            queues[name] = (DeliveryState)count.Int64(1) is DeliveryState.Pending ? queue with { Pending = count.Int64(2), Oldest = count.Time(3) } : queue with { Dead = count.Int64(2) };
        }
        return queues;
    }

    private static async ValueTask<IReadOnlyList<DeliveryAttempt>> AttemptsOfAsync(Session session, DeliveryId id)
    {
        var attempts = new List<DeliveryAttempt>();
        using var read = session.Use(Attempts).Bind(1, id.Place);
        while (await read.StepAsync().ConfigureAwait(false))
        {
            attempts.Add(new DeliveryAttempt(read.Int32(0), read.Time(1), TimeSpan.FromMilliseconds(read.Int64(2)), read.Text(3), read.Text(4)!, (int?)read.Int64OrNull(5)));
        }
        return attempts;
    }

    private static DeliveryRecord Read(Statement row)
    {
        var state = (DeliveryState)row.Int64(4);
        return new DeliveryRecord
        {
            Id = new DeliveryId(row.JobId(0).Value),
            Job = row.IsNull(1) ? null : row.JobId(1),
            Endpoint = row.Text(2)!,
            Event = row.Text(3)!,
            State = state,
            Required = row.Int64(5) == 1,
            Created = row.Time(6),
            Ended = row.TimeOrNull(7),
            Next = state is DeliveryState.Pending && row.IsNull(9) ? row.Time(8) : null,
        };
    }
}

/// <summary>What a tenant has before an endpoint.</summary>
/// <param name="Oldest">Of those that are pending.</param>
/// <param name="Dead">Given up.</param>
internal readonly record struct EndpointQueue(long Pending, DateTimeOffset? Oldest, long Dead)
{
    public static readonly EndpointQueue Empty = new(0, null, 0);

    /// <summary>And what others have there.</summary>
    public EndpointQueue With(EndpointQueue more) => new(Pending + more.Pending, Oldest is null || more.Oldest < Oldest ? more.Oldest ?? Oldest : Oldest, Dead + more.Dead);
}
