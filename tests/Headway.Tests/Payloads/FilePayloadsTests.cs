using System.Security.Cryptography;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Storage;
using Headway.Tests.Storage;

namespace Headway.Tests.Payloads;

public sealed class FilePayloadsTests : IAsyncLifetime
{
    private const int Chunk = StoredFile.ChunkLength;
    private static readonly DateTimeOffset Noon = DateTimeOffset.UnixEpoch.AddYears(56).AddHours(12);
    private readonly VaultDirectory _directory = new();
    private Vault _vault = null!;
    private DataKey _key = null!;
    private FilePayloads _files = null!;

    public async ValueTask InitializeAsync()
    {
        _vault = await _directory.OpenVaultAsync();
        _key = await _vault.KeyAsync("default", "patient/7", CancellationToken.None);
        _files = new FilePayloads(_directory.Database, _vault);
    }

    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    [Theory]
    [InlineData(10)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData((3 * Chunk) + 12_345)]
    public async Task A_file_is_given_back_as_it_came(int length)
    {
        var job = JobId.New(Noon);

        var file = await StoreAsync(job, length);

        file.Length.ShouldBe(length);
        file.MediaType.ShouldBe("application/pdf");
        var read = await ReadAsync(job, file);
        read.ShouldBe(Expected(length));
        file.Sha256.ShouldBe(SHA256.HashData(read));
        _files.List("default", job).ShouldHaveSingleItem().ShouldBeEquivalentTo(file);
    }

    [Fact]
    public async Task Several_files_of_a_job_are_kept_apart_with_what_the_caller_called_them()
    {
        var job = JobId.New(Noon);
        await StoreAsync(job, 1_000, number: 1);
        await StoreAsync(job, 2_000, number: 2);

        var files = _files.List("default", job);

        files.Select(file => (file.Number, file.Name, file.FileName, file.Length)).ShouldBe([(1, "scan", "scan 1.pdf", 1_000), (2, "scan", "scan 2.pdf", 2_000)]);
        (await ReadAsync(job, files[1])).ShouldBe(Expected(2_000));
    }

    [Theory]
    [InlineData(100, 101)]
    [InlineData(Chunk, Chunk + 1)]
    [InlineData(2 * Chunk, 50 * Chunk)]
    public async Task A_file_beyond_the_cap_is_refused_and_nothing_of_it_kept(long most, long length)
    {
        var job = JobId.New(Noon);
        var content = new GeneratedFile(length);

        var outcome = await _files.StoreAsync(Upload(job, most: most), content, CancellationToken.None);

        outcome.ShouldBeOfType<UploadOutcome.Refused>().Refusal.Code.ShouldBe("input-too-large");
        content.Position.ShouldBeLessThanOrEqualTo(most + Chunk, "reading stops at the cap");
        Rows().ShouldBe(0);
    }

    [Fact]
    public async Task A_file_of_exactly_the_cap_is_taken() => (await StoreAsync(JobId.New(Noon), Chunk, most: Chunk)).Length.ShouldBe(Chunk);

    [Fact]
    public async Task An_empty_file_and_a_file_of_another_type_are_refused()
    {
        var job = JobId.New(Noon);

        var empty = await _files.StoreAsync(Upload(job), new GeneratedFile(0), CancellationToken.None);
        var lying = await _files.StoreAsync(Upload(job) with { MediaType = "image/png" }, new GeneratedFile(5_000), CancellationToken.None);

        empty.ShouldBeOfType<UploadOutcome.Refused>().Refusal.Code.ShouldBe("file-empty");
        lying.ShouldBeOfType<UploadOutcome.Refused>().Refusal.Code.ShouldBe("media-type-mismatch");
        Rows().ShouldBe(0);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        var broken = new GeneratedFile(10 * Chunk, breaksAt: 3 * Chunk);

        await Should.ThrowAsync<IOException>(() => _files.StoreAsync(Upload(JobId.New(Noon)), broken, CancellationToken.None));

        Rows().ShouldBe(0);
    }

