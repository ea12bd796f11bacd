using System.Text;
using Headway.Features;
using Headway.Features.Schemas;

namespace Headway.Models;

/// <summary>An answer that must be a JSON value.</summary>
internal static class JsonAnswers
{
    private const int MostViolations = 3;

    /// <summary>The value as bytes. Models without structured output put it into a Markdown fence; the fence is no part of it.</summary>
    public static ReadOnlyMemory<byte> Of(string text)
    {
        var value = text.AsSpan().Trim();
        if (value.StartsWith("```") && value.EndsWith("```") && value.IndexOf('\n') is > 0 and var line && line < value.Length - 3)
            value = value[(line + 1)..^3].Trim();
        return Encoding.UTF8.GetBytes(value.ToString());
    }

    /// <summary>Null: the value satisfies the schema.</summary>
    public static ModelFault? Judge(ModelDefinition model, ValueSchema schema, string text)
    {
        var violations = schema.Validate(Of(text));
        if (violations.Count == 0)
            return null;
        var told = string.Join("; ", violations.Take(MostViolations));
        return Faults.Of(model, "output-invalid", FailureKind.InvalidOutput, $"answered what its output schema does not allow: {told}") with
        {
            Repair = new Repair(text, $"This does not satisfy the JSON Schema: {told}. Answer again with the corrected JSON value and nothing else."),
        };
    }
}
