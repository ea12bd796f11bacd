namespace Headway.Delivery;

/// <summary>When an endpoint is left alone. Its state is a row that all nodes share: one node's failures are every node's.</summary>
internal static class Breaker
{
    /// <summary>Failures in a row that make a receiver count as down: some are bad luck.</summary>
    public const int Threshold = 5;

    /// <summary>Between two probes of a receiver that is down: long enough to restart, short enough that it is noticed to be back.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>A receiver that asks for a pause gets it for all that waits for it, up to this; what it answered so waits as long as it asked.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(5);
}
