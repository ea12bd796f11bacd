using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Workflows.History;

/// <summary>A workflow as it was: what it was given, what it got in which order, what it waits for and how it ended. With content; what `journal.json` of a test holds.</summary>
/// <param name="Format">1.</param>
/// <param name="Job">Also what its ids and its chance are made of.</param>
/// <param name="Began">When it was begun for the first time, in milliseconds since 1970.</param>
internal sealed record RecordedJournal(int Format, string Job, string Feature, int Version, string Tenant, string? Subject, long Began, JsonElement Input, IReadOnlyList<RecordedLine> Lines, IReadOnlyList<RecordedWait> Waits)
{
    public const int CurrentFormat = 1;

    /// <summary>Null: it is under way, or was cancelled.</summary>
    public RecordedEnd? End { get; init; }

    /// <summary>As files and answers hold it: indented, so that a change of it can be reviewed.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };
}

/// <summary>One thing that it got.</summary>
internal sealed record RecordedLine(long Number, EntryKind Kind, string Name, int Occurrence, EntryOutcome Outcome, long Began, long Ended, int Tries)
{
    public byte[]? Fingerprint { get; init; }
    public string? Child { get; init; }

    /// <summary>The result, or what failed; null: nothing came with it.</summary>
    public JsonElement? Value { get; init; }

    public static RecordedLine Of(JournalEntry entry) => new(entry.Number, entry.Kind, entry.Key.Name, entry.Key.Occurrence, entry.Outcome, entry.Began, entry.Ended, entry.Tries)
    {
        Fingerprint = entry.Fingerprint,
        Child = entry.Child?.ToString(),
        Value = entry.Body.IsEmpty ? null : JsonSerializer.Deserialize<JsonElement>(entry.Body.Span),
    };

    public JournalEntry ToEntry() => new(
        Number, Kind, new StepKey(Name, Occurrence), Fingerprint, Outcome, Value is { } value ? JsonSerializer.SerializeToUtf8Bytes(value) : default,
        JobId.TryParse(Child, out var child) ? child : null, Began, Ended, Tries);
}

/// <summary>One thing that it waits for.</summary>
internal sealed record RecordedWait(string Kind, string Name, int Occurrence);

/// <param name="Code">Of what it died of; null: it succeeded.</param>
/// <param name="Answer">As JSON; prose as a text.</param>
internal sealed record RecordedEnd(string? Code, JsonElement? Answer);
