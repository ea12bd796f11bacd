namespace Headway.Delivery;

/// <summary>What an endpoint is, or was, to be told of a job, and every try of it.</summary>
internal sealed record DeliveryRecord
{
    public required DeliveryId Id { get; init; }

    /// <summary>Null: a test, or of alerts.</summary>
    public JobId? Job { get; init; }
    public required string Endpoint { get; init; }

    /// <summary>`job.succeeded`, `job.dead`, `job.cancelled`, `test`, or one of alerts.</summary>
    public required string Event { get; init; }
    public required DeliveryState State { get; init; }

    /// <summary>The feature requires it; false: the caller chose it.</summary>
    public required bool Required { get; init; }
    public required DateTimeOffset Created { get; init; }
    public DateTimeOffset? Ended { get; init; }

    /// <summary>When it is tried next; null: it is being sent, or has ended.</summary>
    public DateTimeOffset? Next { get; init; }
    public IReadOnlyList<DeliveryAttempt> Attempts { get; init; } = [];
}

/// <summary>Dead: given up, until somebody replays it.</summary>
internal enum DeliveryState { Pending, Delivered, Dead }

/// <param name="Outcome">A word of <see cref="Outcomes"/>.</param>
/// <param name="Status">Of the answer; null: there was none.</param>
internal sealed record DeliveryAttempt(int Number, DateTimeOffset Started, TimeSpan Took, string? Node, string Outcome, int? Status);

/// <summary>What may become of one try.</summary>
internal static class Outcomes
{
    /// <summary>2xx.</summary>
    public const string Delivered = "delivered";

    /// <summary>410: nothing more is sent to the endpoint.</summary>
    public const string Gone = "gone";
    public const string RateLimited = "rate-limited";
    public const string Redirect = "redirect";
    public const string Refused = "refused";
    public const string ServerError = "server-error";
    public const string Timeout = "timeout";

    /// <summary>No address, nobody there, or no TLS.</summary>
    public const string ConnectFailed = "connect-failed";

    /// <summary>The name leads to an address that is not to be reached.</summary>
    public const string AddressRefused = "address-refused";

    /// <summary>The connection ended before the answer.</summary>
    public const string Broken = "broken";

    /// <summary>The node stopped before the answer.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>The node that sent it was lost: nobody knows whether it arrived.</summary>
    public const string Lost = "lost";

    /// <summary>The feature file has the endpoint no more, for as long as a delivery is tried.</summary>
    public const string Unregistered = "unregistered";

    /// <summary>What it was to tell of cannot be read any more.</summary>
    public const string Unreadable = "unreadable";
}
