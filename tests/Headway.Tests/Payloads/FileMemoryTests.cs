using Headway.Payloads.Files;
using Headway.Tests.Storage;

namespace Headway.Tests.Payloads;

/// <summary>Alone, because it counts what the whole process allocates.</summary>
[Collection(Alone.Name)]
public sealed class FileMemoryTests
{
    [Fact]
    public async Task A_large_file_is_taken_and_read_in_the_memory_of_a_small_one()
    {
        const long Length = 64 << 20;
        await using var directory = new VaultDirectory();
        var vault = await directory.OpenVaultAsync();
        var files = new FilePayloads(directory.Database, vault);
        var upload = new FileUpload { Tenant = "default", Job = JobId.New(DateTimeOffset.UnixEpoch), Key = await vault.KeyAsync("default", null, CancellationToken.None), Number = 1, Name = "file", Most = Length };
        var before = GC.GetTotalAllocatedBytes();

        var file = (await files.StoreAsync(upload, new GeneratedFile(Length), CancellationToken.None)).ShouldBeOfType<UploadOutcome.Stored>().File;
        await using (var stream = files.OpenRead("default", upload.Job, file)) await stream.CopyToAsync(Stream.Null);

        // Not what is held at once but all that was ever allocated: an eighth of the file leaves no room for a copy of it.
        // From and to a server each piece is handed over as an array of its own, once each way.
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(TestDatabase.IsPostgres ? Length * 5 / 2 : Length / 8);
        file.Length.ShouldBe(Length);
    }
}
