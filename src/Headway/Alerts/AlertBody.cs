using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Headway.Alerts;

/// <summary>Writes what receivers are told of alerts: the member `data` of a webhook.</summary>
internal static class AlertBody
{
    /// <summary>Alerts that a digest names; of the others it says how many there are.</summary>
    public const int MostNamed = 10;

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="publicUrl">Of this node; null: links are paths.</param>
    public static string Of(Alert alert, Uri? publicUrl) => Write(json => WriteAlert(json, alert, publicUrl));

    public static string OfMany(IReadOnlyList<Alert> alerts, Uri? publicUrl) => Write(json =>
    {
        json.WriteNumber("open", alerts.Count(alert => alert.State is not AlertState.Over));
        json.WriteNumber("over", alerts.Count(alert => alert.State is AlertState.Over));
        json.WriteStartObject("kinds");
        foreach (var kind in alerts.GroupBy(alert => alert.Kind)) json.WriteNumber(kind.Key, kind.Count());
        json.WriteEndObject();
        json.WriteString("summary", $"{alerts.Count} alerts at once, of which {Math.Min(alerts.Count, MostNamed)} are named: headway alerts list.");
        json.WriteStartArray("alerts");
        foreach (var alert in alerts.Take(MostNamed))
        {
            json.WriteStartObject();
            WriteAlert(json, alert, publicUrl);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteLinks(json, $"{Root(publicUrl)}/v1/admin/alerts");
    });

    private static void WriteAlert(Utf8JsonWriter json, Alert alert, Uri? publicUrl)
    {
        json.WriteString("id", alert.Id.ToString());
        json.WriteString("kind", alert.Kind);
        json.WriteString("what", alert.What);
        if (alert.Feature is { } feature) json.WriteString("feature", feature);
        if (AlertWords.EndpointOf(alert) is { } endpoint) json.WriteString("endpoint", endpoint);
        json.WriteString("state", AlertWords.StateOf(alert));
        json.WriteNumber("amount", AlertKinds.Shown(alert.Kind, alert.Amount));
        json.WriteNumber("threshold", AlertKinds.Shown(alert.Kind, alert.Threshold));
        json.WriteString("unit", AlertKinds.UnitOf(alert.Kind));
        json.WriteString("since", DateTimeOffset.FromUnixTimeMilliseconds(alert.Opened));
        if (alert.Ended is { } ended) json.WriteString("ended", DateTimeOffset.FromUnixTimeMilliseconds(ended));
        json.WriteString("summary", AlertWords.Of(alert));
        WriteLinks(json, $"{Root(publicUrl)}/v1/admin/alerts/{alert.Id}");
    }

    private static void WriteLinks(Utf8JsonWriter json, string self)
    {
        json.WriteStartObject("links");
        json.WriteString("self", self);
        json.WriteEndObject();
    }

    private static string Root(Uri? publicUrl) => publicUrl?.GetLeftPart(UriPartial.Authority) ?? "";

    private static string Write(Action<Utf8JsonWriter> members)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body, Writing);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(body.WrittenSpan);
    }
}
