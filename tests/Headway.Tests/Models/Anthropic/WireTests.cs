using System.Text.Json.Nodes;
using Headway.Models;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.Anthropic;

/// <summary>What a caller who speaks the OpenAI API gets of an answer of Claude.</summary>
public sealed class WireTests
{
    [Fact]
    public async Task A_stream_becomes_chunks_of_the_other_API()
    {
        var chunks = await ChunksAsync("stream");

        chunks.ShouldAllBe(chunk => chunk["object"]!.GetValue<string>() == "chat.completion.chunk" && chunk["id"]!.GetValue<string>() == "msg_01XFDUDYJgAACzvnptvVoYEL" && chunk["model"]!.GetValue<string>() == "claude-sonnet-5");
        chunks[0]["created"]!.GetValue<long>().ShouldBe(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds());
        Delta(chunks[0]).ShouldBe("""{"role":"assistant","content":""}""");
        Delta(chunks[1]).ShouldBe("""{"content":"The"}""");
        Delta(chunks[^2]).ShouldBe("{}");
        chunks[^2]["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("stop");
        chunks[^1]["choices"]!.AsArray().ShouldBeEmpty();
        chunks[^1]["usage"]!.ToJsonString().ShouldBe("""{"prompt_tokens":31,"completion_tokens":14,"total_tokens":45,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}""");
        chunks[..^2].ShouldAllBe(chunk => chunk["choices"]![0]!["finish_reason"] == null);
    }

    [Fact]
    public async Task Calls_of_tools_come_in_pieces_with_their_place()
    {
        var calls = (await ChunksAsync("stream-tools")).Select(chunk => chunk["choices"]!.AsArray().FirstOrDefault()?["delta"]?["tool_calls"]?[0]).OfType<JsonNode>().ToArray();

        calls[0].ToJsonString().ShouldBe("""{"index":0,"id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","type":"function","function":{"name":"find_drug","arguments":""}}""");
        string.Concat(calls.Where(call => call["index"]!.GetValue<int>() == 0).Select(call => call["function"]!["arguments"])).ShouldBe("""{"name": "metformin"}""");
        string.Concat(calls.Where(call => call["index"]!.GetValue<int>() == 1).Select(call => call["function"]!["arguments"])).ShouldBe("{}");
    }

    [Fact]
    public async Task Thoughts_can_be_read_and_given_back_with_their_signature()
    {
        var chunks = await ChunksAsync("stream-thinking");

        Delta(chunks[1]).ShouldBe("""{"reasoning_content":"She asks for her drug."}""");
        var blocks = chunks.Select(chunk => chunk["choices"]!.AsArray().FirstOrDefault()?["delta"]?["thinking_blocks"]?[0]).OfType<JsonNode>().ToArray();
        blocks[0]["thinking"]!.GetValue<string>().ShouldBe("She asks for her drug. The record says metformin.");
        blocks[0]["signature"]!.GetValue<string>().ShouldStartWith("EqQBCgIYAhIM");
        blocks[1]["type"]!.GetValue<string>().ShouldBe("redacted_thinking");
        chunks[^1]["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!.GetValue<int>().ShouldBe(26);

        var turn = JsonNode.Parse((await AnswerAsync("stream-thinking")).Wire.Span)!["choices"]![0]!["message"]!;
        var sent = await AskingClaude.SentAsync(AskingClaude.Request(messages: $$"""[{"role":"user","content":"?"},{{turn.ToJsonString()}},{"role":"user","content":"Why?"}]"""));
        sent["messages"]![1]!["content"]!.AsArray().Select(block => block!["type"]!.GetValue<string>()).ShouldBe(["thinking", "redacted_thinking", "text"]);
        JsonNode.DeepEquals(sent["messages"]![1]!["content"]![0], blocks[0]).ShouldBeTrue();
    }

    [Theory]
    [InlineData("stream-tools", true)]
    [InlineData("whole-tools", false)]
    public async Task The_whole_answer_is_a_chat_completion(string fixture, bool stream)
    {
        var whole = JsonNode.Parse((await AnswerAsync(fixture, stream)).Wire.Span)!;

        whole["object"]!.GetValue<string>().ShouldBe("chat.completion");
        var choice = whole["choices"]!.AsArray().ShouldHaveSingleItem()!;
        choice["finish_reason"]!.GetValue<string>().ShouldBe("tool_calls");
        choice["message"]!["content"]!.GetValue<string>().ShouldBe("I'll look that up.");
        choice["message"]!["tool_calls"]![0]!["function"]!["name"]!.GetValue<string>().ShouldBe("find_drug");
        whole["usage"]!["total_tokens"]!.GetValue<int>().ShouldBe(88 + 27);
    }

    [Fact]
    public async Task A_server_that_does_not_stream_gives_chunks_all_the_same()
    {
        await using var asking = await AskingClaude.WholeAsync("whole-tools");
        var chunks = await ChunksAsync(asking);

        Delta(chunks[0]).ShouldBe("""{"role":"assistant","content":""}""");
        chunks[^2]["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("tool_calls");
    }

    [Fact]
    public async Task Nothing_is_shown_before_the_model_has_begun()
    {
        await using var asking = await AskingClaude.StartAsync(Scripts.Events(AskingClaude.Fixture("stream").Before("\"The\"")));
        using var catalog = Catalogs.Of(asking.Time, asking.Model);
        var shown = 0;

        await catalog.ProviderOf(asking.Model)!.AskAsync(asking.Model, AskingClaude.Request(keepsWire: true), (_, _) =>
        {
            shown++;
            return ValueTask.CompletedTask;
        }, CancellationToken.None);

        shown.ShouldBe(0);
    }

    private static string Delta(JsonNode chunk) => chunk["choices"]![0]!["delta"]!.ToJsonString();

    private static async Task<ModelAnswer> AnswerAsync(string fixture, bool stream = true)
    {
        await using var asking = stream ? await AskingClaude.StreamAsync(fixture) : await AskingClaude.WholeAsync(fixture);
        return await asking.AnswerAsync(AskingClaude.Request(stream: stream, keepsWire: true));
    }

    private static async Task<List<JsonNode>> ChunksAsync(string fixture)
    {
        await using var asking = await AskingClaude.StreamAsync(fixture);
        return await ChunksAsync(asking);
    }

    private static async Task<List<JsonNode>> ChunksAsync(Asking asking)
    {
        var chunks = new List<JsonNode>();
        using var catalog = Catalogs.Of(asking.Time, asking.Model);
        var reply = await catalog.ProviderOf(asking.Model)!.AskAsync(asking.Model, AskingClaude.Request(keepsWire: true), (piece, _) =>
        {
            chunks.Add(JsonNode.Parse(piece.Chunk.Span)!);
            return ValueTask.CompletedTask;
        }, CancellationToken.None);
        reply.ShouldBeOfType<ModelReply.Answered>(reply.ToString());
        return chunks;
    }
}
