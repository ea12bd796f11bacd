using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>What a response was asked is given back.</summary>
public sealed class InputItemsTests
{
    [Fact]
    public async Task Input_is_given_back_in_pages()
    {
        await using var node = await StartAsync();
        var id = ResponsesWire.IdOf(await node.CreateAsync(
            """{"model":"fast","input":[{"role":"user","content":"One."},{"id":"msg_mine","role":"assistant","content":"Two."},{"role":"user","content":[{"type":"input_text","text":"Three."}]}]}"""));

        var newest = await node.GetAsync($"/v1/responses/{id}/input_items?limit=2");
        var oldest = await node.GetAsync($"/v1/responses/{id}/input_items?order=asc&limit=2");
        var rest = await node.GetAsync($"/v1/responses/{id}/input_items?order=asc&after={oldest["last_id"].Text()}");

        newest["object"].Text().ShouldBe("list");
        newest["has_more"]!.GetValue<bool>().ShouldBeTrue();
        newest["data"]!.AsArray().Select(item => item!["content"]![0]!["text"].Text()).ShouldBe(["Three.", "Two."]);
        oldest["data"]!.AsArray().Select(item => item!["content"]![0]!["text"].Text()).ShouldBe(["One.", "Two."]);
        oldest["last_id"].Text().ShouldBe("msg_mine");
        rest["data"]!.AsArray().ShouldHaveSingleItem()!["content"]![0]!["text"].Text().ShouldBe("Three.");
        rest["has_more"]!.GetValue<bool>().ShouldBeFalse();
        using var wrong = await node.Http.GetAsync($"/v1/responses/{id}/input_items?after=msg_other");
        (await wrong.ErrorOfAsync())["param"].Text().ShouldBe("after");
    }

    [Theory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task Pages_come_to_an_end_whatever_ids_the_items_had(string order)
    {
        await using var node = await StartAsync();
        var items = string.Join(',', Enumerable.Range(0, 7).Select(at => $$"""{"id":"{{(at % 2 == 0 ? "msg_same" : "msg_other")}}","role":"user","content":"{{at}}"}"""));
        var id = ResponsesWire.IdOf(await node.CreateAsync($$"""{"model":"fast","input":[{{items}}]}"""));

        var (seen, ids, after) = (new List<string>(), new HashSet<string>(), "");
        for (var page = 0; page < 4; page++)
        {
            var list = await node.GetAsync($"/v1/responses/{id}/input_items?limit=2&order={order}{after}");
            foreach (var item in list["data"]!.AsArray())
            {
                seen.Add(item!["content"]![0]!["text"].Text());
                ids.Add(item["id"].Text()).ShouldBeTrue();
            }

            list["has_more"]!.GetValue<bool>().ShouldBe(page < 3);
            after = $"&after={list["last_id"].Text()}";
        }

        seen.ShouldBe(order == "asc" ? ["0", "1", "2", "3", "4", "5", "6"] : ["6", "5", "4", "3", "2", "1", "0"]);
    }

    [Fact]
    public async Task Giving_its_input_back_is_a_delivery()
    {
        await using var node = await StartAsync();
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"kept","input":"?"}"""));

        await node.GetAsync($"/v1/responses/{id}/input_items");

        (await node.ActionsOfAsync(id)).ShouldBe(["opened", "served", "delivered"]);
    }

    private static Task<OpenAiHost> StartAsync() => OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
}
