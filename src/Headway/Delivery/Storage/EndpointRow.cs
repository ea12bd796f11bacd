using Headway.Storage;

namespace Headway.Delivery.Storage;

/// <summary>What is known of an endpoint: nothing, as long as all goes well.</summary>
/// <param name="Failures">In a row.</param>
/// <param name="Held">Nothing is sent before; milliseconds since 1970.</param>
/// <param name="Disabled">Since when.</param>
/// <param name="Print">Of the address and secret that were disabled.</param>
internal sealed record EndpointRow(int Failures, long? Held, long? Disabled, byte[]? Print)
{
    private static readonly Sql Find = Sql.At("Delivery/Storage/FindEndpoint");

    public static readonly EndpointRow Unknown = new(0, null, null, null);

    /// <summary>Whether it is down, and must be probed before anything else is sent.</summary>
    public bool IsOpen => Failures >= Breaker.Threshold;

    /// <summary>Another address or secret than the disabled one is another receiver.</summary>
    public bool IsDisabledFor(byte[] print) => Disabled is not null && print.AsSpan().SequenceEqual(Print);

    public bool MaySend(byte[] print, long now) => !IsDisabledFor(print) && !(Held > now);

    public static async ValueTask<EndpointRow> ReadAsync(Session session, string name)
    {
        using var find = session.Use(Find).Bind(1, name);
        return await find.StepAsync().ConfigureAwait(false) ? new EndpointRow(find.Int32(0), find.Int64OrNull(1), find.Int64OrNull(2), find.Blob(3)) : Unknown;
    }
}
