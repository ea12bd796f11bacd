using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema;

namespace Headway.Features.Schemas;

/// <summary>A JSON Schema that is enforced to the letter: the shape of an input or of an output.</summary>
internal sealed class ValueSchema
{
    /// <summary>Nesting of a value; deeper ones are refused before they are judged.</summary>
    public const int MaxDepth = 64;

    /// <summary>More than these help nobody to mend the value.</summary>
    private const int MaxViolations = 10;

    private readonly JsonSchema _schema;
    private readonly ConcurrentDictionary<string, Regex> _patterns = new();

    private ValueSchema(string text, SchemaWalk walk, JsonSchema schema)
    {
        Text = text;
        Walk = walk;
        _schema = schema;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Every schema object of it, checked.</summary>
    public SchemaWalk Walk { get; }

    /// <exception cref="FormatException">The text is not a schema that can be enforced; see <see cref="JsonSchemaText.Check"/>.</exception>
    public static ValueSchema Parse(string text)
    {
        var problems = JsonSchemaText.Read(text, out var walk);
        if (walk is null)
            throw new FormatException($"The JSON Schema cannot be enforced: {string.Join("; ", problems)}");
        try
        {
            // Nothing is awaited here: references that would have to be fetched were refused above.
            var schema = JsonSchema.FromJsonAsync(Plain(text)).GetAwaiter().GetResult();
            return new ValueSchema(text, walk, schema);
        }
        catch (Exception problem) when (problem is JsonReaderException or JsonSerializationException or InvalidOperationException or FormatException)
        {
            throw new FormatException("The JSON Schema cannot be enforced: a keyword has a value of the wrong kind", problem);
        }
    }

    /// <summary>What of the value breaks which rule; empty when it satisfies the schema. Says nothing of the content.</summary>
    public IReadOnlyList<SchemaViolation> Validate(ReadOnlyMemory<byte> json)
    {
        JToken value;
        try
        {
            // Strictly first: the validator's own reader accepts comments, single quotes and more.
            using var strict = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            value = Exact(strict.RootElement);
        }
        catch (System.Text.Json.JsonException problem)
        {
            return [new("$", $"must be JSON in which each property is named once (line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1}, at most {MaxDepth} levels)", "something else")];
        }
        catch (OverflowException)
        {
            return [new("$", "must have numbers of at most 28 digits", "a larger one")];
        }

        return ExactValidator.Validate(value, _schema, _patterns, MaxViolations);
    }

    /// <summary>Rules that the validator judges loosely or without a time limit are moved to notes that <see cref="ExactValidator"/> reads.</summary>
    private static string Plain(string text)
    {
        JsonSchemaText.Read(text, out var walk);
        foreach (var schema in walk!.Schemas.Values)
        {
            foreach (var keyword in ExactValidator.Own)
            {
                if (schema.Remove(keyword, out var rule))
                    schema[ExactValidator.Note + keyword] = rule;
            }

            schema.Remove("$id");
            schema.Remove("$schema");
        }

        return walk.Root.ToJsonString();
    }

    /// <summary>The same value with 2.0 as the whole number it is, and without dates guessed from strings.</summary>
    private static JToken Exact(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Members(value),
        JsonValueKind.Array => new JArray(value.EnumerateArray().Select(Exact)),
        JsonValueKind.String => new JValue(value.GetString()),
        JsonValueKind.Number => Number(value),
        JsonValueKind.True => new JValue(true),
        JsonValueKind.False => new JValue(false),
        _ => JValue.CreateNull(),
    };

    private static JObject Members(JsonElement value)
    {
        var members = new JObject();
        foreach (var member in value.EnumerateObject())
            members[member.Name] = Exact(member.Value);
        return members;
    }

    private static JValue Number(JsonElement value)
    {
        if (value.TryGetInt64(out var whole))
            return new JValue(whole);
        var number = value.TryGetDecimal(out var exact) ? exact : throw new OverflowException();
        return decimal.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue ? new JValue((long)number) : new JValue(number);
    }
}

/// <summary>One rule that a value breaks.</summary>
/// <param name="Path">Where in the value: `$.score`, `$.items[2]`.</param>
/// <param name="Rule">What must hold there: "must be one of the listed values".</param>
/// <param name="Found">The kind of value that is there, never its content: "a string".</param>
internal sealed record SchemaViolation(string Path, string Rule, string Found)
{
    public override string ToString() => $"{Path} {Rule}, found {Found}";
}
