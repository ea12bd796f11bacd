namespace Headway.Alerts.Signs;

/// <summary>That something is so now which an alert tells of.</summary>
/// <param name="Kind">One of <see cref="AlertKinds"/>.</param>
/// <param name="What">With the kind it names the alert.</param>
/// <param name="Amount">As stored.</param>
/// <param name="Threshold">As stored.</param>
internal sealed record Sign(string Kind, string What, long Amount, long Threshold)
{
    public string? Feature { get; init; }

    /// <summary>One of <see cref="Reasons"/>; null: the usual one.</summary>
    public string? Reason { get; init; }
}
