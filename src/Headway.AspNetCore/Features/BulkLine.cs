using System.Globalization;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features.Headers;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Features;

/// <summary>Reads one line of a bulk submission: an object with `input`, and with members that stand for the headers a call of its own would have.</summary>
internal sealed class BulkLine(FeatureVersion feature, FeatureFile file, Caller caller, IHeaderDictionary headers, CallHeaders usual)
{
    // What a line may be longer than its input: the options.
    public const int OptionsBytes = 16 * 1024;

    // In the words of a line, and as a call says them.
    private static readonly Dictionary<string, string> Options = new(StringComparer.Ordinal)
    {
        ["key"] = "Idempotency-Key",
        ["subject"] = "Headway-Subject",
        ["priority"] = "Headway-Priority",
        ["deadline"] = "Headway-Deadline",
        ["startAt"] = "Headway-Start-At",
        ["metadata"] = "Headway-Metadata",
        ["unique"] = "Headway-Unique",
        ["debounce"] = "Headway-Debounce",
        ["traceparent"] = "traceparent",
    };

    private static string Rule => $"A line is an object with `input` and, where they are wanted, {string.Join(", ", Options.Keys)}.";

    /// <summary>The call that the line asks for, or what is wrong with it.</summary>
    public Problem? Read(ReadOnlyMemory<byte> line, int number, DateTimeOffset now, out Call? call)
    {
        call = null;
        if (JsonBody.Check(ref line) is { } broken) return broken;
        if (Split(line.Span, out var input, out var said) is { } wrong) return wrong;
        var asked = usual;
        if (said is not null)
        {
            foreach (var (name, value) in headers)
            {
                if (name != "Idempotency-Key") said.TryAdd(name, value);
            }

            if (CallHeaders.Read(said, feature, file, now, out asked) is { } header) return header;
        }

        if (input.End.Value - input.Start.Value > feature.MaxInput) return InputBody.TooLarge(feature);
        var json = line[input];
        if (InputSchemas.Judge(feature, json) is { } invalid) return invalid;
        call = asked.Call(feature, caller, new JobInput { MediaType = Json.MediaType, Json = json });
        // A key of the request stands for one of each line: what was cut off may be sent again whole.
        if (call.IdempotencyKey is null && usual.IdempotencyKey is { } whole) call = call with { IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{whole}/{number}") };
        return null;
    }

    /// <param name="said">The line's options as headers; null: it has none.</param>
    private static Problem? Split(ReadOnlySpan<byte> line, out Range input, out HeaderDictionary? said)
    {
        (input, said) = (default, null);
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject) return Invalid($"It is {(reader.TokenType is JsonTokenType.StartArray ? "an array" : "no object")}.");
        var found = false;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = NameOf(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var kind = reader.TokenType;
            reader.Skip();
            var value = start..(int)reader.BytesConsumed;
            if (name is "input")
            {
                if (found) return Invalid("`input` is there twice.");
                (input, found) = (value, true);
                continue;
            }

            if (name is null || !Options.TryGetValue(name, out var header)) return Invalid($"It has a member {Phrases.Quote(name ?? "that is no text")}.{Phrases.Suggest(name ?? "", Options.Keys.Append("input"))}");
            if (kind is JsonTokenType.Null) continue;
            said ??= [];
            if (said.ContainsKey(header)) return Invalid($"`{name}` is there twice.");
            if (TextOf(line[value], kind, name) is not { } text) return Invalid($"`{name}` is not of the kind it must be.");
            said[header] = text;
        }

        return found ? null : Invalid("It has no `input`.");
    }

    private static string? NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a character.
            return null;
        }
    }

    private static string? TextOf(ReadOnlySpan<byte> value, JsonTokenType kind, string name)
    {
        var asItStands = name switch { "metadata" => JsonTokenType.StartObject, "priority" => JsonTokenType.Number, _ => JsonTokenType.String };
        if (kind != asItStands) return null;
        if (kind is not JsonTokenType.String) return System.Text.Encoding.UTF8.GetString(value);
        var reader = new Utf8JsonReader(value);
        reader.Read();
        return NameOf(ref reader);
    }

    private static Problem Invalid(string what) => new(ProblemKind.LineInvalid, $"{what} {Rule}");
}
