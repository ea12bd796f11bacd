using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Handlers.Prompt;
using Headway.Tests.Handlers;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;
using Microsoft.Extensions.AI;

namespace Headway.Tests.Models;

public sealed class ChatClientTests
{
    private const string Answer = "The patient takes metformin 500 mg twice daily – well tolerated.";

    private readonly Attempts _attempts = new();

    [Fact]
    public async Task Code_gets_an_answer_and_the_attempt_pays_for_it()
    {
        await using var asked = await StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        var response = await asked.Client.GetResponseAsync([new(ChatRole.System, "Be brief."), new(ChatRole.User, "What does she take?")], new ChatOptions { Temperature = 0.5f, MaxOutputTokens = 77 });

        response.Text.ShouldBe(Answer);
        response.ModelId.ShouldBe("fast");
        response.FinishReason.ShouldBe(ChatFinishReason.Stop);
        response.Usage!.OutputTokenCount.ShouldBe(14);
        asked.Attempt.Spent.Total.InputTokens.ShouldBe(31);
        _attempts.Disclosures.Opened.ShouldHaveSingleItem().Recipient.ShouldBe("fast");
        var body = JsonNode.Parse(asked.Upstream.Calls.ShouldHaveSingleItem().Body)!;
        body["messages"]!.ToJsonString().ShouldBe("""[{"role":"system","content":"Be brief."},{"role":"user","content":"What does she take?"}]""");
        body["temperature"]!.GetValue<double>().ShouldBe(0.5);
        body["max_tokens"]!.GetValue<int>().ShouldBe(77);
    }

    [Fact]
    public async Task Code_reads_a_stream_piece_by_piece_and_its_cost_at_the_end()
    {
        await using var asked = await StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        var updates = await asked.Client.GetStreamingResponseAsync("What does she take?").ToListAsync();

        updates.Count.ShouldBe(13);
        string.Concat(updates.Select(update => update.Text)).ShouldBe(Answer);
        updates[^1].Contents.OfType<UsageContent>().ShouldHaveSingleItem().Details.InputTokenCount.ShouldBe(31);
    }

    [Fact]
    public async Task A_failure_keeps_its_code_and_a_cut_stream_never_ends_well()
    {
        await using var asked = await StartAsync(Scripts.Events(Scripts.Fixture("openai/stream").Before("twice")));
        var seen = "";

        var failure = await Should.ThrowAsync<ModelFailedException>(async () =>
        {
            await foreach (var update in asked.Client.GetStreamingResponseAsync("?"))
                seen += update.Text;
        });

        seen.ShouldBe("The patient takes metformin 500 mg");
        failure.Code.ShouldBe("model-answer-cut");
        failure.Retryable.ShouldBeTrue();
        asked.Attempt.Spent.Total.OutputTokens.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Code_that_stops_reading_stops_the_model()
    {
        await using var asked = await StartAsync(Scripts.StallAfter(Scripts.Fixture("openai/stream").Before("twice"), new TaskCompletionSource().Task));

        await foreach (var update in asked.Client.GetStreamingResponseAsync("?"))
        {
            update.Text.ShouldBe("The");
            break;
        }

        await asked.Upstream.Calls[0].Left;
    }

    [Fact]
    public async Task Tools_make_the_round_trip()
    {
        await using var asked = await StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-tools")), Scripts.Events(Scripts.Fixture("openai/stream")));
        var tool = AIFunctionFactory.Create([Description("Finds a drug")] (string name) => "known", "find_drug");
        var turns = new List<ChatMessage> { new(ChatRole.User, "Is metformin known?") };

        var first = await asked.Client.GetResponseAsync(turns, new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.RequireAny });
        var calls = first.Messages.Single().Contents.OfType<FunctionCallContent>().ToArray();
        turns.AddRange(first.Messages);
        turns.Add(new(ChatRole.Tool, [new FunctionResultContent(calls[0].CallId, "known"), new FunctionResultContent(calls[1].CallId, 500)]));
        var second = await asked.Client.GetResponseAsync(turns);

        first.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        calls[0].Name.ShouldBe("find_drug");
        calls[0].Arguments!["name"]!.ToString().ShouldBe("metformin");
        second.Text.ShouldBe(Answer);
        var asking = JsonNode.Parse(asked.Upstream.Calls[0].Body)!;
        asking["tools"]![0]!["function"]!["name"]!.GetValue<string>().ShouldBe("find_drug");
        asking["tool_choice"]!.GetValue<string>().ShouldBe("required");
        var sent = JsonNode.Parse(asked.Upstream.Calls[1].Body)!["messages"]!;
        sent[1]!["tool_calls"]![0]!["id"]!.GetValue<string>().ShouldBe("call_9XbLtq0Qm3rYzK");
        sent[2]!.ToJsonString().ShouldBe("""{"role":"tool","tool_call_id":"call_9XbLtq0Qm3rYzK","content":"known"}""");
        sent[3]!["content"]!.GetValue<string>().ShouldBe("500");
    }

