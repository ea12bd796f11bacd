using System.Globalization;
using Headway.Features;

namespace Headway.Alerts;

/// <summary>What an alert says to people, in one sentence without any content of jobs.</summary>
internal static class AlertWords
{
    public static string Of(Alert alert) => alert is { State: AlertState.Over, Ended: { } ended }
        ? string.Create(CultureInfo.InvariantCulture, $"Over after {Rounded(ended - alert.Opened)}: {Sentence(alert)}")
        : Sentence(alert);

    private static string Sentence(Alert alert) => alert.Kind switch
    {
        AlertKinds.DeadLetters => string.Create(CultureInfo.InvariantCulture, $"{alert.Amount} dead letters of {alert.What}: headway dead-letters groups."),
        AlertKinds.QueueAge => $"A job of {alert.What} that could run has waited for {Rounded(alert.Amount)}.",
        AlertKinds.Gaps => string.Create(CultureInfo.InvariantCulture, $"{alert.Amount} gaps of the kind {alert.What}: headway gaps list --kind {alert.What} --all."),
        AlertKinds.NoWorker when alert.Reason is Reasons.NoVersion => $"Workflows of {alert.What} wait for a version of their code that no node has.",
        AlertKinds.NoWorker => $"Jobs of {alert.What} wait and nobody alive works for them.",
        _ => alert.Reason switch
        {
            Reasons.Down => $"{alert.What} failed again and again and is only probed: headway endpoints list.",
            Reasons.Disabled => $"{alert.What} answered 410 and gets nothing any more: headway endpoints enable {alert.What}.",
            Reasons.Unregistered => $"Deliveries wait for {alert.What}, which the feature file has no more.",
            _ => string.Create(CultureInfo.InvariantCulture, $"{alert.Amount / 100.0:0.##} % of what was posted to {alert.What} lately failed."),
        },
    };

    private static string Rounded(long milliseconds) => milliseconds switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds} ms"),
        < 120_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1_000} s"),
        < 7_200_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 60_000} min"),
        < 172_800_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 3_600_000} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 86_400_000} d"),
    };

    /// <summary>The endpoint it is about; null: none.</summary>
    public static string? EndpointOf(Alert alert) => alert.Kind is AlertKinds.WebhookFailures ? alert.What : null;

    public static string StateOf(Alert alert) => Words.Of(alert.State);
}
