using System.ClientModel;
using System.ClientModel.Primitives;
using Headway.Upstream;
using OpenAI.Responses;

#pragma warning disable OPENAI001 // What it says of its own future is no matter here.

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>OpenAI's own library for .NET finds nothing amiss in responses.</summary>
public sealed class DotnetSdkTests
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    [Theory]
    [InlineData("fast")]
    [InlineData("note")]
    public async Task It_creates_retrieves_and_deletes(string model)
    {
        await using var node = await OpenAiHost.StartAsync(model == "fast" ? Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")) : Scripts.Events(Scripts.Fixture("openai/stream")));
        var client = Client(node);

        ResponseResult answer = await client.CreateResponseAsync(new CreateResponseOptions(model, [ResponseItem.CreateUserMessageItem("?")]) { Instructions = model == "fast" ? "Be brief." : null, Metadata = { ["ward"] = "3" } });
        ResponseResult again = await client.GetResponseAsync(answer.Id);
        var items = await client.GetResponseInputItemsAsync(answer.Id).ToListAsync();
        ResponseDeletionResult deleted = await client.DeleteResponseAsync(answer.Id);

        answer.GetOutputText().ShouldBe(Text);
        answer.Status.ShouldBe(ResponseStatus.Completed);
        answer.Usage.TotalTokenCount.ShouldBeGreaterThan(0);
        answer.Metadata["ward"].ShouldBe("3");
        again.GetOutputText().ShouldBe(Text);
        items.ShouldHaveSingleItem().ShouldBeAssignableTo<MessageResponseItem>()!.Content[0].Text.ShouldBe("?");
        deleted.Deleted.ShouldBeTrue();
        (await Should.ThrowAsync<ClientResultException>(async () => await client.GetResponseAsync(answer.Id))).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("note")]
    [InlineData("talk")]
    [InlineData("later")]
    public async Task It_streams_whatever_answers(string model)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        var updates = await UpdatesAsync(Client(node).CreateResponseStreamingAsync(Streaming(model)));

        string.Concat(updates.OfType<StreamingResponseOutputTextDeltaUpdate>().Select(update => update.Delta)).ShouldBe(Text);
        updates.Select(update => update.SequenceNumber).ShouldBe(Enumerable.Range(0, updates.Count));
        updates[^1].ShouldBeOfType<StreamingResponseCompletedUpdate>().Response.GetOutputText().ShouldBe(Text);
    }

    [Fact]
    public async Task It_gets_calls_of_tools_and_gives_their_outputs()
    {
        await using var node = await OpenAiHost.StartAsync(
            Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole-tools")), Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var client = Client(node);
        var tool = ResponseTool.CreateFunctionTool("find_drug", BinaryData.FromString("""{"type":"object","properties":{"name":{"type":"string"}}}"""), strictModeEnabled: false);

        ResponseResult asked = await client.CreateResponseAsync(new CreateResponseOptions("fast", [ResponseItem.CreateUserMessageItem("?")]) { Tools = { tool } });
        var calls = asked.OutputItems.OfType<FunctionCallResponseItem>().ToList();
        ResponseResult answer = await client.CreateResponseAsync(new CreateResponseOptions("fast", calls.Select(call => ResponseItem.CreateFunctionCallOutputItem(call.CallId, "500 mg"))) { PreviousResponseId = asked.Id, Tools = { tool } });

        calls[0].FunctionName.ShouldBe("find_drug");
        answer.GetOutputText().ShouldBe(Text);
        answer.PreviousResponseId.ShouldBe(asked.Id);
    }

    [Fact]
    public async Task It_streams_calls_of_tools()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-tools")));

        var updates = await UpdatesAsync(Client(node).CreateResponseStreamingAsync(Streaming("fast")));

        string.Concat(updates.OfType<StreamingResponseFunctionCallArgumentsDeltaUpdate>().Where(update => update.OutputIndex == 0).Select(update => update.Delta)).ShouldBe("""{"name":"metformin"}""");
        updates.OfType<StreamingResponseOutputItemDoneUpdate>().Select(update => ((FunctionCallResponseItem)update.Item).FunctionName).ShouldBe(["find_drug", "find_dose"]);
    }

    [Fact]
    public async Task It_has_a_conversation_that_is_too_long_shortened()
    {
        await using var node = await OpenAiHost.StartAsync("", ", contextTokens: 300", Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        ResponseResult answer = await Client(node).CreateResponseAsync(new CreateResponseOptions("fast",
            [ResponseItem.CreateUserMessageItem(new string('o', 1_000)), ResponseItem.CreateAssistantMessageItem("yes"), ResponseItem.CreateUserMessageItem("?")])
        { TruncationMode = ResponseTruncationMode.Auto });

        answer.TruncationMode.ShouldBe(ResponseTruncationMode.Auto);
        node.Upstream.Calls.Single().Body.ShouldNotContain("ooo");
    }

    [Fact]
    public async Task It_reads_thoughts()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("anthropic/whole-thinking")));

        ResponseResult answer = await Client(node).CreateResponseAsync(new CreateResponseOptions("claude", [ResponseItem.CreateUserMessageItem("?")])
        {
            IncludedProperties = { IncludedResponseProperty.ReasoningEncryptedContent },
            ReasoningOptions = new ResponseReasoningOptions { ReasoningEffortLevel = ResponseReasoningEffortLevel.Low },
        });

        answer.OutputItems[0].ShouldBeOfType<ReasoningResponseItem>().EncryptedContent.ShouldNotBeEmpty();
        answer.GetOutputText().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task It_comes_back_for_one_of_the_background()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        var client = Client(node);
        var updates = await UpdatesAsync(client.CreateResponseStreamingAsync(Streaming("fast", background: true)));
        var id = updates.OfType<StreamingResponseCreatedUpdate>().Single().Response.Id;

        var rest = await UpdatesAsync(client.GetResponseStreamingAsync(new GetResponseOptions(id) { StartingAfter = 4, StreamingEnabled = true }));
        ResponseResult whole = await client.GetResponseAsync(id);

        updates[1].ShouldBeOfType<StreamingResponseQueuedUpdate>();
        rest.Select(update => update.SequenceNumber).ShouldBe(updates.Skip(5).Select(update => update.SequenceNumber));
        whole.BackgroundModeEnabled.ShouldBe(true);
        whole.GetOutputText().ShouldBe(Text);
    }

    [Fact]
    public async Task It_cancels_one_of_the_background()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await OpenAiHost.StartAsync(Scripts.StallAfter("", go.Task));
        var client = Client(node);
        ResponseResult asked = await client.CreateResponseAsync(new CreateResponseOptions("fast", [ResponseItem.CreateUserMessageItem("?")]) { BackgroundModeEnabled = true });

        ResponseResult cancelled = await client.CancelResponseAsync(asked.Id);

        asked.Status.ShouldBe(ResponseStatus.Queued);
        cancelled.Status.ShouldBe(ResponseStatus.Cancelled);
        go.SetResult();
    }

    [Fact]
    public async Task It_reads_a_stream_that_breaks_as_failed()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream").Before("metformin")));

        var updates = await UpdatesAsync(Client(node).CreateResponseStreamingAsync(Streaming("fast")));

        updates[^1].ShouldBeOfType<StreamingResponseFailedUpdate>().Response.Error.Message.ShouldNotBeEmpty();
    }

    private static async Task<List<StreamingResponseUpdate>> UpdatesAsync(Task<AsyncStreamingResult<StreamingResponseUpdate>> asked) => await (await asked).ToListAsync();

    private static CreateResponseOptions Streaming(string model, bool background = false) =>
        new(model, [ResponseItem.CreateUserMessageItem("?")]) { StreamingEnabled = true, BackgroundModeEnabled = background ? true : null };

    private static ResponsesClient Client(OpenAiHost node) => new(new ApiKeyCredential("none"), new ResponsesClientOptions
    {
        Endpoint = new Uri(node.Http.BaseAddress!, "/v1"),
        RetryPolicy = new ClientRetryPolicy(0),
    });
}
