using Headway.Delivery.Sending;
using Headway.Delivery.Storage;
using Headway.Features;
using Headway.Storage;

namespace Headway.Alerts.Signs;

/// <summary>Receivers that do not get what they are sent, those of alerts among them.</summary>
internal static class EndpointSigns
{
    /// <summary>Of which a share is taken. Within it a delivery that fails has three tries.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>A share of fewer tries says nothing.</summary>
    public const int FewestTries = 5;

    // Of a busy endpoint the latest: some thousandths of a second of reading.
    private const long MostTries = 1_000;

    // Names for which something waits; a file has some tens.
    private const long MostNames = 1_000;

    // Nothing arrives.
    private const long All = 10_000;

    private static readonly Sql Count = Sql.At("Alerts/Signs/CountAttempts");
    private static readonly Sql Waiting = Sql.At("Alerts/Signs/WaitingEndpoints");

    public static async ValueTask<IReadOnlyList<Sign>> FailingAsync(Session session, FeatureFile file, long now)
    {
        var threshold = (long)Math.Ceiling(file.Alerts.WebhookFailures * All);
        var receivers = file.Receivers.ToList();
        var signs = await session.EachAsync(receivers, endpoint => OfAsync(session, endpoint, threshold, now)).ConfigureAwait(false);
        var known = receivers.Select(endpoint => endpoint.Name).ToHashSet(StringComparer.Ordinal);
        var lost = new List<Sign>();
        using var waiting = session.Use(Waiting).Bind(1, MostNames);
        while (await waiting.StepAsync().ConfigureAwait(false))
        {
            // A receiver of alerts that is there no more is missed by nobody.
            if (waiting.Text(0)! is var name && !known.Contains(name) && !AlertOptions.IsReserved(name)) lost.Add(new Sign(AlertKinds.WebhookFailures, name, All, threshold) { Reason = Reasons.Unregistered });
        }
        return [.. signs.OfType<Sign>(), .. lost];
    }

    private static async ValueTask<Sign?> OfAsync(Session session, EndpointDefinition endpoint, long threshold, long now)
    {
        var row = await EndpointRow.ReadAsync(session, endpoint.Name).ConfigureAwait(false);
        var nothing = new Sign(AlertKinds.WebhookFailures, endpoint.Name, All, threshold);
        if (row.IsDisabledFor(WebhookSignature.Print(endpoint))) return nothing with { Reason = Reasons.Disabled };
        if (row.IsOpen) return nothing with { Reason = Reasons.Down };
        using var count = session.Use(Count).Bind(1, endpoint.Name).Bind(2, now - (long)Window.TotalMilliseconds).Bind(3, MostTries);
        if (!await count.StepAsync().ConfigureAwait(false) || count.Int64(0) < FewestTries) return null;
        var share = count.Int64(1) * All / count.Int64(0);
        return share >= threshold ? nothing with { Amount = share } : null;
    }
}
