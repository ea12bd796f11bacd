using System.Globalization;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Screen;

/// <summary>Alerts as lines of a table, and one with all that is known of it.</summary>
internal static class AlertView
{
    public static void Write(Terminal terminal, IReadOnlyList<AlertRecord> alerts) =>
        PlainTable.Write(terminal.Out, ["ALERT", "KIND", "WHAT", "STATE", "SINCE", "SUMMARY"], alerts.Select(alert => new[]
        {
            alert.Id, alert.Kind, Printable.Of(alert.What), alert.State, JobWords.Time(alert.Since), Printable.Of(alert.Summary),
        }));

    public static async Task WriteOneAsync(Terminal terminal, AlertRecord alert, bool isJson)
    {
        if (isJson)
        {
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(alert, HeadwayJson.Wire.AlertRecord));
            return;
        }

        foreach (var (name, value) in Lines(alert)) await terminal.Out.WriteLineAsync($"{name}\t{Printable.Of(value)}");
    }

    private static IEnumerable<(string Name, string Value)> Lines(AlertRecord alert)
    {
        yield return ("alert", alert.Id);
        yield return ("kind", alert.Kind);
        yield return ("what", alert.What);
        yield return ("state", alert.State);
        yield return ("summary", alert.Summary);
        yield return ("amount", string.Create(CultureInfo.InvariantCulture, $"{alert.Amount} {alert.Unit}, from {alert.Threshold} on"));
        yield return ("since", JobWords.Time(alert.Since));
        if (alert.Ended is not null) yield return ("ended", JobWords.Time(alert.Ended));
        if (alert.Returned > 0) yield return ("returned", alert.Returned.ToString(CultureInfo.InvariantCulture));
        if (alert.Acknowledged is not null) yield return ("acknowledged", $"{JobWords.Time(alert.Acknowledged)} by {alert.AcknowledgedBy}");
        if (alert.Note is not null) yield return ("note", alert.Note);
        if (alert.Told is not null) yield return ("told", JobWords.Time(alert.Told));
    }
}
