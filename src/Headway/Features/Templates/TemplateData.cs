using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using HandlebarsDotNet;
using HandlebarsDotNet.IO;

namespace Headway.Features.Templates;

/// <summary>JSON as Handlebars reads it.</summary>
internal static class TemplateData
{
    public static object? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Members(value),
        JsonValueKind.Array => value.EnumerateArray().Select(Of).ToList(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when value.TryGetInt64(out var whole) => whole,
        JsonValueKind.Number when value.TryGetDecimal(out var exact) => exact,
        JsonValueKind.Number => value.GetDouble(),
        _ => null,
    };

    private static Dictionary<string, object?> Members(JsonElement value)
    {
        var members = new Dictionary<string, object?>();
        foreach (var member in value.EnumerateObject())
            members[member.Name] = Of(member.Value);
        return members;
    }
}

/// <summary>How values print: missing ones not at all, objects and lists as JSON, true and false as JSON writes them.</summary>
internal sealed class TemplateFormatters : IFormatterProvider, IFormatter
{
    // Read by a model, not by a browser: umlauts and quotes stay readable.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool TryCreateFormatter(Type type, out IFormatter formatter)
    {
        formatter = this;
        return type == typeof(UndefinedBindingResult) || type == typeof(bool) || type == typeof(double)
            || (typeof(IEnumerable).IsAssignableFrom(type) && type != typeof(string));
    }

    public void Format<T>(T value, in EncodedTextWriter writer)
    {
        switch (value)
        {
            case UndefinedBindingResult missing:
                throw new MissingValueException(missing.Value);
            case bool flag:
                writer.Write(flag ? "true" : "false", encode: false);
                return;
            case double number:
                writer.Write(number.ToString("R", CultureInfo.InvariantCulture), encode: false);
                return;
            default:
                writer.Write(JsonSerializer.Serialize<object?>(value, Readable), encode: false);
                return;
        }
    }
}

/// <summary>A template prints what the input does not have.</summary>
internal sealed class MissingValueException(string name) : Exception($"'{name}' is not in the input.")
{
    public string Name { get; } = name;
}
