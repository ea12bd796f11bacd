using Newtonsoft.Json.Linq;
using NJsonSchema.Validation;

namespace Headway.Features.Schemas;

/// <summary>The validator's kinds of error in words that tell what to write instead, free of content.</summary>
internal static class RuleWords
{
    public static string Of(ValidationError error) => error.Kind switch
    {
        ValidationErrorKind.StringExpected => "must be a string",
        ValidationErrorKind.NumberExpected => "must be a number",
        ValidationErrorKind.IntegerExpected => "must be a whole number",
        ValidationErrorKind.BooleanExpected => "must be true or false",
        ValidationErrorKind.ObjectExpected => "must be an object",
        ValidationErrorKind.ArrayExpected => "must be a list",
        ValidationErrorKind.NullExpected => "must be null",
        ValidationErrorKind.PropertyRequired => "is required",
        ValidationErrorKind.NoAdditionalPropertiesAllowed => "is not a property of the schema",
        ValidationErrorKind.NumberTooSmall => error.Schema.ExclusiveMinimum is { } above ? $"must be more than {above}" : $"must be at least {error.Schema.Minimum}",
        ValidationErrorKind.NumberTooBig => error.Schema.ExclusiveMaximum is { } below ? $"must be less than {below}" : $"must be at most {error.Schema.Maximum}",
        ValidationErrorKind.NumberNotMultipleOf or ValidationErrorKind.IntegerNotMultipleOf => $"must be a multiple of {error.Schema.MultipleOf}",
        ValidationErrorKind.TooFewItems => $"must have at least {error.Schema.MinItems} items",
        ValidationErrorKind.TooManyItems => $"must have at most {error.Schema.MaxItems} items",
        ValidationErrorKind.TooManyItemsInTuple => "is one item too many",
        ValidationErrorKind.ItemsNotUnique => "must not have the same item twice",
        ValidationErrorKind.TooFewProperties => $"must have at least {error.Schema.MinProperties} properties",
        ValidationErrorKind.TooManyProperties => $"must have at most {error.Schema.MaxProperties} properties",
        ValidationErrorKind.NotAnyOf => "must fit at least one of the alternatives",
        ValidationErrorKind.NotOneOf => "must fit exactly one of the alternatives",
        ValidationErrorKind.ExcludedSchemaValidates => "must not fit the excluded schema",
        ValidationErrorKind.DateTimeExpected => "must be a date and time (RFC 3339)",
        ValidationErrorKind.DateExpected => "must be a date (RFC 3339)",
        ValidationErrorKind.TimeExpected => "must be a time (RFC 3339)",
        ValidationErrorKind.EmailExpected => "must be an email address",
        ValidationErrorKind.UriExpected => "must be a URI",
        ValidationErrorKind.IpV4Expected or ValidationErrorKind.IpV6Expected => "must be an IP address",
        ValidationErrorKind.HostnameExpected => "must be a host name",
        ValidationErrorKind.GuidExpected or ValidationErrorKind.UuidExpected => "must be a UUID",
        _ => $"must hold to the rule {error.Kind}",
    };

    public static string KindOf(JToken? token) => token?.Type switch
    {
        null => "nothing",
        JTokenType.Object => "an object",
        JTokenType.Array => "a list",
        JTokenType.String => "a string",
        JTokenType.Integer or JTokenType.Float => "a number",
        JTokenType.Boolean => "a boolean",
        _ => "null",
    };
}
