using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Prompt;
using Headway.Tests.Models;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Handlers.Prompt;

/// <summary>Models under their own names, those that make embeddings above all.</summary>
public sealed class ExposedModelTests
{
    private UsageMeter _spent = new();
    private readonly Attempts _attempts = new();

    [Theory]
    [InlineData("""{"model":"fast","input":["heart","lung"],"user":"u"}""", """{"model":"gpt-5-mini","input":["heart","lung"],"user":"u"}""")]
    [InlineData("\"heart\"", """{"model":"gpt-5-mini","input":"heart"}""")]
    [InlineData("""{"note":"heart"}""", """{"model":"gpt-5-mini","input":"{\"note\":\"heart\"}"}""")]
    [InlineData("""["heart"]""", """{"model":"gpt-5-mini","input":"[\"heart\"]"}""")]
    public async Task An_embeddings_request_goes_through_and_any_other_JSON_is_one_text(string input, string sent)
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/embeddings")));

        var outcome = await RunAsync(upstream, ModelKind.Embedding, input);

        JsonNode.DeepEquals(JsonNode.Parse(upstream.Calls.ShouldHaveSingleItem().Body), JsonNode.Parse(sent)).ShouldBeTrue(upstream.Calls[0].Body);
        var result = outcome.ShouldBeOfType<Outcome.Done>().Result;
        JsonNode.DeepEquals(JsonNode.Parse(outcome.Text()), JsonNode.Parse(Scripts.Fixture("openai/embeddings"))).ShouldBeTrue();
        result.MediaType.ShouldBe("application/json");
        result.Model.ShouldBe("fast");
        _spent.Total.InputTokens.ShouldBe(8);
        _attempts.Output.Deltas.ShouldBeEmpty();
        _attempts.Disclosures.Opened.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(ModelKind.Embedding, """{"messages":[{"role":"user","content":"?"}]}""", "cannot chat")]
    [InlineData(ModelKind.Chat, """{"model":"fast","input":"heart"}""", "makes no embeddings")]
    [InlineData(ModelKind.Chat, """{"input":"heart","encoding_format":"base64"}""", "makes no embeddings")]
    internal async Task A_call_for_the_other_kind_is_refused_and_discloses_nothing(ModelKind kind, string input, string says)
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Silence());

        var failure = (await RunAsync(upstream, kind, input)).Failure();

        failure.Code.ShouldBe("model-kind");
        failure.Retryable.ShouldBeFalse();
        failure.Message.ShouldContain(says);
        upstream.Calls.ShouldBeEmpty();
        _attempts.Disclosures.Opened.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_that_chats_may_be_sent_a_value_called_input()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        await RunAsync(upstream, ModelKind.Chat, """{"input":"heart"}""");

        JsonNode.Parse(upstream.Calls.ShouldHaveSingleItem().Body)!["messages"]![0]!["content"]!.GetValue<string>().ShouldBe("""{"input":"heart"}""");
    }

    [Fact]
    public async Task A_whole_answer_is_asked_for_unless_the_caller_asks_for_pieces()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")), Scripts.Events(Scripts.Fixture("openai/stream")));

        var whole = await RunAsync(upstream, ModelKind.Chat, """{"messages":[{"role":"user","content":"?"}]}""");
        var pieces = await RunAsync(upstream, ModelKind.Chat, """{"messages":[{"role":"user","content":"?"}],"stream":true}""");

        JsonNode.Parse(upstream.Calls[0].Body)!.AsObject().ContainsKey("stream").ShouldBeFalse();
        JsonNode.Parse(upstream.Calls[1].Body)!["stream"]!.GetValue<bool>().ShouldBeTrue();
        whole.Text().ShouldNotBeEmpty();
        pieces.Text().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_embedding_is_made_of_text_and_not_of_files()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Silence());
        var file = new InputFile("scan", null, "image/png", 3, [], _ => ValueTask.FromResult<Stream>(new MemoryStream("PNG"u8.ToArray())));

        (await RunAsync(upstream, ModelKind.Embedding, "{}", file)).Failure().Message.ShouldContain("takes no files");

        upstream.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_headers_of_a_model_tell_of_the_attempt()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        await RunAsync(upstream, ModelKind.Chat, "\"heart\"");

        upstream.Calls.ShouldHaveSingleItem().Headers["X-For"].ShouldBe($"default sample@1 {_attempts.Job} fast");
    }

    private async Task<Outcome> RunAsync(ModelUpstream upstream, ModelKind kind, string input, params InputFile[] files)
    {
        var version = Attempts.Version(new ModelHandlerDefinition("fast"));
        var headers = new Dictionary<string, string> { ["X-For"] = "{{tenant}} {{feature}} {{job}} {{model}}" };
        var attempt = _attempts.Make(version, input, files);
        _spent = attempt.Spent;
        using var catalog = Catalogs.Of(new ManualTime(Attempts.Start), Asking.Define("fast", upstream.BaseUrl) with { Kind = kind, Headers = headers });
        return await PromptHandlers.For(version, catalog, Catalogs.NoTools).RunAsync(attempt, CancellationToken.None);
    }
}
