using System.Text.Json;
using Headway.Features.Schemas;

namespace Headway.Tests.Features.Schemas;

public sealed class ValuePathTests
{
    [Theory]
    [InlineData("$.findings[*].quote", "$.findings[*].quote")]
    [InlineData("$.findings.*.quote", "$.findings[*].quote")]
    [InlineData("$", "$")]
    [InlineData("$[*][*].cited-text", "$[*][*].cited-text")]
    public void A_path_is_read_in_both_ways_of_writing_each(string written, string read) => (ValuePath.TryParse(written, out var path) ? path.ToString() : null).ShouldBe(read);

    [Theory]
    [InlineData("")]
    [InlineData("findings")]
    [InlineData("$findings")]
    [InlineData("$.")]
    [InlineData("$.a..b")]
    [InlineData("$.a[0]")]
    [InlineData("$.a[*")]
    [InlineData("$.a b")]
    public void Anything_else_is_no_path(string written) => ValuePath.TryParse(written, out _).ShouldBeFalse();

    [Theory]
    [InlineData("$.findings[*].quote", """{"findings":[{"quote":"a"},{"quote":"b"}]}""", "$.findings[0].quote=\"a\" $.findings[1].quote=\"b\"")]
    [InlineData("$.findings[*].quote", """{"findings":[{"text":"a"}]}""", "$.findings[0].quote=nothing")]
    [InlineData("$.findings[*].quote", """{"findings":[]}""", "")]
    [InlineData("$.findings[*].quote", "{}", "$.findings=nothing")]
    [InlineData("$.findings[*].quote", """{"findings":"none"}""", "$.findings[*]=nothing")]
    [InlineData("$.citations[*]", """{"citations":["a"]}""", "$.citations[0]=\"a\"")]
    [InlineData("$.citations[*]", """{"citations":[]}""", "$.citations[*]=nothing")]
    [InlineData("$", "\"a\"", "$=\"a\"")]
    public void It_leads_to_every_place_and_says_where_nothing_is(string written, string json, string found)
    {
        ValuePath.TryParse(written, out var path).ShouldBeTrue();
        using var value = JsonDocument.Parse(json);

        string.Join(' ', path!.In(value.RootElement).Select(place => $"{place.At}={place.Value?.GetRawText() ?? "nothing"}")).ShouldBe(found);
    }

    [Theory]
    [InlineData("$.q", """{"properties":{"q":{"type":["string","null"]}}}""", null)]
    [InlineData("$.q", """{"properties":{"q":{"enum":["a"]}}}""", null)]
    [InlineData("$.q", """{"$defs":{"q":{"type":"string"}},"properties":{"q":{"$ref":"#/$defs/q"}}}""", null)]
    [InlineData("$.q", """{"anyOf":[{"type":"string"},{"type":"object","properties":{"q":{"type":"string"}}}]}""", null)]
    [InlineData("$.q", """{"allOf":[{"properties":{"p":{"type":"string"}}},{"properties":{"q":{"type":"string"}}}]}""", null)]
    [InlineData("$.q", """{"additionalProperties":{"type":"string"}}""", null)]
    [InlineData("$.q[*]", """{"properties":{"q":{"type":"array"}}}""", null)]
    [InlineData("$.q[*]", """{"properties":{"q":{"items":[{"type":"integer"},{"type":"string"}]}}}""", null)]
    [InlineData("$.c[*].c[*].q", """{"properties":{"q":{"type":"string"},"c":{"type":"array","items":{"$ref":"#"}}}}""", null)]
    [InlineData("$.q", "{}", "has no 'q' at $: there are none.")]
    [InlineData("$.q", """{"type":"object","properties":{"p":{"type":"string"}}}""", "has no 'q' at $: did you mean 'p'?")]
    [InlineData("$.q", """{"properties":{"q":{"type":"object"}}}""", "has no text at $.q: name a property of type string")]
    [InlineData("$.q", """{"properties":{"q":{"properties":{"r":{}}}}}""", "has no text at $.q: name a property of type string")]
    [InlineData("$.q[*]", """{"properties":{"q":{"type":"string"}}}""", "has no list at $.q: leave the [*] out, or name the list")]
    public void A_schema_can_have_it_or_says_what_is_in_the_way(string written, string schema, string? refusal)
    {
        ValuePath.TryParse(written, out var path).ShouldBeTrue();

        SchemaPaths.Refuse(ValueSchema.Parse(schema), path!).ShouldBe(refusal);
    }
}
