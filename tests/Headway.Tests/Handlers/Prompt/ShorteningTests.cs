using System.Text.Json.Nodes;
using Headway.Handlers.Prompt;
using Headway.Models;

namespace Headway.Tests.Handlers.Prompt;

/// <summary>Turns are written as one letter each: s(ystem), u(ser), a(ssistant), c(all of a tool), t(ool), each with its place behind it.</summary>
public sealed class ShorteningTests
{
    [Theory]
    [InlineData("s u a u a u", 0, "s u a u a u")]
    [InlineData("s u a u a u", 1, "s u a u")]
    [InlineData("s u a u a u", 100, "s u")]
    [InlineData("u s a u", 100, "s u")]
    [InlineData("u c t t a u", 1, "u")]
    [InlineData("u u u", 1, "u u")]
    [InlineData("a u a u", 1, "u a u")]
    [InlineData("u a u c t c t", 1, "u c t c t")]
    [InlineData("u a u c t c t t", 100, "u c t t")]
    [InlineData("u c t", 100, "u c t")]
    [InlineData("u", 100, "u")]
    [InlineData("s", 100, "s")]
    [InlineData("c t c t", 100, "c t")]
    [InlineData("", 100, "")]
    public void The_oldest_exchanges_go_first_and_none_is_left_in_pieces(string turns, int excess, string left)
    {
        var chat = Chat(turns);
        var whole = Prices.InputTokens(chat);

        Shortening.Of(chat)!.FitInto(whole - excess);

        Kinds(chat).ShouldBe(left);
        var places = chat["messages"]!.AsArray().Select(turn => turn!["n"]!.GetValue<int>()).ToList();
        places.ShouldBe(places.Order());
        if (turns.EndsWith('u')) places.ShouldContain(turns.Split(' ').Length - 1, "what the user says last");
    }

    [Fact]
    public void What_is_left_fits_if_anything_may_be_left_out_for_it()
    {
        foreach (var excess in Enumerable.Range(1, 60))
        {
            var chat = Chat("s u a u c t a u a u a u");
            var most = Prices.InputTokens(chat) - excess;

            Shortening.Of(chat)!.FitInto(most);

            Prices.InputTokens(chat).ShouldBeLessThanOrEqualTo(most);
        }
    }

    [Fact]
    public void Each_refusal_takes_the_older_half_and_the_last_takes_all()
    {
        var chat = Chat("s u a u a u a u a u");
        var shortening = Shortening.Of(chat)!;

        shortening.Halve(all: false).ShouldBeTrue();
        Kinds(chat).ShouldBe("s u a u a u");
        shortening.Halve(all: false).ShouldBeTrue();
        Kinds(chat).ShouldBe("s u a u");
        shortening.Halve(all: false).ShouldBeTrue();
        Kinds(chat).ShouldBe("s u");
        shortening.Halve(all: false).ShouldBeFalse();

        var long2 = Chat("s u a u a u a u a u");
        Shortening.Of(long2)!.Halve(all: true).ShouldBeTrue();
        Kinds(long2).ShouldBe("s u");
    }

    [Fact]
    public void What_is_no_conversation_is_not_shortened() => Shortening.Of(new JsonObject { ["input"] = "?" }).ShouldBeNull();

    private static JsonObject Chat(string turns) => new()
    {
        ["model"] = "m",
        ["messages"] = new JsonArray([.. turns.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((kind, i) => (JsonNode)new JsonObject
        {
            ["role"] = kind switch { "s" => "system", "u" => "user", "t" => "tool", _ => "assistant" },
            ["content"] = "Some text that has a length.",
            ["kind"] = kind,
            ["n"] = i,
        })]),
    };

    private static string Kinds(JsonObject chat) => string.Join(' ', chat["messages"]!.AsArray().Select(turn => turn!["kind"]!.GetValue<string>()));
}
