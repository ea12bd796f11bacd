using Headway.Client;
using Headway.Delivery;
using DeliveryRecord = Headway.Client.DeliveryRecord;

namespace Headway.AspNetCore.Delivery;

/// <summary>Puts deliveries and endpoints into the records of the wire.</summary>
internal static class DeliveryWire
{
    public static DeliveryRecord Of(Headway.Delivery.DeliveryRecord delivery) => new()
    {
        Id = delivery.Id.ToString(),
        Job = delivery.Job?.ToString(),
        Endpoint = delivery.Endpoint,
        Type = delivery.Event,
        State = Headway.Features.Words.Of(delivery.State),
        Required = delivery.Required,
        Created = delivery.Created,
        Ended = delivery.Ended,
        Next = delivery.Next,
        Attempts = [.. delivery.Attempts.Select(attempt => new DeliveryAttemptRecord(attempt.Number, attempt.Started, (long)attempt.Took.TotalMilliseconds, attempt.Outcome, attempt.Status, attempt.Node))],
    };

    public static EndpointRecord Of(EndpointStatus endpoint) => new()
    {
        Name = endpoint.Name,
        Host = endpoint.Host,
        State = Headway.Features.Words.Of(endpoint.State),
        Failures = endpoint.Failures,
        Until = endpoint.Until,
        Disabled = endpoint.Disabled,
        Pending = endpoint.Queue.Pending,
        Oldest = endpoint.Queue.Oldest,
        Dead = endpoint.Queue.Dead,
    };
}
