using System.Text.Json;
using Headway.Audit.Chain;
using Headway.Audit.Checkpoints;
using Headway.Features;

namespace Headway.Audit.Proof;

/// <summary>The lines of an export: what it is, then each link with its event or, where that is not the reader's, with its digest, and last a checkpoint.</summary>
internal static class ExportLine
{
    public const int Form = 1;

    public static void Head(Utf8JsonWriter json, ExportScope scope, JobId chain, string publicPem)
    {
        json.WriteStartObject();
        json.WriteNumber("export", Form);
        json.WriteString("chain", chain.Value.ToString("N"));
        json.WriteNumber("after", scope.After);
        json.WriteString("previous", Convert.ToHexStringLower(scope.Previous));
        json.WriteString("tenant", scope.Tenant);
        if (scope.Since is { } since) json.WriteString("since", since.UtcDateTime);
        if (scope.Until is { } until) json.WriteString("until", until.UtcDateTime);
        json.WriteString("publicKey", publicPem);
        json.WriteEndObject();
    }

    public static void Link(Utf8JsonWriter json, ChainVerifier.LinkedEvent link, ExportScope scope)
    {
        json.WriteStartObject();
        json.WriteNumber("seq", link.Seq);
        json.WriteString("hash", Convert.ToHexStringLower(link.Hash));
        if (link.Told is not { } told) json.WriteString("missing", link.Name);
        else if (scope.Shows(told)) Event(json, told);
        else json.WriteString("digest", Convert.ToHexStringLower(LinkHash.Digest(told)));
        json.WriteEndObject();
    }

    private static void Event(Utf8JsonWriter json, ToldEvent told)
    {
        json.WriteStartObject("event");
        json.WriteString("job", told.Job.Value.ToString("N"));
        json.WriteNumber("id", told.Id);
        json.WriteString("at", told.At.UtcDateTime);
        json.WriteString("tenant", told.Tenant);
        json.WriteString("actor", told.Actor);
        json.WriteString("action", told.Action);
        if (told.Definition is { } definition) json.WriteNumber("definition", definition);
        if (told.Feature is { } feature) json.WriteString("feature", feature);
        if (told.Version is { } version) json.WriteNumber("version", version);
        if (told.Subject is { } subject) json.WriteString("subject", Convert.ToHexStringLower(subject));
        if (told.Purpose is { } purpose) json.WriteString("purpose", purpose);
        json.WriteString("data", Words.Of(told.Data));
        if (told.Node is { } node) json.WriteString("node", node);
        if (told.Address is { } address) json.WriteString("address", address);
        if (told.Recipient is { } recipient) json.WriteString("recipient", recipient);
        if (told.Outcome is { } outcome) json.WriteString("outcome", outcome);
        if (told.Payload is { } payload) json.WriteString("payload", Convert.ToHexStringLower(payload));
        if (told.Correlation is { } correlation) json.WriteString("correlation", correlation);
        json.WriteEndObject();
    }

    /// <exception cref="FormatException">Something is not as it was written.</exception>
    public static ToldEvent ReadEvent(JsonElement json)
    {
        var told = Told(json);
        // What the proof does not cover may not say anything of its own.
        if (json.GetProperty("at").GetDateTimeOffset() != told.At) throw new FormatException("at is not the time of the event");
        if (json.EnumerateObject().FirstOrDefault(member => !Members.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } foreign) throw new FormatException($"{foreign.Name} is no part of an event");
        return told;
    }

    private static readonly HashSet<string> Members =
        ["job", "id", "at", "tenant", "actor", "action", "definition", "feature", "version", "subject", "purpose", "data", "node", "address", "recipient", "outcome", "payload", "correlation"];

    private static ToldEvent Told(JsonElement json) => new()
    {
        Job = new JobId(Guid.ParseExact(json.GetProperty("job").GetString()!, "N")),
        Id = json.GetProperty("id").GetInt64(),
        Tenant = json.GetProperty("tenant").GetString()!,
        Actor = json.GetProperty("actor").GetString()!,
        Action = json.GetProperty("action").GetString()!,
        Definition = Number(json, "definition"),
        Feature = Text(json, "feature"),
        Version = Number(json, "version"),
        Subject = Bytes(json, "subject"),
        Purpose = Text(json, "purpose"),
        Data = Words.TryRead<DataClass>(json.GetProperty("data").GetString()!, out var data) ? data : throw new FormatException("data is no class of data"),
        Node = Text(json, "node"),
        Address = Text(json, "address"),
        Recipient = Text(json, "recipient"),
        Outcome = Text(json, "outcome"),
        Payload = Bytes(json, "payload"),
        Correlation = Text(json, "correlation"),
    };

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static long? Number(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    private static byte[]? Bytes(JsonElement json, string name) => Text(json, name) is { } hex ? Convert.FromHexString(hex) : null;
}

/// <summary>What is exported.</summary>
/// <param name="After">The link before the first.</param>
/// <param name="Previous">Its hash.</param>
/// <param name="End">The checkpoint that the export ends with.</param>
internal sealed record ExportScope(string Tenant, DateTimeOffset? Since, DateTimeOffset? Until, long After, byte[] Previous, Checkpoint End)
{
    public bool Shows(ToldEvent told) => told.Tenant == Tenant && !(told.At < Since) && !(told.At >= Until);
}