    [Fact]
    public async Task A_second_upload_under_the_same_number_fails_and_spares_the_first()
    {
        var job = JobId.New(Noon);
        var first = await StoreAsync(job, 3 * Chunk);

        await Should.ThrowAsync<StorageException>(() => _files.StoreAsync(Upload(job), new GeneratedFile(100), CancellationToken.None));

        (await ReadAsync(job, first)).ShouldBe(Expected(3 * Chunk));
    }

    [Theory]
    [InlineData("DELETE FROM file_chunks WHERE chunk = 1")]
    [InlineData("DELETE FROM file_chunks WHERE chunk = 2")]
    [InlineData("UPDATE file_chunks SET chunk = CASE chunk WHEN 0 THEN -1 ELSE 0 END WHERE chunk < 2; UPDATE file_chunks SET chunk = 1 WHERE chunk = -1")]
    [InlineData("UPDATE file_chunks SET body = (SELECT body FROM file_chunks WHERE chunk = 0) WHERE chunk = 1")]
    [InlineData("UPDATE file_chunks SET body = substr(body, 1, length(body) - 1) WHERE chunk = 0")]
    [InlineData("UPDATE file_chunks SET body = body || substr(body, 1, 1) WHERE chunk = 0")]
    [InlineData("UPDATE file_chunks SET body = substr(body, 1, 0) WHERE chunk = 2")]
    public async Task Chunks_that_are_missing_moved_or_altered_end_the_reading(string damage)
    {
        var job = JobId.New(Noon);
        var file = await StoreAsync(job, (2 * Chunk) + 500);
        await RunAsync(damage);

        await Should.ThrowAsync<UnreadablePayloadException>(() => ReadAsync(job, file));
    }

    [Fact]
    public async Task A_file_that_was_shortened_to_fewer_chunks_does_not_pass_for_whole()
    {
        var job = JobId.New(Noon);
        var file = await StoreAsync(job, (2 * Chunk) + 500);
        await RunAsync("DELETE FROM file_chunks WHERE chunk = 2");

        // As if the description could be forged too: the chunk before was not sealed as the last one.
        await Should.ThrowAsync<UnreadablePayloadException>(() => ReadAsync(job, file with { Chunks = 2, Length = 2 * Chunk }));
    }

    [Fact]
    public async Task Chunks_and_descriptions_of_another_job_do_not_open()
    {
        var (mine, yours) = (JobId.New(Noon), JobId.New(Noon));
        var file = await StoreAsync(mine, 1_000);
        await StoreAsync(yours, 1_000);
        await RunAsync("UPDATE file_chunks SET body = (SELECT body FROM file_chunks ORDER BY id DESC LIMIT 1); UPDATE files SET description = (SELECT description FROM files ORDER BY job DESC LIMIT 1)");

        var (lower, _) = mine.CompareTo(yours) < 0 ? (mine, yours) : (yours, mine);
        Should.Throw<UnreadablePayloadException>(() => _files.List("default", lower));
        await Should.ThrowAsync<UnreadablePayloadException>(() => ReadAsync(mine, file));
    }

    [Fact]
    public async Task Deleting_the_files_of_a_job_spares_the_others()
    {
        var (gone, kept) = (JobId.New(Noon), JobId.New(Noon));
        await StoreAsync(gone, 1_000, number: 1);
        await StoreAsync(gone, 1_000, number: 2);
        var file = await StoreAsync(kept, 1_000);

        (await _files.DeleteAsync(gone)).ShouldBe(2);

        _files.List("default", gone).ShouldBeEmpty();
        (await ReadAsync(kept, file)).ShouldBe(Expected(1_000));
        Rows().ShouldBe(2);
    }

