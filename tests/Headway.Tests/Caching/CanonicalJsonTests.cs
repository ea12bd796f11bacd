using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Caching;

namespace Headway.Tests.Caching;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Order_of_members_white_space_and_escapes_change_nothing() => Property.Check(chance =>
    {
        var value = Make(chance, 0);
        var other = Shuffled(chance, value);

        Of(Spelt(other, indented: true)).ShouldBe(Of(Spelt(value, indented: false)));
        Of(Of(value!.ToJsonString())).ShouldBe(Of(value.ToJsonString()));
    });

    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("\"a\"", "\"A\"")]
    [InlineData("\"\u00e9\"", "\"e\u0301\"")]
    [InlineData("{\"a\":null}", "{}")]
    [InlineData("{\"a\":\"1\"}", "{\"a\":1}")]
    [InlineData("{\"a\":1,\"a\":2}", "{\"a\":2,\"a\":1}")]
    public void What_may_mean_something_else_stays_apart(string one, string other) => Of(one).ShouldNotBe(Of(other));

    [Fact]
    public void Half_of_a_surrogate_pair_is_not_compared() => CanonicalJson.Of("\"\\ud800\""u8.ToArray()).ShouldBeNull();

    private static string Of(string json) => Encoding.UTF8.GetString(CanonicalJson.Of(Encoding.UTF8.GetBytes(json))!.Value.Span);

    // One writer escapes what is not ASCII and the other does not.
    private static string Spelt(JsonNode? value, bool indented) => value!.ToJsonString(new JsonSerializerOptions
    {
        WriteIndented = indented,
        Encoder = indented ? System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping : System.Text.Encodings.Web.JavaScriptEncoder.Default,
    });

    private static JsonNode? Make(Random chance, int depth) => chance.Next(depth > 3 ? 2 : 4) switch
    {
        0 => chance.Next(1_000),
        1 => $"é\n\"{chance.Next(10)} 🩺",
        2 => new JsonArray([.. Enumerable.Range(0, chance.Next(4)).Select(_ => Make(chance, depth + 1))]),
        _ => new JsonObject(Enumerable.Range(0, chance.Next(5)).Select(n => KeyValuePair.Create($"k{n}é", Make(chance, depth + 1)))),
    };

    private static JsonNode? Shuffled(Random chance, JsonNode? value) => value switch
    {
        JsonObject members => new JsonObject(members.OrderBy(_ => chance.Next()).Select(member => KeyValuePair.Create(member.Key, Shuffled(chance, member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(item => Shuffled(chance, item))]),
        _ => value?.DeepClone(),
    };
}
