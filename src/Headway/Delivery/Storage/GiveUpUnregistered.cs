using Headway.Storage;

namespace Headway.Delivery.Storage;

/// <summary>Gives up what has been due for so long for an endpoint that the feature file has no more; whoever replays it finds it dead.</summary>
/// <param name="before">What became due later waits on.</param>
internal sealed class GiveUpUnregistered(string endpoint, string node, long before, long now) : Write<IReadOnlyList<(DeliveryId Delivery, JobId? Job)>>
{
    // Of one second: each is a line in the log.
    private const int Batch = 100;

    private static readonly Sql GiveUp = Sql.At("Delivery/Storage/GiveUpUnregistered");
    private static readonly Sql Attempt = Sql.At("Delivery/Storage/InsertDeliveryAttempt");

    internal override IReadOnlyList<Claim> Claims => [new Claim("endpoint", endpoint)];

    internal override bool FindsItsJobs => true;

    protected override async ValueTask<IReadOnlyList<(DeliveryId Delivery, JobId? Job)>> ApplyAsync(Session session)
    {
        var given = new List<(DeliveryId Id, JobId? Job, int Attempt)>();
        using (var old = session.Use(GiveUp).Bind(1, now).Bind(2, endpoint).Bind(3, before).Bind(4, Batch))
        {
            while (await old.StepAsync().ConfigureAwait(false)) given.Add((new DeliveryId(old.JobId(0).Value), old.IsNull(1) ? null : old.JobId(1), old.Int32(2)));
        }
        foreach (var one in given) session.Use(Attempt).Bind(1, one.Id.Place).Bind(2, one.Attempt).Bind(3, now).Bind(4, 0L).Bind(5, node).Bind(6, Outcomes.Unregistered).Bind(7, (long?)null).Bind(8, endpoint).Send();
        return given.ConvertAll(one => (one.Id, one.Job));
    }
}
