using System.Text;
using System.Text.Json;
using Headway.Models;
using Headway.Models.Providers.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

public sealed class RepeatedChunkTests
{
    private static readonly ModelRequest ByWire = Asking.Request() with { KeepsWire = true };

    [Theory]
    [InlineData("""{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"@"},"finish_reason":null}]}""")]
    [InlineData("""{"id":"c","choices":[{"delta":{"role":"assistant","content":"@","refusal":null},"index":0,"logprobs":null}],"usage":null}""")]
    [InlineData(""" { "choices" : [ { "index" : 0 , "delta" : { "content" : "@" } } ] } """)]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"@"}}],"service_tier":"default","obfuscation":"$"}""")]
    public void A_chunk_that_differs_in_its_text_alone_is_known_again(string form)
    {
        var last = new RepeatedChunk();
        last.Learn(Bytes(form, "The", "p4dd1ng"));

        foreach (var text in new[] { "x", " patient takes", "a \"quoted\" word", "line\nbreak \\ and \\\" both", "ä – 漢字 🩺", "\u0001\t" })
        {
            last.TryRead(Bytes(form, text, "Ab9"), out var read).ShouldBeTrue(text);
            read.ShouldBe(text);
        }
    }

    [Theory]
    [InlineData("""{"choices":[{"index":1,"delta":{"content":"@"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"@"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"@","reasoning":"hm"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"@","tool_calls":[]}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"@"},"logprobs":{"content":[{"token":"a"}]}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"@"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"@"}},{"index":1,"delta":{"content":"b"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"@"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"@"}}],"citations":["a"]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"@"}}],"error":"late"}""")]
    [InlineData("""{"choices":[{"index":0,"message":{"content":"@"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"reasoning_content":"@"}}]}""")]
    public void What_adds_more_than_its_text_is_always_read_whole(string form)
    {
        var last = new RepeatedChunk();
        last.Learn(Bytes(form, "The"));

        last.TryRead(Bytes(form, "The"), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"id":"d","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}""")]
    [InlineData("""{"id":"c","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"id":"c","choices":[{"index":0,"delta":{"content":"x","role":"user"},"finish_reason":null}]}""")]
    [InlineData("""{"id":"c","choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]}""")]
    [InlineData("""{"id":"c","choices":[{"index":0,"delta":{"content":"\ud83d"},"finish_reason":null}]}""")]
    [InlineData("""{"id":"c","choices":[{"index":0,"delta":{"content":"\q"},"finish_reason":null}]}""")]
    [InlineData("{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\tb\"},\"finish_reason\":null}]}")]
    [InlineData("""{"id":"c","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]} """)]
    [InlineData("""{"id":"c","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]""")]
    [InlineData("""{"id":"c","choices":[{"index":0,"delta":{"content":"x\"},"finish_reason":null}]}""")]
    public void What_is_not_the_same_or_not_sound_is_read_whole(string chunk)
    {
        var last = new RepeatedChunk();
        last.Learn("""{"id":"c","choices":[{"index":0,"delta":{"content":"The"},"finish_reason":null}]}"""u8);

        last.TryRead(Encoding.UTF8.GetBytes(chunk), out _).ShouldBeFalse();
    }

    [Fact]
    public async Task An_answer_is_the_same_however_its_chunks_are_read() => await StoriesAsync(async random =>
    {
        var chunks = Enumerable.Range(0, 12).Select(_ => Chunk(random)).ToList();
        var end = """{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
        // Spaces mean nothing in JSON: with one more of them each time, no chunk is like the one before.
        var different = chunks.Select((chunk, n) => chunk + new string(' ', n)).ToList();

        var (repeated, read) = (await AnswerAsync([.. chunks, end]), await AnswerAsync([.. different, end]));

        repeated.Text.ShouldBe(read.Text);
        Encoding.UTF8.GetString(repeated.Wire.Span).ShouldBe(Encoding.UTF8.GetString(read.Wire.Span));
    });

    private static async Task StoriesAsync(Func<Random, Task> story)
    {
        for (var seed = 0; seed < 30; seed++) await story(new Random(seed));
    }

    private static string Chunk(Random random)
    {
        var said = JsonSerializer.Serialize(new string[] { "a", "b c", "\n", "\"", "é", "" }[random.Next(6)]);
        return random.Next(8) switch
        {
            0 => $$"""{"id":"c","choices":[{"index":0,"delta":{"content":{{said}},"reasoning":"r"},"finish_reason":null}]}""",
            1 => $$"""{"id":"c","choices":[{"index":1,"delta":{"content":{{said}}},"finish_reason":null}]}""",
            2 => $$"""{"id":"c","tier":{{random.Next(2)}},"choices":[{"index":0,"delta":{"content":{{said}}},"finish_reason":null}]}""",
            3 => $$"""{"id":"c","choices":[{"index":0,"delta":{"content":{{said}}},"logprobs":{"content":[{"token":"t"}]},"finish_reason":null}]}""",
            _ => $$"""{"id":"c","choices":[{"index":0,"delta":{"content":{{said}}},"finish_reason":null}]}""",
        };
    }

    private static async Task<ModelAnswer> AnswerAsync(IEnumerable<string> chunks)
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(string.Concat(chunks.Select(chunk => $"data: {chunk}\n\n")) + "data: [DONE]\n\n"));
        return await asking.AnswerAsync(ByWire);
    }

    private static byte[] Bytes(string form, string text, string padding = "") =>
        Encoding.UTF8.GetBytes(form.Replace("\"@\"", JsonSerializer.Serialize(text), StringComparison.Ordinal).Replace("$", padding, StringComparison.Ordinal));
}
