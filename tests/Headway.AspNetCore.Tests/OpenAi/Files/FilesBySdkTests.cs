using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI;
using OpenAI.Files;
using static Headway.AspNetCore.Tests.OpenAi.Files.FileForms;

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

    private static OpenAIFileClient Client(HeadwayHost node) => new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions
    {
        Endpoint = new Uri(node.Http.BaseAddress!, "/v1"),
        RetryPolicy = new ClientRetryPolicy(0),
    }).GetOpenAIFileClient();
}
