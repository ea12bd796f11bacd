using System.Text;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Prompt;
using Headway.Tests.Models;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Handlers.Prompt;

/// <summary>What a prompt sends to a real server, and what becomes of what comes back.</summary>
public sealed class PromptRequestTests
{
    private const string Schema = """{"type":"object","additionalProperties":false,"required":["urgency","score"],"properties":{"urgency":{"enum":["routine","urgent"]},"score":{"type":"integer"}}}""";

    private readonly Attempts _attempts = new();

    [Fact]
    public async Task System_and_user_are_sent_with_the_shape_that_is_wanted()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-json")));

        var outcome = await RunAsync(upstream, "<system>Triage.</system><user>{{complaint}}</user>", Schema, """{"complaint":"chest pain"}""", maxTokens: 200);

        outcome.Text().ShouldBe("""{"urgency":"urgent","score":7}""");
        var body = JsonNode.Parse(upstream.Calls.ShouldHaveSingleItem().Body)!;
        body["messages"]!.ToJsonString().ShouldBe("""[{"role":"system","content":"Triage."},{"role":"user","content":"chest pain"}]""");
        body["max_tokens"]!.GetValue<int>().ShouldBe(200);
        var shape = body["response_format"]!["json_schema"]!;
        shape["strict"]!.GetValue<bool>().ShouldBeTrue();
        shape["name"]!.GetValue<string>().ShouldBe("sample");
        JsonNode.DeepEquals(shape["schema"], JsonNode.Parse(Schema)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""")]
    [InlineData("""{"type":"object"}""")]
    public async Task An_open_shape_is_not_asked_for_strictly(string schema)
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-json")));

        await RunAsync(upstream, "x", schema, "{}");

        JsonNode.Parse(upstream.Calls[0].Body)!["response_format"]!["json_schema"]!["strict"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task A_value_in_a_markdown_fence_is_taken_out_of_it()
    {
        var answer = Scripts.Fixture("openai/whole").Replace("The patient takes metformin 500 mg twice daily – well tolerated.", "```json\\n{\\\"urgency\\\":\\\"urgent\\\",\\\"score\\\":1}\\n```", StringComparison.Ordinal);
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(200, "application/json", answer));

        (await RunAsync(upstream, "x", Schema, "{}")).Text().ShouldBe("""{"urgency":"urgent","score":1}""");
    }

    [Fact]
    public async Task A_value_cut_by_the_limit_of_tokens_is_no_result()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-length")));

        var failure = (await RunAsync(upstream, "x", null, "{}", maxTokens: 5)).Failure();

        failure.Code.ShouldBe("model-answer-truncated");
        failure.Retryable.ShouldBeFalse();
        failure.Message.ShouldContain("5 tokens");
    }

    [Fact]
    public async Task Files_go_along_as_parts_of_the_turn()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        InputFile[] files =
        [
            File("scan", "scan.png", "image/png", "PNG"),
            File("voice", null, "audio/wav", "RIFF"),
            File("letter", "letter.pdf", "application/pdf", "%PDF"),
            File("note", "note.txt", "text/plain; charset=utf-8", "Dolor"),
        ];

        await RunAsync(upstream, "Read these", null, "{}", files: files);

        JsonNode.Parse(upstream.Calls.ShouldHaveSingleItem().Body)!["messages"]![0]!["content"]!.ToJsonString().ShouldBe(
            "[" + """{"type":"text","text":"Read these"},""" +
            """{"type":"image_url","image_url":{"url":"data:image/png;base64,UE5H"}},""" +
            """{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},""" +
            """{"type":"file","file":{"filename":"letter.pdf","file_data":"data:application/pdf;base64,JVBERg=="}},""" +
            """{"type":"text","text":"Dolor"}""" + "]");
    }

    [Fact]
    public async Task The_body_of_a_chat_completion_passes_through_an_exposed_model()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-tools")));
        var version = Attempts.Version(new ModelHandlerDefinition("fast"));
        using var catalog = Catalogs.Of(new ManualTime(Attempts.Start), Asking.Define("fast", upstream.BaseUrl));

        var outcome = await PromptHandlers.For(version, catalog, Catalogs.NoTools).RunAsync(_attempts.Make(version, """{"model":"fast","messages":[{"role":"user","content":"?"}],"tools":[{"type":"function","function":{"name":"find_drug"}}],"logit_bias":{"1":2}}"""), CancellationToken.None);

        var sent = JsonNode.Parse(upstream.Calls.ShouldHaveSingleItem().Body)!;
        sent["logit_bias"]!["1"]!.GetValue<int>().ShouldBe(2);
        sent["model"]!.GetValue<string>().ShouldBe("gpt-5-mini");
        JsonNode.Parse(outcome.Text())!["tool_calls"]![0]!["function"]!["name"]!.GetValue<string>().ShouldBe("find_drug");
    }

    private async Task<Outcome> RunAsync(ModelUpstream upstream, string template, string? schema, string input, int? maxTokens = null, InputFile[]? files = null)
    {
        var version = Attempts.Version(new PromptDefinition
        {
            TemplateFile = "prompts/sample.hbs",
            Template = template,
            Models = ["fast"],
            OutputSchema = schema,
            MaxTokens = maxTokens,
        });
        using var catalog = Catalogs.Of(new ManualTime(Attempts.Start), Asking.Define("fast", upstream.BaseUrl));
        return await PromptHandlers.For(version, catalog, Catalogs.NoTools).RunAsync(_attempts.Make(version, input, files), CancellationToken.None);
    }

    private static InputFile File(string name, string? fileName, string mediaType, string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        return new InputFile(name, fileName, mediaType, bytes.Length, [], _ => ValueTask.FromResult<Stream>(new MemoryStream(bytes)));
    }
}
