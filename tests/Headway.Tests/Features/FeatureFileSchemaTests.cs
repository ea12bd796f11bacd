using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Features.Shapes;
using Headway.Features.Yaml;
using NJsonSchema;

namespace Headway.Tests.Features;

public sealed class FeatureFileSchemaTests
{
    private static readonly JsonObject Schema = JsonNode.Parse(FeatureFileSchema.Generate())!.AsObject();

    [Fact]
    public async Task The_example_of_the_documentation_satisfies_the_schema()
    {
        var schema = await ValidatorAsync();

        schema.Validate(JsonOf(Repository.PathOf("docs/examples/headway.yaml"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{ "featurs": {} }""")]
    [InlineData("""{ "models": { "m": {} } }""")]
    [InlineData("""{ "models": { "m": { "provider": "opanai" } } }""")]
    [InlineData("""{ "features": { "a": { "contract": { "mode": "asink" } } } }""")]
    [InlineData("""{ "features": { "a": { "timeout": "3 seconds" } } }""")]
    [InlineData("""{ "features": { "a": { "timeout": "50d" } } }""")]
    [InlineData("""{ "features": { "a": { "timeout": "8w" } } }""")]
    [InlineData("""{ "features": { "a": { "timeout": "1y" } } }""")]
    [InlineData("""{ "models": { "m": { "provider": "openai", "timeouts": { "total": "100000m" } } } }""")]
    [InlineData("""{ "features": { "a": { "pool": { "concurrency": 0 } } } }""")]
    [InlineData("""{ "features": { "a": { "handler": { "promt": "x" } } } }""")]
    [InlineData("""{ "features": { "a": { "handler": "cod" } } }""")]
    [InlineData("""{ "features": { "a": { "handler": { "steps": [] } } } }""")]
    [InlineData("""{ "features": { "a": { "handler": { "steps": [ { "x": { "signl": "go" } } ] } } } }""")]
    [InlineData("""{ "features": { "a": { "handler": { "steps": [ { "x": { "parallel": { "a": [ { "b": { "delay": "soon" } } ] } } } ] } } } }""")]
    [InlineData("""{ "features": [] }""")]
    public async Task A_mistake_does_not_satisfy_it(string file)
    {
        var schema = await ValidatorAsync();

        schema.Validate(file).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_longest_timer_satisfies_it_in_every_unit()
    {
        var schema = await ValidatorAsync();

        foreach (var longest in new[] { "4233600000ms", "4233600s", "70560m", "1176h", "49d", "7w", "0.134y", "0s" })
        {
            schema.Validate($$"""{ "features": { "a": { "contract": { "mode": "hybrid", "wait": "{{longest}}" } } } }""").ShouldBeEmpty(longest);
        }
        Schema["$defs"]!["contract"]!["properties"]!["wait"]!["description"]!.GetValue<string>().ShouldEndWith("At most 7w (49 days).");
    }

    [Fact]
    public void Every_key_of_the_tables_is_in_it_with_its_meaning()
    {
        var definitions = Schema["$defs"]!.AsObject();
        var seen = new HashSet<string>();
        Visit(FeatureFileShape.Root, Schema);
        seen.Count.ShouldBe(definitions.Count);

        void Visit(Shape shape, JsonObject schema)
        {
            if (schema["$ref"] is { } reference)
            {
                var name = reference.GetValue<string>()["#/$defs/".Length..];
                if (!seen.Add(name))
                    return;
                schema = definitions[name]!.AsObject();
            }

            switch (shape)
            {
                case Keys keys:
                    schema["properties"]!.AsObject().Select(property => property.Key).ShouldBe(keys.All.Select(key => key.Name));
                    schema["additionalProperties"]!.GetValue<bool>().ShouldBeFalse();
                    foreach (var key in keys.All)
                    {
                        var property = schema["properties"]![key.Name]!.AsObject();
                        property["description"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
                        Visit(key.Shape, property);
                    }

                    break;
                case Named named:
                    Visit(named.Value, schema["additionalProperties"]!.AsObject());
                    break;
                case Listed listed:
                    Visit(listed.Item, schema["items"]!.AsObject());
                    break;
                case Later later:
                    Visit(later.Shape, schema);
                    break;
                case OneOrMore either:
                    Visit(either.More, schema["anyOf"]![1]!.AsObject());
                    break;
                case OneOrList either:
                    Visit(either.One, schema["anyOf"]![0]!.AsObject());
                    Visit(either.More, schema["anyOf"]![1]!.AsObject());
                    break;
                case Variants variants:
                    var alternatives = schema["anyOf"]!.AsArray();
                    foreach (var (mapping, alternative) in variants.Mappings.Zip(alternatives.Skip(variants.Scalar is null ? 0 : 1)))
                        Visit(mapping, alternative!.AsObject());
                    break;
            }
        }
    }

    [Fact]
    public void It_is_the_same_every_time() => FeatureFileSchema.Generate().ShouldBe(FeatureFileSchema.Generate());

    // The validator we have knows definitions by their older name only.
    private static Task<JsonSchema> ValidatorAsync() => JsonSchema.FromJsonAsync(FeatureFileSchema.Generate().Replace("$defs", "definitions", StringComparison.Ordinal));

    // YAML as an editor sees it: variables are left as they are written.
    private static string JsonOf(string path)
    {
        var findings = new List<Finding>();
        var tree = new NodeReader(path, new Variables(_ => "x", findings), findings).Read(File.ReadAllText(path)).ShouldNotBeNull();
        return Json(tree)!.ToJsonString();
    }

    private static JsonNode? Json(Node node) => node.Kind switch
    {
        NodeKind.Map => new JsonObject(node.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, Json(entry.Value)))),
        NodeKind.List => new JsonArray([.. node.Items.Select(Json)]),
        _ when node.IsPlain && !node.IsSubstituted && IsJson(node.Raw) => JsonNode.Parse(node.Raw),
        _ => JsonValue.Create(node.Raw),
    };

    private static bool IsJson(string text)
    {
        try
        {
            return JsonNode.Parse(text)?.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
