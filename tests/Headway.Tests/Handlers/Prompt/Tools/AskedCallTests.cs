using System.Text.Json.Nodes;
using Headway.Handlers.Prompt.Tools;

namespace Headway.Tests.Handlers.Prompt.Tools;

/// <summary>What a model writes as a call of a tool, which may be anything.</summary>
public sealed class AskedCallTests
{
    private static readonly BoxedTool Tool = new("drugs", "find");

    [Theory]
    [InlineData("""{"name":"\ud83d"}""")]
    [InlineData("""{"\ud83d":1}""")]
    [InlineData("""{"a":[{"b":"\ude00"}]}""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""[1]""")]
    [InlineData("""{"a":""")]
    public void Arguments_that_are_no_JSON_object_of_text_are_told_to_be_none(string arguments)
    {
        var call = Of(arguments);

        call.Arguments.ShouldBeNull();
        call.Wire["function"]!["arguments"]!.GetValue<string>().ShouldBe("{}");
    }

    [Theory]
    [InlineData("""{"a":1,"b":[2,{"c":"\ud83d\ude00"}]}""", """{ "b": [2, {"c": "😀"}], "a": 1 }""")]
    public void The_same_arguments_are_the_same_call(string one, string other)
    {
        Of(one).Digest(Tool).ShouldBe(Of(other).Digest(Tool));
        Of(one).Elements().Keys.ShouldBe(["a", "b"]);
    }

    private static AskedCall Of(string arguments) =>
        AskedCall.Of(new JsonObject { ["id"] = "1", ["function"] = new JsonObject { ["name"] = "find", ["arguments"] = arguments } }, []);
}
