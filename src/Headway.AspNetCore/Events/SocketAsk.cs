using System.Text.Json;

namespace Headway.AspNetCore.Events;

/// <summary>What a message of a caller asks for.</summary>
/// <param name="Type">`subscribe`, `unsubscribe` or `ping`.</param>
/// <param name="Id">The caller's own name of a subscription.</param>
/// <param name="After">The number of the last event that is known.</param>
internal sealed record SocketAsk(string Type, string Id, JobId? Job, string? Feature, string? Subject, long? After)
{
    private const int LongestText = 256;

    /// <summary>Null and what is wrong with it.</summary>
    public static (SocketAsk? Ask, string? Problem) Read(ReadOnlyMemory<byte> message)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(message);
        }
        catch (JsonException)
        {
            return (null, "A message is one JSON object.");
        }

        using (document) return Read(document.RootElement);
    }

    private static (SocketAsk? Ask, string? Problem) Read(JsonElement root)
    {
        if (root.ValueKind is not JsonValueKind.Object) return (null, "A message is one JSON object.");
        var (texts, after) = (new Dictionary<string, string>(StringComparer.Ordinal), (long?)null);
        foreach (var member in root.EnumerateObject())
        {
            if (member.Name is "after" && member.Value.ValueKind is JsonValueKind.Number && member.Value.TryGetInt64(out var number) && number >= 0) after = number;
            else if (member.Name is "type" or "id" or "job" or "feature" or "subject" && member.Value.ValueKind is JsonValueKind.String && member.Value.GetString() is { Length: > 0 and <= LongestText } text) texts[member.Name] = text;
            else return (null, $"{Phrases.Quote(member.Name)} is not a member of it, or not of that kind: type, id, job, feature and subject are texts of 1 to {LongestText} characters, after is a number from 0.");
        }

        var type = texts.GetValueOrDefault("type", "");
        if (type is "ping") return (new SocketAsk(type, texts.GetValueOrDefault("id", ""), null, null, null, null), null);
        if (type is not ("subscribe" or "unsubscribe")) return (null, "`type` is subscribe, unsubscribe or ping.");
        if (!texts.TryGetValue("id", out var id)) return (null, "`id` must be given: what you call the subscription.");
        if (type is "unsubscribe") return (new SocketAsk(type, id, null, null, null, null), null);
        if (new[] { "job", "feature", "subject" }.Count(texts.ContainsKey) != 1) return (null, "One of `job`, `feature` and `subject` must be given.");
        if (!texts.TryGetValue("job", out var named)) return (new SocketAsk(type, id, null, texts.GetValueOrDefault("feature"), texts.GetValueOrDefault("subject"), after), null);
        return JobId.TryParse(named, out var job) ? (new SocketAsk(type, id, job, null, null, after), null) : (null, "`job` must be the id of a job.");
    }
}
