using Headway.Features.Schemas;

namespace Headway.Tests.Features.Schemas;

public sealed class JsonSchemaTextTests
{
    [Theory]
    [InlineData("""{"const":1}""")]
    [InlineData("""{"if":{},"then":{}}""")]
    [InlineData("""{"prefixItems":[{}]}""")]
    [InlineData("""{"contains":{}}""")]
    [InlineData("""{"contains":{},"minContains":2}""")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""")]
    [InlineData("""{"dependentSchemas":{}}""")]
    [InlineData("""{"dependencies":{}}""")]
    [InlineData("""{"unevaluatedProperties":false}""")]
    [InlineData("""{"unevaluatedItems":false}""")]
    [InlineData("""{"propertyNames":{"maxLength":3}}""")]
    [InlineData("""{"patternProperties":{"^a":{}}}""")]
    [InlineData("""{"$dynamicRef":"#a"}""")]
    [InlineData("""{"$anchor":"a"}""")]
    [InlineData("""{"format":"iri"}""")]
    [InlineData("""{"requird":["a"]}""")]
    [InlineData("""{"properties":{"deep":{"items":{"const":1}}}}""")]
    [InlineData("""{"$defs":{"unused":{"const":1}}}""")]
    public void A_rule_that_nobody_enforces_is_refused(string schema) => JsonSchemaText.Check(schema).ShouldHaveSingleItemOrMore();

    [Theory]
    [InlineData("https://example.com/schema.json")]
    [InlineData("other.json#/definitions/a")]
    [InlineData("file:///etc/passwd")]
    [InlineData("#/$defs/missing")]
    public void A_reference_that_leaves_the_schema_or_leads_nowhere_is_refused(string to) =>
        JsonSchemaText.Check($$"""{"properties":{"a":{"$ref":"{{to}}"} } }""").ShouldHaveSingleItem().Path.ShouldBe("$.properties.a");

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""")]
    [InlineData("""{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}},"properties":{"x":{"$ref":"#/$defs/a"}}}""")]
    public void A_schema_that_applies_itself_to_the_same_value_is_refused(string schema) => JsonSchemaText.Check(schema).ShouldHaveSingleItemOrMore();

    [Fact]
    public void Alternatives_that_multiply_are_refused()
    {
        var definitions = Enumerable.Range(0, 20).Select(i => $$"""
            "a{{i}}":{"anyOf":[ {"$ref":"#/$defs/a{{i + 1}}"}, {"$ref":"#/$defs/a{{i + 1}}"} ]}
            """);

        JsonSchemaText.Check($$"""{"$defs":{ {{string.Join(',', definitions)}},"a20":{} },"$ref":"#/$defs/a0"}""")
            .ShouldHaveSingleItem().Message.ShouldContain("nested alternatives");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("true")]
    [InlineData("""{"type":"strin"}""")]
    [InlineData("""{"type":[]}""")]
    [InlineData("""{"enum":[]}""")]
    [InlineData("""{"enum":[{}]}""")]
    [InlineData("""{"pattern":"("}""")]
    [InlineData("""{"properties":{"a":true}}""")]
    [InlineData("""{"properties":[]}""")]
    [InlineData("""{"anyOf":[]}""")]
    [InlineData("""{"required":"a"}""")]
    [InlineData("""{"required":[1]}""")]
    [InlineData("""{"minLength":"3"}""")]
    [InlineData("""{"maxItems":-1}""")]
    [InlineData("""{"minProperties":1.5}""")]
    [InlineData("""{"minimum":null}""")]
    [InlineData("""{"exclusiveMinimum":true,"minimum":3}""")]
    [InlineData("""{"multipleOf":0}""")]
    [InlineData("""{"uniqueItems":1}""")]
    [InlineData("""{"type":"string","type":"number"}""")]
    [InlineData("""{"$ref":"#/$defs/a","minLength":3,"$defs":{"a":{}}}""")]
    public void A_schema_that_says_nothing_sound_is_refused(string schema) => JsonSchemaText.Check(schema).ShouldHaveSingleItemOrMore();

    [Fact]
    public void A_schema_too_deep_or_too_long_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"items":""", 100)) + "{}" + new string('}', 100);

        JsonSchemaText.Check(deep).ShouldHaveSingleItem();
        JsonSchemaText.Check($$"""{"description":"{{new string('x', JsonSchemaText.MaxBytes)}}"}""").ShouldHaveSingleItem();
    }

    [Fact]
    public void A_property_may_have_the_name_of_a_keyword() =>
        JsonSchemaText.Check("""{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"const":{"type":"string"},"pattern":{"enum":["a"]}},"x-note":1}""")
            .ShouldBeEmpty();

    [Fact]
    public void A_tree_that_refers_to_itself_through_its_children_is_sound() =>
        JsonSchemaText.Check("""{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#"}}}}""").ShouldBeEmpty();
}

internal static class ShouldlyLists
{
    public static void ShouldHaveSingleItemOrMore<T>(this IReadOnlyList<T> list) => list.Count.ShouldBeGreaterThan(0);
}
