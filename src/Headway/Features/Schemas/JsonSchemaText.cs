using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Features.Schemas;

/// <summary>Checks the text of a JSON Schema when it is loaded: only rules that are really enforced may be in it.</summary>
/// <remarks>The validator below passes over keywords that it does not know and fetches foreign references, so a schema that
/// leans on either would promise what nobody keeps. Sources: JSON Schema 2020-12 core and validation, draft 7.</remarks>
internal static class JsonSchemaText
{
    /// <summary>A schema is read by people and sent with each call; a larger one is a mistake or an attack.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Nesting of the schema text; deeper ones cannot be told from recursion.</summary>
    public const int MaxDepth = 64;

    /// <summary>What is wrong with the text; empty when it can be enforced to the letter.</summary>
    public static IReadOnlyList<SchemaProblem> Check(string text)
    {
        var problems = Read(text, out var walk);
        if (walk is null)
            return problems;
        try
        {
            ValueSchema.Parse(text);
            return [];
        }
        catch (FormatException unsound)
        {
            return [new("$", unsound.Message)];
        }
    }

    /// <summary>Reads the text and, if it is sound, gives each schema object in it.</summary>
    internal static IReadOnlyList<SchemaProblem> Read(string text, out SchemaWalk? walk)
    {
        walk = null;
        if (text.Length > MaxBytes)
            return [new("$", $"is longer than {MaxBytes / 1024} KiB")];
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException problem)
        {
            return [new("$", $"is not JSON in which each property is named once (line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1})")];
        }

        if (root is not JsonObject schema)
            return [new("$", "must be a JSON object")];
        var found = SchemaWalk.Of(schema);
        if (found.Problems.Count == 0)
            walk = found;
        return found.Problems;
    }
}

/// <param name="Path">Where in the schema: `$.properties.score`.</param>
/// <param name="Message">What is wrong there, and what to write instead where that is known.</param>
internal sealed record SchemaProblem(string Path, string Message)
{
    public override string ToString() => $"{Path} {Message}";
}
