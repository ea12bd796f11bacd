using System.Text;
using Headway.Features.Schemas;

namespace Headway.Tests.Features.Schemas;

public sealed class ValueSchemaTests
{
    [Theory]
    [InlineData("""{"type":"object","required":["a","b"],"additionalProperties":false,"properties":{"a":{"type":"string"},"b":{}}}""", """{"a":1,"c":2}""",
        "$.a must be a string, found a number|$.c is not a property of the schema, found a number|$.b is required, found nothing")]
    [InlineData("""{"properties":{"n":{"type":"number","minimum":0,"exclusiveMaximum":3}}}""", """{"n":3}""", "$.n must be less than 3, found a number")]
    [InlineData("""{"type":"array","items":{"enum":["a","b"]}}""", """["a","c"]""", "$[1] must be one of the listed values, found a string")]
    [InlineData("""{"enum":[1,true]}""", "\"1\"", "$ must be one of the listed values, found a string")]
    [InlineData("""{"enum":[1,true]}""", "\"True\"", "$ must be one of the listed values, found a string")]
    [InlineData("""{"type":"string","pattern":"^[a-z]+$"}""", "\"A\"", "$ must match the pattern, found a string")]
    [InlineData("""{"type":"string","minLength":2}""", "\"😀\"", "$ must have at least 2 characters, found a string")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-01-01\"", "$ must be a date and time (RFC 3339), found a string")]
    [InlineData("""{"type":"string","format":"date"}""", "\"soon\"", "$ must be a date (RFC 3339), found a string")]
    [InlineData("""{"type":"array","items":[{"type":"string"}],"additionalItems":false}""", """["a",1]""", "$[1] is one item too many, found a number")]
    [InlineData("""{"type":"array","uniqueItems":true,"minItems":3}""", "[1,1]", "$ must have at least 3 items, found a list|$ must not have the same item twice, found a list")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "1", "$ must fit at least one of the alternatives, found a number")]
    [InlineData("""{"oneOf":[{"type":"number"},{"type":"integer"}]}""", "1", "$ must fit exactly one of the alternatives, found a number")]
    [InlineData("""{"allOf":[{"properties":{"a":{"enum":["x"]}}}]}""", """{"a":"y"}""", "$.a must be one of the listed values, found a string")]
    [InlineData("""{"type":["string","null"]}""", "1", "$ must be of one of the listed types, found a number")]
    [InlineData("""{"$defs":{"x":{"type":"string","maxLength":1}},"properties":{"a":{"$ref":"#/$defs/x"}}}""", """{"a":"yy"}""", "$.a must have at most 1 characters, found a string")]
    [InlineData("""{"type":"object","properties":{"c":{"type":"array","items":{"$ref":"#"}}},"required":["c"]}""", """{"c":[{}]}""", "$.c[0].c is required, found nothing")]
    [InlineData("""{"uniqueItems":true}""", """[{"a":1,"b":2},{"b":2,"a":1}]""", "$ must not have the same item twice, found a list")]
    [InlineData("""{"maxProperties":0}""", """{"a":1}""", "$ must have at most 0 properties, found an object")]
    [InlineData("{}", "{'a':1}", "$ must be JSON in which each property is named once (line 1, byte 2, at most 64 levels), found something else")]
    [InlineData("{}", "", "$ must be JSON in which each property is named once (line 1, byte 1, at most 64 levels), found something else")]
    [InlineData("""{"type":"number"}""", "1e99", "$ must have numbers of at most 28 digits, found a larger one")]
    public void Says_where_which_rule_and_what_kind_of_value(string schema, string value, string violations) =>
        string.Join('|', Validate(schema, value)).ShouldBe(violations);

    [Theory]
    [InlineData("""{"type":"integer"}""", "2.0")]
    [InlineData("""{"required":["a"]}""", "[]")]
    [InlineData("""{"uniqueItems":true}""", """[1,"1",true,"true",[1],["1"]]""")]
    [InlineData("""{"type":"number","maximum":5.5}""", "5.5")]
    [InlineData("""{"enum":[1.5,null,"a"]}""", "1.5")]
    [InlineData("""{"enum":[1.5,null,"a"]}""", "null")]
    [InlineData("""{"enum":[1]}""", "1.0")]
    [InlineData("""{"type":"string"}""", "\"2026-01-01T00:00:00Z\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-01-01T00:00:00Z\"")]
    [InlineData("""{"type":"string","maxLength":1}""", "\"😀\"")]
    [InlineData("""{"type":["string","null"],"enum":["a",null]}""", "null")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", "7")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "null")]
    public void What_satisfies_the_schema_passes(string schema, string value) => Validate(schema, value).ShouldBeEmpty();

    [Fact]
    public void A_pattern_made_to_take_for_ever_is_cut_short() =>
        Validate("""{"pattern":"^(a+)+$"}""", $"\"{new string('a', 60)}b\"").ShouldHaveSingleItem().Rule.ShouldBe("must match the pattern");

    [Fact]
    public void Says_nothing_of_the_content() =>
        Validate("""{"properties":{"name":{"type":"number"},"sex":{"enum":["x"]},"code":{"pattern":"^1$"}}}""", """{"name":"Ada","sex":"Ada","code":"Ada"}""")
            .ShouldAllBe(violation => !violation.ToString().Contains("Ada"));

    [Fact]
    public void A_value_nested_without_end_is_refused_before_it_is_judged() =>
        Validate("{}", new string('[', 10_000) + new string(']', 10_000)).ShouldHaveSingleItem();

    [Fact]
    public void A_schema_that_cannot_be_enforced_is_not_made() =>
        Should.Throw<FormatException>(() => ValueSchema.Parse("""{"const":1}""")).Message.ShouldContain("enum");

    private static IReadOnlyList<SchemaViolation> Validate(string schema, string value) =>
        ValueSchema.Parse(schema).Validate(Encoding.UTF8.GetBytes(value));
}
