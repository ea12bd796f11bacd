using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Headway.Features.Yaml;

namespace Headway.Features.Shapes;

/// <summary>A single value.</summary>
internal abstract class Scalar(string says) : Shape
{
    public override string Says => says;

    public abstract bool Accepts(Node node);

    /// <summary>The words it may be, when it is one of a few.</summary>
    public virtual IReadOnlyList<string> Choices => [];

    /// <summary>The largest value, in words for the schema's description; null: there is none, or the schema holds it.</summary>
    public string? Longest { get; init; }

    /// <summary>What is wrong with a text, where more can be said than what was expected; null: nothing more.</summary>
    public Func<string, string?> Objection { get; init; } = static _ => null;

    /// <summary>The value's JSON Schema. A fresh one each time: a JSON node has one parent.</summary>
    public abstract JsonObject Schema();

    /// <summary>A value that may come from the environment although it is not a string.</summary>
    protected static JsonObject OrVariable(JsonObject schema) => new()
    {
        ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" }),
    };
}

/// <summary>A single value that reads as a <typeparamref name="T"/>.</summary>
internal abstract class Scalar<T>(string says) : Scalar(says)
{
    public sealed override bool Accepts(Node node) => TryRead(node, out _);

    public abstract bool TryRead(Node node, [MaybeNullWhen(false)] out T value);
}

/// <summary>Text that must satisfy a parser.</summary>
/// <param name="pattern">What an editor can check of it; null: any text.</param>
/// <param name="orTrue">It may be the word `true`, which editors do not take for text.</param>
internal sealed class TextScalar<T>(string says, TextScalar<T>.Reading read, string? pattern = null, bool orTrue = false) : Scalar<T>(says)
{
    internal delegate bool Reading(string text, [MaybeNullWhen(false)] out T value);

    public override bool TryRead(Node node, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return !node.IsNull && !node.IsBroken && read(node.Text, out value);
    }

    public override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (pattern is null)
            return schema;
        schema["pattern"] = pattern;
        return OrVariable(orTrue ? new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["const"] = true }) } : schema);
    }
}

/// <summary>A number or a boolean: unquoted, unless it comes from the environment.</summary>
internal sealed class PlainScalar<T>(string says, TextScalar<T>.Reading read, Func<JsonObject> schema) : Scalar<T>(says)
{
    public override bool TryRead(Node node, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return !node.IsBroken && (node.IsPlain || node.IsSubstituted) && read(node.Text, out value);
    }

    public override JsonObject Schema() => OrVariable(schema());
}

/// <summary>Text, a number, true or false: as it is written.</summary>
internal sealed class ValueScalar() : Scalar<string>("a text, a number, true or false")
{
    public override bool TryRead(Node node, [MaybeNullWhen(false)] out string value)
    {
        value = node.Text;
        return !node.IsNull && !node.IsBroken;
    }

    public override JsonObject Schema() => new() { ["type"] = new JsonArray("string", "number", "boolean") };
}

/// <summary>One of the words of an enum.</summary>
internal sealed class Choice<T>() : Scalar<T>($"one of {string.Join(", ", Words.All<T>())}") where T : struct, Enum
{
    public override IReadOnlyList<string> Choices => Words.All<T>();

    public override bool TryRead(Node node, out T value)
    {
        value = default;
        return !node.IsBroken && Words.TryRead(node.Text, out value);
    }

    public override JsonObject Schema() => OrVariable(new JsonObject { ["enum"] = new JsonArray([.. Choices.Select(choice => JsonValue.Create(choice))]) });
}

/// <summary>One of a few words that have no enum.</summary>
internal sealed class WordChoice(params IReadOnlyList<string> choices) : Scalar<string>(choices.Count == 1 ? $"'{choices[0]}'" : $"one of {string.Join(", ", choices)}")
{
    public override IReadOnlyList<string> Choices => choices;

    public override bool TryRead(Node node, [MaybeNullWhen(false)] out string value)
    {
        value = node.Text;
        return !node.IsBroken && choices.Contains(node.Text);
    }

    public override JsonObject Schema() => OrVariable(new JsonObject { ["enum"] = new JsonArray([.. choices.Select(choice => JsonValue.Create(choice))]) });
}
