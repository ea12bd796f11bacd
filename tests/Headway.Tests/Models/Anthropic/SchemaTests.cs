using System.Text.Json.Nodes;

namespace Headway.Tests.Models.Anthropic;

public sealed class SchemaTests
{
    [Theory]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}""", """{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false,"required":["a"]}""")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"a":{"enum":["x","y"]}}}""", """{"type":"object","properties":{"a":{"type":"string","enum":["x","y"]}},"additionalProperties":false}""")]
    [InlineData("""{"type":"string","maxLength":5,"pattern":"^\"[a-z]+$","description":"A word"}""", """{"type":"string","description":"A word\n\n{maxLength: 5, pattern: \"^\\\"[a-z]+$\"}"}""")]
    [InlineData("""{"type":"string","format":"date"}""", """{"type":"string","format":"date"}""")]
    [InlineData("""{"type":"integer","minimum":1,"title":"Score","x-own":1,"$comment":"c"}""", """{"type":"integer","title":"Score","description":"{minimum: 1}"}""")]
    [InlineData("""{"type":"array","minItems":1,"maxItems":3,"items":{"type":"number"}}""", """{"type":"array","items":{"type":"number"},"minItems":1,"description":"{maxItems: 3}"}""")]
    [InlineData("""{"type":["string","null"],"minLength":1}""", """{"anyOf":[{"type":"string","description":"{minLength: 1}"},{"type":"null","description":"{minLength: 1}"}]}""")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"integer"}],"description":"Either"}""", """{"anyOf":[{"type":"string"},{"type":"integer"}],"description":"Either"}""")]
    [InlineData("""{"$defs":{"d":{"type":"string"}},"type":"array","items":{"$ref":"#/$defs/d"}}""", """{"$defs":{"d":{"type":"string"}},"type":"array","items":{"$ref":"#/$defs/d"}}""")]
    public async Task What_the_API_can_express_is_asked_for_by_its_own_means(string schema, string shape)
    {
        var sent = await AskingClaude.SentAsync(Request(schema));

        var format = sent["output_config"]!["format"]!;
        format["type"]!.GetValue<string>().ShouldBe("json_schema");
        JsonNode.DeepEquals(format["schema"], JsonNode.Parse(shape)).ShouldBeTrue(format.ToJsonString());
        sent["system"].ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":true}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"number"}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["b"]}""")]
    [InlineData("""{"$defs":{"d":{"type":"array","items":{"$ref":"#/$defs/d"}}},"$ref":"#/$defs/d"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}}}""")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"string"}}}]}""")]
    [InlineData("""{"type":"array","items":[{"type":"string"}]}""")]
    [InlineData("""{"type":"array"}""")]
    [InlineData("""{"enum":[1,"a"]}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"anyOf":[{"required":["a"]}]}""")]
    [InlineData("""{"not":{"type":"string"}}""")]
    [InlineData("{}")]
    public async Task What_it_would_get_wrong_is_asked_for_in_words(string schema)
    {
        var sent = await AskingClaude.SentAsync(Request(schema));

        sent["output_config"].ShouldBeNull();
        sent["system"]![0]!["text"]!.GetValue<string>().ShouldEndWith(schema);
    }

    [Fact]
    public async Task A_shape_too_complex_for_the_API_is_asked_for_in_words()
    {
        static string Wide(int optional)
        {
            var properties = new JsonObject();
            for (var i = 0; i < optional; i++)
                properties[$"p{i}"] = new JsonObject { ["type"] = "string" };
            return new JsonObject { ["type"] = "object", ["properties"] = properties }.ToJsonString();
        }

        (await AskingClaude.SentAsync(Request(Wide(24))))["output_config"].ShouldNotBeNull();
        (await AskingClaude.SentAsync(Request(Wide(25))))["output_config"].ShouldBeNull();
    }

    [Theory]
    [InlineData("claude-haiku-4-5", true)]
    [InlineData("our-alias", true)]
    [InlineData("claude-sonnet-4-20250514", false)]
    [InlineData("claude-3-7-sonnet-latest", false)]
    public async Task Models_before_there_was_such_a_thing_are_asked_in_words(string model, bool shaped) =>
        ((await AskingClaude.SentAsync(Request("""{"type":"string"}"""), model))["output_config"] is not null).ShouldBe(shaped);

    [Fact]
    public async Task Any_JSON_object_is_asked_for_in_words_after_the_callers_own()
    {
        var sent = await AskingClaude.SentAsync(AskingClaude.Request("\"response_format\":{\"type\":\"json_object\"}", messages: """[{"role":"system","content":"Be brief."},{"role":"user","content":"a"}]"""));

        sent["system"]![0]!["text"]!.GetValue<string>().ShouldBe("Be brief.");
        sent["system"]![1]!["text"]!.GetValue<string>().ShouldStartWith("Answer with one JSON object and nothing else");
    }

    [Fact]
    public async Task Effort_and_shape_stand_side_by_side()
    {
        var request = Request("""{"type":"string"}""");
        request.Body["reasoning_effort"] = "low";
        request.Body["output_config"] = new JsonObject { ["later"] = 1 };

        (await AskingClaude.SentAsync(request))["output_config"].Written().ShouldBe("""{"later":1,"format":{"type":"json_schema","schema":{"type":"string"}},"effort":"low"}""");
    }

    private static Headway.Models.ModelRequest Request(string schema) =>
        AskingClaude.Request($$$"""
            "response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{{{schema}}}}}
            """);
}
