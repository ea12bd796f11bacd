namespace Headway.Delivery;

/// <summary>When a delivery that failed is tried again.</summary>
/// <remarks>Source: Standard Webhooks, "Deliverability and reliability": seconds for a hiccup, hours for a deploy, days for a weekend.</remarks>
internal static class DeliverySchedule
{
    /// <summary>What a receiver may ask for, at most: who says next month means never.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    // Of the pause before the first try and each later one.
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.Zero, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2),
        TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    // Those that failed together do not come back together.
    private const double Jitter = 0.2;

    /// <summary>From the first try to the last, but for what receivers ask for: what waits longer for an endpoint that is not registered any more is given up.</summary>
    public static readonly TimeSpan Whole = Pauses.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause);

    public static int Tries => Pauses.Length;

    /// <summary>Null: it was the last try.</summary>
    /// <param name="tries">That were made.</param>
    /// <param name="retryAfter">What the receiver asked for.</param>
    /// <param name="chance">From 0 to 1.</param>
    public static TimeSpan? After(int tries, TimeSpan? retryAfter, double chance)
    {
        if (tries >= Pauses.Length) return null;
        var pause = Pauses[tries] * (1 - (Jitter / 2) + (Jitter * chance));
        var asked = retryAfter > LongestRetryAfter ? LongestRetryAfter : retryAfter ?? TimeSpan.Zero;
        return asked > pause ? asked : pause;
    }
}
