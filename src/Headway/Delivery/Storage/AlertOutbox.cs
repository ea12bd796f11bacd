using Headway.Audit;
using Headway.Storage;

namespace Headway.Delivery.Storage;

/// <summary>Puts what endpoints are to be told of alerts into the outbox, in the transaction of whoever raises them. They are of no job and of no tenant.</summary>
internal static class AlertOutbox
{
    /// <summary>Stands where a tenant would.</summary>
    public const string Owner = AuditTenants.Nobody;

    private static readonly Sql Insert = Sql.At("Delivery/Storage/InsertAlertDelivery");
    private static readonly Sql Count = Sql.At("Delivery/Storage/CountTold");
    private static readonly Sql Said = Sql.At("Delivery/Storage/ReadSaid");

    /// <param name="word">`alert.opened` and the like.</param>
    /// <param name="alert">Null: several.</param>
    /// <param name="said">JSON: it is posted as it is, at each try.</param>
    public static void Put(Session session, string endpoint, string word, JobId? alert, string said, DateTimeOffset at) => session.Use(Insert)
        .Bind(1, DeliveryId.New(at).Place).Bind(2, Owner).Bind(3, alert).Bind(4, endpoint).Bind(5, word).Bind(6, said).Bind(7, at.ToUnixTimeMilliseconds()).Bind(8, at.ToUnixTimeMilliseconds())
        .Send();

    /// <summary>How often an endpoint was told since a moment.</summary>
    public static async ValueTask<long> CountAsync(Session session, string endpoint, long since)
    {
        using var count = session.Use(Count).Bind(1, since).Bind(2, endpoint);
        return await count.StepAsync().ConfigureAwait(false) ? count.Int64(0) : 0;
    }

    /// <summary>Null: it is there no more.</summary>
    public static async ValueTask<string?> ReadAsync(Session session, DeliveryId id)
    {
        using var read = session.Use(Said).Bind(1, id.Place);
        return await read.StepAsync().ConfigureAwait(false) ? read.Text(0) : null;
    }
}