    [Fact]
    public async Task An_answer_of_the_wrong_shape_fails()
    {
        await using var asked = await StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        var format = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{"type":"object"}""").RootElement, "shape");

        var failure = await Should.ThrowAsync<ModelFailedException>(asked.Client.GetResponseAsync("?", new ChatOptions { ResponseFormat = format }));

        failure.Code.ShouldBe("output-invalid");
    }

    [Theory]
    [InlineData("whole", true)]
    [InlineData("streamed", true)]
    [InlineData("kept as JSON", true)]
    [InlineData("another provider", false)]
    public async Task What_a_model_thought_goes_back_to_it_with_its_signature_and_to_nobody_else(string how, bool goesBack)
    {
        await using var asked = await StartAsync(DataClass.Internal, "anthropic", Scripts.Events(Scripts.Fixture("anthropic/stream-thinking")), Scripts.Events(Scripts.Fixture("anthropic/stream")));
        await using var other = await StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")), Scripts.Events(Scripts.Fixture("openai/stream")));

        var response = how == "streamed" ? await asked.Client.GetStreamingResponseAsync("What does she take?").ToChatResponseAsync() : await asked.Client.GetResponseAsync("What does she take?");
        var turn = response.Messages.ShouldHaveSingleItem();
        if (how == "kept as JSON") turn = JsonSerializer.Deserialize<ChatMessage>(JsonSerializer.Serialize(turn, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;
        var second = how == "another provider" ? other : asked;
        await second.Client.GetResponseAsync([new(ChatRole.User, "What does she take?"), turn, new(ChatRole.User, "Since when?")]);

        response.Text.ShouldBe(Answer);
        turn.Contents.OfType<TextReasoningContent>().Select(thought => thought.Text).ShouldBe(["She asks for her drug. The record says metformin.", ""]);
        turn.Contents.OfType<TextReasoningContent>().ShouldAllBe(thought => thought.ProtectedData!.StartsWith('E'));
        var sent = JsonNode.Parse(second.Upstream.Calls[^1].Body)!["messages"]![1]!;
        if (goesBack) sent["content"]!.AsArray().Select(block => block!["type"]!.GetValue<string>()).ShouldBe(["thinking", "redacted_thinking", "text"]);
        else sent.ToJsonString().ShouldNotContain("think");
        if (goesBack) sent["content"]![0]!["signature"]!.GetValue<string>().ShouldStartWith("EqQBCgIY");
    }

    [Fact]
    public async Task The_data_rule_holds_for_code_too()
    {
        await using var asked = await StartAsync(DataClass.Phi, "openai", Scripts.Events(Scripts.Fixture("openai/stream")));

        (await Should.ThrowAsync<ModelFailedException>(asked.Client.GetResponseAsync("?"))).Code.ShouldBe("data-not-allowed");

        asked.Upstream.Calls.ShouldBeEmpty();
    }

    private Task<Asked> StartAsync(params Script[] scripts) => StartAsync(DataClass.Internal, "openai", scripts);

    private async Task<Asked> StartAsync(DataClass data, string provider, params Script[] scripts)
    {
        var upstream = await ModelUpstream.StartAsync(scripts);
        var catalog = Catalogs.Of(new ManualTime(Attempts.Start), Asking.Define("fast", upstream.BaseUrl) with { Provider = provider });
        var attempt = _attempts.Make(Attempts.Version(new CodeDefinition(), data: data));
        return new Asked(upstream, catalog, attempt, PromptHandlers.ClientFor("fast", attempt, catalog));
    }

    private sealed record Asked(ModelUpstream Upstream, Headway.Models.ModelCatalog Catalog, Headway.Handlers.Attempt Attempt, IChatClient Client) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Catalog.Dispose();
            await Upstream.DisposeAsync();
        }
    }
}
