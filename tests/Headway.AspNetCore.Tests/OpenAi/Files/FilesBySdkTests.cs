using System.ClientModel;
using System.ClientModel.Primitives;
using Headway.Upstream;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Files;
using OpenAI.Responses;
using static Headway.AspNetCore.Tests.OpenAi.Files.FileForms;

#pragma warning disable OPENAI001 // What it says of its own future is no matter here.

namespace Headway.AspNetCore.Tests.OpenAi.Files;

/// <summary>OpenAI's own library for .NET finds nothing amiss.</summary>
public sealed class FilesBySdkTests
{
    [Fact]
    public async Task It_uploads_lists_shows_downloads_and_deletes()
    {
        await using var node = await HeadwayHost.StartAsync(FileForms.Features);
        var files = Client(node);

        OpenAIFile batch = await files.UploadFileAsync(BinaryData.FromString(Lines), "lines.jsonl", FileUploadPurpose.Batch);
        OpenAIFile page = await files.UploadFileAsync(new MemoryStream("%PDF-1.7"u8.ToArray()), "Übersicht 1.pdf", FileUploadPurpose.Assistants);
        (batch.Filename, batch.SizeInBytes, batch.Purpose).ShouldBe(("lines.jsonl", Lines.Length, FilePurpose.Batch));
        (page.Filename, page.Purpose).ShouldBe(("Übersicht 1.pdf", FilePurpose.Assistants));

        OpenAIFileCollection all = await files.GetFilesAsync();
        OpenAIFileCollection batches = await files.GetFilesAsync(FilePurpose.Batch);
        OpenAIFile shown = await files.GetFileAsync(batch.Id);
        BinaryData content = await files.DownloadFileAsync(batch.Id);
        all.Select(file => file.Id).ShouldBe([page.Id, batch.Id], ignoreOrder: true);
        batches.ShouldHaveSingleItem().Id.ShouldBe(batch.Id);
        shown.CreatedAt.ShouldBe(batch.CreatedAt);
        content.ToString().ShouldBe(Lines);

        FileDeletionResult deleted = await files.DeleteFileAsync(batch.Id);
        (deleted.Deleted, deleted.FileId).ShouldBe((true, batch.Id));
        var raised = await Should.ThrowAsync<ClientResultException>(() => files.GetFileAsync(batch.Id));
        raised.Status.ShouldBe(404);
        raised.Message.ShouldContain("file-unknown");
    }

    [Fact]
    public async Task It_names_a_file_in_a_response_and_in_a_chat()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var library = Library(node.Host);
        OpenAIFile paper = await library.GetOpenAIFileClient().UploadFileAsync(new MemoryStream("%PDF-1.7"u8.ToArray()), "a.pdf", FileUploadPurpose.UserData);
        OpenAIFile picture = await library.GetOpenAIFileClient().UploadFileAsync(new MemoryStream([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), "a.png", FileUploadPurpose.Vision);

        ResponseResult answer = await library.GetResponsesClient().CreateResponseAsync(new CreateResponseOptions("fast",
            [ResponseItem.CreateUserMessageItem([ResponseContentPart.CreateInputFilePart(paper.Id), ResponseContentPart.CreateInputImagePart(picture.Id, ResponseImageDetailLevel.Low)])]));
        ChatCompletion chat = await library.GetChatClient("fast").CompleteChatAsync(new UserChatMessage(ChatMessageContentPart.CreateFilePart(paper.Id)));

        answer.GetOutputText().ShouldNotBeEmpty();
        chat.Content[0].Text.ShouldNotBeEmpty();
        node.Upstream.Calls.ShouldAllBe(call => call.Body.Contains("\"file_data\":\"data:application/pdf;base64,JVBERi0xLjc=\""));
        node.Upstream.Calls[0].Body.ShouldContain("\"url\":\"data:image/png;base64,iVBORw0KGgo=\",\"detail\":\"low\"");
    }

    private static OpenAIFileClient Client(HeadwayHost node) => Library(node).GetOpenAIFileClient();

    private static OpenAIClient Library(HeadwayHost node) => new(new ApiKeyCredential("none"), new OpenAIClientOptions
    {
        Endpoint = new Uri(node.Http.BaseAddress!, "/v1"),
        RetryPolicy = new ClientRetryPolicy(0),
    });
}
