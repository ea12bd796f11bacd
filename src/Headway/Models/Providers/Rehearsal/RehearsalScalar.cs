using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Headway.Models.Providers.Rehearsal;

/// <summary>Strings and numbers of a rehearsed value: quoted where the input has one of that name, marked as rehearsed where not.</summary>
internal static class RehearsalScalar
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(100);

    private static readonly IReadOnlyDictionary<string, string> OfFormat = new Dictionary<string, string>
    {
        ["date-time"] = "2000-01-01T00:00:00Z",
        ["date"] = "2000-01-01",
        ["time"] = "00:00:00Z",
        ["email"] = "rehearsal@example.com",
        ["uri"] = "https://example.com/rehearsal",
        ["ipv4"] = "192.0.2.1",
        ["ipv6"] = "2001:db8::1",
        ["hostname"] = "rehearsal.example.com",
        ["uuid"] = "00000000-0000-4000-8000-000000000000",
    };

    public static JsonNode? Text(string name, JsonObject schema, RehearsalSource source, RehearsalDraw draw)
    {
        var least = (int?)schema["minLength"]?.GetValue<decimal>() ?? 0;
        var most = (int?)schema["maxLength"]?.GetValue<decimal>() ?? int.MaxValue;
        var format = (string?)schema["format"];
        var candidates = source.Fields.Where(field => Words.Same(field.Name, name)).Select(field => field.Value.ToString())
            .Concat(Declared(schema))
            .Concat(format is null ? [] : source.Fields.Select(field => field.Value.ToString()).Where(text => Words.HasForm(text, format)).Append(OfFormat.GetValueOrDefault(format, "")))
            .Concat(schema.ContainsKey("pattern") ? source.Fields.Select(field => field.Value.ToString()) : []);
        foreach (var candidate in candidates)
        {
            if (candidate.Length >= least && candidate.Length <= most && (format is null || Words.HasForm(candidate, format)) && Matches(schema, candidate))
                return candidate;
        }

        var quote = source.Sentences.Count == 0 ? "the input has no text to quote." : source.Sentences[draw.Next(source.Sentences.Count)];
        var text = $"Rehearsal: {quote}".PadRight(Math.Min(least, 10_000), '.');
        return text.Length > most ? text[..most] : text;
    }

    public static JsonNode? Number(string name, JsonObject schema, RehearsalSource source, bool whole)
    {
        var (least, most, step) = Bounds(schema, whole);
        var named = source.Fields.Where(field => Words.Same(field.Name, name)).Concat(source.Fields);
        foreach (var (_, value) in named)
        {
            if (value.GetValueKind() is JsonValueKind.Number && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most && (!whole || decimal.IsInteger(number)) && (step is null || number % step == 0))
                return number;
        }

        var made = Math.Clamp(0, least, Math.Max(least, most));
        return step is { } unit ? Math.Ceiling(made / unit) * unit : made;
    }

    private static (decimal Least, decimal Most, decimal? Step) Bounds(JsonObject schema, bool whole)
    {
        var nudge = whole ? 1m : 0.000001m;
        var least = Of("minimum") ?? decimal.MinValue / 2;
        var most = Of("maximum") ?? decimal.MaxValue / 2;
        if (Of("exclusiveMinimum") is { } above)
            least = Math.Max(least, above + nudge);
        if (Of("exclusiveMaximum") is { } below)
            most = Math.Min(most, below - nudge);
        return (whole ? Math.Ceiling(least) : least, whole ? Math.Floor(most) : most, Of("multipleOf"));

        decimal? Of(string keyword) => schema[keyword] is JsonValue value && value.GetValueKind() is JsonValueKind.Number ? value.GetValue<decimal>() : null;
    }

    private static IEnumerable<string> Declared(JsonObject schema) =>
        new[] { schema["default"], schema["example"] }.Concat(schema["examples"] as JsonArray ?? []).OfType<JsonValue>().Select(value => value.ToString());

    private static bool Matches(JsonObject schema, string text) =>
        (string?)schema["pattern"] is not { } pattern || Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, PatternTime);
}
