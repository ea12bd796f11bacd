namespace Headway.Client;

/// <summary>What an endpoint is, or was, to be told, and every try of it.</summary>
public sealed record DeliveryRecord
{
    /// <summary>Also the `webhook-id` that the receiver sees, the same at each try.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the job. Absent: it is a test.</summary>
    public string? Job { get; init; }

    /// <summary>Name of the endpoint.</summary>
    public required string Endpoint { get; init; }

    /// <summary>How it is sent: `webhook`.</summary>
    public string Channel { get; init; } = "webhook";

    /// <summary>`job.succeeded`, `job.dead`, `job.cancelled` or `test`.</summary>
    public required string Type { get; init; }

    /// <summary>`pending`, `delivered` or `dead`: given up until it is replayed.</summary>
    public required string State { get; init; }

    /// <summary>True: the feature requires it. False: the caller chose the endpoint.</summary>
    public required bool Required { get; init; }

    /// <summary>When the job ended.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was delivered or given up.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>When it is tried next. Absent: it is being sent, or has ended.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>The first one first.</summary>
    public IReadOnlyList<DeliveryAttemptRecord> Attempts { get; init; } = [];
}

/// <summary>One try of a delivery.</summary>
/// <param name="Number">From 1, over all replays.</param>
/// <param name="At">When it began.</param>
/// <param name="TookMs">Milliseconds until its outcome was known.</param>
/// <param name="Outcome">`delivered`, `refused`, `server-error`, `rate-limited`, `gone`, `redirect`, `timeout`, `connect-failed`, `address-refused`, `broken`, `interrupted`, `lost`, `unregistered` or `unreadable`.</param>
/// <param name="Status">HTTP status of the answer. Absent: there was none.</param>
/// <param name="Node">Who sent it.</param>
public sealed record DeliveryAttemptRecord(int Number, DateTimeOffset At, long TookMs, string Outcome, int? Status, string? Node);

/// <summary>The deliveries of a job.</summary>
/// <param name="Deliveries">The oldest first.</param>
public sealed record DeliveryListRecord(IReadOnlyList<DeliveryRecord> Deliveries);

/// <summary>A named receiver of webhooks: how it is, and what waits for it.</summary>
public sealed record EndpointRecord
{
    /// <summary>As the feature file names it.</summary>
    public required string Name { get; init; }

    /// <summary>Scheme, host and port. Absent: the feature file has it no more.</summary>
    public string? Host { get; init; }

    /// <summary>`active`; `down`: it failed again and again, and is probed; `held`: it asked for a pause; `disabled`: it answered 410; `unregistered`: the feature file has it no more.</summary>
    public required string State { get; init; }

    /// <summary>Failures in a row that say that it is down.</summary>
    public int Failures { get; init; }

    /// <summary>Nothing is sent before. Absent: nothing holds it back.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Since when it is disabled.</summary>
    public DateTimeOffset? Disabled { get; init; }

    /// <summary>Deliveries of the caller's tenant that are not there yet.</summary>
    public long Pending { get; init; }

    /// <summary>When the oldest of them came to be.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Deliveries of the caller's tenant that were given up.</summary>
    public long Dead { get; init; }
}

/// <summary>The receivers of webhooks.</summary>
public sealed record EndpointListRecord(IReadOnlyList<EndpointRecord> Endpoints);

/// <summary>What a recovery put back.</summary>
/// <param name="Count">Deliveries that are sent again.</param>
/// <param name="More">True: there may be more. A further one goes on with them.</param>
public sealed record RecoveryRecord(int Count, bool More);
