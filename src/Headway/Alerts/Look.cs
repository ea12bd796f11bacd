using Headway.Alerts.Signs;

namespace Headway.Alerts;

/// <summary>What one look makes of the alerts that are known: each as it is now, and those that open.</summary>
/// <param name="Before">Null: it opens.</param>
internal sealed record Looked(Alert? Before, Alert After)
{
    public bool IsChanged => Before != After;

    public bool Opens => After.State is AlertState.Open && Before?.State is not AlertState.Open;

    public bool Ends => After.State is AlertState.Over && Before?.State is AlertState.Open or AlertState.Acknowledged;
}

/// <summary>One look at all of them. Decides and does nothing.</summary>
internal static class Look
{
    /// <summary>Alerts that open at one look; what is left over opens with the next one, seconds later.</summary>
    public const int MostNew = 500;

    /// <summary>Alerts that are there at once. Beyond it something is so wrong that one more says nothing.</summary>
    public const int MostThere = 5_000;

    /// <param name="known">Those that are there, and those that were over lately; of the same, the newest first.</param>
    public static IReadOnlyList<Looked> At(IReadOnlyList<Alert> known, IReadOnlyList<Sign> signs, DateTimeOffset at)
    {
        var now = at.ToUnixTimeMilliseconds();
        var seen = signs.ToDictionary(sign => (sign.Kind, sign.What));
        var looked = new List<Looked>(known.Count);
        // Of one that is there an older one was over before: its sign is not the older one's.
        foreach (var alert in known.OrderBy(alert => alert.State is AlertState.Over).ThenByDescending(alert => alert.Ended))
        {
            var name = (alert.Kind, alert.What);
            var sign = alert.State is not AlertState.Over || AlertRule.IsSame(alert, now) ? seen.GetValueOrDefault(name) : null;
            if (sign is not null) seen.Remove(name);
            looked.Add(new Looked(alert, AlertRule.After(alert, sign, now)));
        }
        var room = Math.Min(MostNew, MostThere - known.Count(alert => alert.State is not AlertState.Over));
        foreach (var sign in seen.Values.OrderBy(sign => sign.Kind, StringComparer.Ordinal).ThenBy(sign => sign.What, StringComparer.Ordinal).Take(room)) looked.Add(new Looked(null, Alert.Of(sign, at)));
        return looked;
    }
}
