using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Headway.Features.Schemas;

/// <summary>NJsonSchema's validator, with the rules that it judges loosely judged exactly.</summary>
/// <remarks>It compares `enum` and `uniqueItems` as text (1 equals "1", and the order of members counts), matches `pattern` without a time limit, counts
/// UTF-16 units, demands `required` members of lists and strings, and takes a bare date for a date-time.</remarks>
internal sealed class ExactValidator : JsonSchemaValidator
{
    /// <summary>Before the name of a keyword that is judged here.</summary>
    public const string Note = "x-headway-";

    /// <summary>Keywords judged here.</summary>
    public static readonly IReadOnlyList<string> Own = ["enum", "pattern", "minLength", "maxLength", "required", "maxProperties", "uniqueItems"];

    /// <summary>A pattern that needs longer on one value was made to.</summary>
    private static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Regex> _patterns;

    private ExactValidator(ConcurrentDictionary<string, Regex> patterns)
        : base(new JsonSchemaValidatorSettings()) => _patterns = patterns;

    /// <param name="patterns">The compiled patterns of this schema.</param>
    public static IReadOnlyList<SchemaViolation> Validate(JToken value, JsonSchema schema, ConcurrentDictionary<string, Regex> patterns, int most)
    {
        var errors = new ExactValidator(patterns).Validate(value, schema, SchemaType.JsonSchema, "", "");
        return [.. errors.SelectMany(error => Leaves(error, value)).Take(most)];
    }

    /// <inheritdoc/>
    protected override ICollection<ValidationError> Validate(JToken token, JsonSchema schema, SchemaType schemaType, string? propertyName, string propertyPath)
    {
        var errors = base.Validate(token, schema, schemaType, propertyName, propertyPath);
        var actual = schema.ActualSchema;
        List<ValidationError> all = [.. errors, .. Missing(token, actual).Select(name => new RuleError("is required", name, propertyPath.Length == 0 ? name : $"{propertyPath}.{name}", null, schema))];
        if (Broken(token, actual) is { } broken)
            all.Add(new RuleError(broken, propertyName, propertyPath, token, schema));
        return all;
    }

    private static IEnumerable<string> Missing(JToken token, JsonSchema schema) =>
        token is JObject members && schema.ExtensionData is { } notes && notes.TryGetValue(Note + "required", out var listed) && listed is IEnumerable<object?> names
            ? names.Select(name => name?.ToString() ?? "").Where(name => !members.ContainsKey(name))
            : [];

    private string? Broken(JToken token, JsonSchema schema)
    {
        if (schema.Format == "date-time" && token.Type is JTokenType.String && !token.Value<string>()!.Contains('T', StringComparison.OrdinalIgnoreCase))
            return "must be a date and time (RFC 3339)";
        if (schema.ExtensionData is not { } notes)
            return null;
        if (notes.TryGetValue(Note + "enum", out var listed) && !Listed((IEnumerable<object?>)listed!, token))
            return "must be one of the listed values";
        if (token is JObject members && notes.TryGetValue(Note + "maxProperties", out var mostMembers) && members.Count > Convert.ToInt64(mostMembers, CultureInfo.InvariantCulture))
            return $"must have at most {mostMembers} properties";
        if (token is JArray items && notes.TryGetValue(Note + "uniqueItems", out var unique) && unique is true && items.ToHashSet(JToken.EqualityComparer).Count < items.Count)
            return "must not have the same item twice";
        if (token.Type is not JTokenType.String)
            return null;
        var text = token.Value<string>()!;
        var length = text.EnumerateRunes().Count();
        if (notes.TryGetValue(Note + "minLength", out var shortest) && length < Convert.ToInt64(shortest, CultureInfo.InvariantCulture))
            return $"must have at least {shortest} characters";
        if (notes.TryGetValue(Note + "maxLength", out var longest) && length > Convert.ToInt64(longest, CultureInfo.InvariantCulture))
            return $"must have at most {longest} characters";
        if (notes.TryGetValue(Note + "pattern", out var pattern) && !Matches((string)pattern!, text))
            return "must match the pattern";
        return null;
    }

    private static bool Listed(IEnumerable<object?> values, JToken token) =>
        values.Any(value => JToken.DeepEquals(value is JToken already ? already : value is null ? JValue.CreateNull() : JToken.FromObject(value), token)
            || (value is double or decimal && token.Type is JTokenType.Integer or JTokenType.Float
                && Convert.ToDecimal(value, CultureInfo.InvariantCulture) == token.Value<decimal>()));

    private bool Matches(string pattern, string text)
    {
        var regex = _patterns.GetOrAdd(pattern, key => new Regex(key, RegexOptions.ECMAScript, PatternTime));
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>The errors that say which value is wrong, not that something around it is.</summary>
    private static IEnumerable<SchemaViolation> Leaves(ValidationError error, JToken root) => error switch
    {
        RuleError rule => [new SchemaViolation(PathOf(error), rule.Rule, rule.Found)],
        ChildSchemaValidationError { Kind: ValidationErrorKind.ArrayItemNotValid or ValidationErrorKind.AdditionalPropertiesNotValid or ValidationErrorKind.NotAllOf } outer
            => outer.Errors.Values.SelectMany(inner => inner).SelectMany(inner => Leaves(inner, root)),
        MultiTypeValidationError several => [new SchemaViolation(PathOf(several), "must be of one of the listed types", FoundAt(several, root))],
        _ => [new SchemaViolation(PathOf(error), RuleWords.Of(error), FoundAt(error, root))],
    };

    private static string PathOf(ValidationError error)
    {
        var path = (error.Path ?? "").TrimStart('#').TrimStart('/');
        return path.Length == 0 ? "$" : path[0] == '[' ? "$" + path : "$." + path;
    }

    private static string FoundAt(ValidationError error, JToken root)
    {
        if (error.Kind is ValidationErrorKind.PropertyRequired)
            return "nothing";
        var path = PathOf(error);
        try
        {
            return RuleWords.KindOf(root.SelectToken(path));
        }
        catch (Newtonsoft.Json.JsonException)
        {
            // A property name that is not a plain word; the path above names it all the same.
            return "another value";
        }
    }

    private sealed class RuleError(string rule, string? property, string path, JToken? token, JsonSchema schema)
        : ValidationError(ValidationErrorKind.Unknown, property, path, token, schema)
    {
        public string Rule { get; } = rule;
        public string Found { get; } = RuleWords.KindOf(token);
    }
}
