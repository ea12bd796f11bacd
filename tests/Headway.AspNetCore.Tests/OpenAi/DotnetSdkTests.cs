using System.ClientModel;
using System.ClientModel.Primitives;
using Headway.Upstream;
using OpenAI;
using OpenAI.Chat;

namespace Headway.AspNetCore.Tests.OpenAi;

/// <summary>OpenAI's own library for .NET finds nothing amiss.</summary>
public sealed class DotnetSdkTests
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    private const string Call = """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"find_drug","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""";

    [Fact]
    public async Task It_completes_a_chat()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        ChatCompletion answer = await Chat(node, "fast").CompleteChatAsync("?");

        answer.Content[0].Text.ShouldBe(Text);
        answer.Usage.TotalTokenCount.ShouldBe(45);
        answer.FinishReason.ShouldBe(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task It_streams_a_chat_of_a_model_and_of_a_feature()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        foreach (var name in new[] { "fast", "note", "talk" })
        {
            var (text, tokens) = ("", 0);
            await foreach (var update in Chat(node, name).CompleteChatStreamingAsync("?"))
            {
                text += string.Concat(update.ContentUpdate.Select(part => part.Text));
                tokens += update.Usage?.TotalTokenCount ?? 0;
            }

            text.ShouldBe(Text, name);
            tokens.ShouldBeGreaterThan(0, name);
        }
    }

    [Fact]
    public async Task It_gets_calls_of_tools()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Call));

        ChatCompletion answer = await Chat(node, "fast").CompleteChatAsync([new UserChatMessage("?")], new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("find_drug") } });

        answer.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        answer.ToolCalls[0].FunctionName.ShouldBe("find_drug");
    }

    [Fact]
    public async Task It_makes_embeddings_and_lists_models()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/embeddings-base64")));

        var vectors = await Client(node).GetEmbeddingClient("vectors").GenerateEmbeddingsAsync(["heart"]);
        var models = await Client(node).GetOpenAIModelClient().GetModelsAsync();

        vectors.Value[0].ToFloats().Length.ShouldBeGreaterThan(0);
        models.Value.Select(model => model.Id).ShouldContain("note");
    }

    [Fact]
    public async Task It_raises_what_is_wrong_and_does_not_ask_again_for_nothing()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(400, "application/json", Scripts.Fixture("openai/error-context-length")));

        var raised = await Should.ThrowAsync<ClientResultException>(async () => await Chat(node, "fast").CompleteChatAsync("?"));

        raised.Status.ShouldBe(400);
        raised.Message.ShouldContain("context_length_exceeded");
        node.Upstream.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task It_raises_a_stream_that_breaks()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream").Before("metformin")));

        await Should.ThrowAsync<Exception>(async () =>
        {
            await foreach (var _ in Chat(node, "fast").CompleteChatStreamingAsync("?"))
            {
            }
        });
    }

    private static OpenAIClient Client(OpenAiHost node) => new(new ApiKeyCredential("none"), new OpenAIClientOptions
    {
        Endpoint = new Uri(node.Http.BaseAddress!, "/v1"),
        RetryPolicy = new ClientRetryPolicy(2),
    });

    private static ChatClient Chat(OpenAiHost node, string model) => Client(node).GetChatClient(model);
}