    [Fact]
    public async Task Files_without_a_job_are_pruned_after_an_hour_and_no_others()
    {
        var pruner = new OrphanPruner(_directory.Database);
        var (orphan, accepted, young) = (JobId.New(Noon), JobId.New(Noon), JobId.New(Noon.AddMinutes(30)));
        foreach (var job in new[] { orphan, accepted, young }) await StoreAsync(job, Chunk + 1);
        await AcceptAsync(accepted);

        (await pruner.RunOnceAsync(Noon.AddMinutes(59), CancellationToken.None)).ShouldBe(new PrunedOrphans(0, 0, false));
        (await pruner.RunOnceAsync(Noon.AddMinutes(61), CancellationToken.None)).ShouldBe(new PrunedOrphans(1, 1, false));
        Remaining().ShouldBe([accepted, young], ignoreOrder: true);
        (await pruner.RunOnceAsync(Noon.AddMinutes(91), CancellationToken.None)).ShouldBe(new PrunedOrphans(1, 1, false));
        Remaining().ShouldBe([accepted]);
    }

    [Fact]
    public async Task A_job_that_is_accepted_while_it_is_being_pruned_keeps_its_files()
    {
        var job = JobId.New(Noon);
        var file = await StoreAsync(job, 1_000);
        await AcceptAsync(job);

        // What the pruner does with an orphan it found a moment ago.
        (await new FileStore(_directory.Database).DeleteOrphansAsync(job)).ShouldBe(0);

        (await ReadAsync(job, file)).ShouldBe(Expected(1_000));
    }

    [Fact]
    public async Task An_upload_that_died_with_its_node_is_pruned_too()
    {
        await StoreAsync(JobId.New(Noon), 3 * Chunk);
        await RunAsync("UPDATE files SET description = NULL; DELETE FROM file_chunks WHERE chunk = 2");

        (await new OrphanPruner(_directory.Database).RunOnceAsync(Noon.AddHours(2), CancellationToken.None)).Files.ShouldBe(1);

        Rows().ShouldBe(0);
    }

    private static byte[] Expected(int length) => [.. Enumerable.Range(0, length).Select(position => GeneratedFile.At(position))];

    private FileUpload Upload(JobId job, int number = 1, long most = 1L << 30) => new()
    {
        Tenant = "default",
        Job = job,
        Key = _key,
        Number = number,
        Name = "scan",
        FileName = $"scan {number}.pdf",
        MediaType = "application/pdf",
        Most = most,
    };

    private async Task<StoredFile> StoreAsync(JobId job, int length, int number = 1, long most = 1L << 30) =>
        (await _files.StoreAsync(Upload(job, number, most), new GeneratedFile(length), CancellationToken.None)).ShouldBeOfType<UploadOutcome.Stored>().File;

    private async Task<byte[]> ReadAsync(JobId job, StoredFile file)
    {
        await using var stream = _files.OpenRead("default", job, file);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    private long Rows() => _directory.Database.Read(session =>
    {
        using var statement = session.Prepare("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM file_chunks)");
        statement.Step();
        return statement.Int64(0);
    });

    private List<JobId> Remaining() => _directory.Database.Read(session =>
    {
        var jobs = new List<JobId>();
        using var statement = session.Prepare("SELECT DISTINCT job FROM file_chunks");
        while (statement.Step()) jobs.Add(statement.JobId(0));
        return jobs;
    });

    private Task<int> AcceptAsync(JobId job) =>
        RunAsync($"INSERT INTO jobs (id, tenant, actor, definition, mode, state, priority, created) VALUES ({TestDatabase.Id(job)}, 'default', 'local', 1, 2, 0, 5, 0)");

    private Task<int> RunAsync(string text) => _directory.Database.WriteAsync(new Statements(text));
}

/// <summary>Raw SQL as a write of its own: how tests damage what is stored.</summary>
internal sealed class Statements(string text) : Write<int>
{
    protected override ValueTask<int> ApplyAsync(Session session) => session.RunAsync(text);
}
