using Headway.Access;
using Headway.Payloads.Files;
using Headway.Tests.Storage;

namespace Headway.Tests.Payloads;

public sealed class KeptFilesTests : IAsyncLifetime
{
    private const int Chunk = StoredFile.ChunkLength;
    private static readonly Caller Other = new("other", "local", null);
    private readonly ManualTime _time = new();
    private readonly KeptShelf _shelf;

    public KeptFilesTests() => _shelf = new KeptShelf(_time);

    public async ValueTask InitializeAsync() => await _shelf.OpenAsync();

    public ValueTask DisposeAsync() => _shelf.DisposeAsync();

    [Theory]
    [InlineData(10)]
    [InlineData(Chunk)]
    [InlineData((2 * Chunk) + 12_345)]
    public async Task A_file_is_found_and_read_as_it_came(int length)
    {
        var kept = await _shelf.KeepAsync(length: length, name: "answers.jsonl", purpose: FilePurpose.Batch);

        var found = _shelf.Files.Find("default", kept.Id).ShouldNotBeNull();

        (found.Name, found.Length, found.Purpose, found.Created, found.Expires).ShouldBe(("answers.jsonl", length, FilePurpose.Batch, _time.GetUtcNow(), null));
        (await _shelf.ReadAsync(found)).ShouldBe([.. Enumerable.Range(0, length).Select(position => GeneratedFile.At(position))]);
    }

    [Theory]
    [InlineData("application/jsonl", "application/jsonl")]
    [InlineData("image/png", "image/png")]
    [InlineData(null, "application/octet-stream")]
    public async Task Any_type_is_taken_as_it_is_declared(string? declared, string kept) =>
        (await _shelf.KeepAsync(mediaType: declared)).MediaType.ShouldBe(kept);

    [Fact]
    public async Task An_empty_file_is_refused() =>
        (await _shelf.Files.TakeAsync(Caller.Local, null, "a", null, new GeneratedFile(0), CancellationToken.None))
            .ShouldBeOfType<ArrivalOutcome.Refused>().Refusal.Code.ShouldBe("file-empty");

    [Fact]
    public async Task Pages_follow_each_other_in_both_orders_and_by_purpose()
    {
        var ids = new List<FileId>();
        foreach (var purpose in new[] { FilePurpose.Batch, FilePurpose.Vision, FilePurpose.Batch, FilePurpose.Batch })
        {
            ids.Add((await _shelf.KeepAsync(purpose: purpose)).Id);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        ShouldList(new KeptFilter(null, OldestFirst: true, null, 3), ids[..3], more: true);
        ShouldList(new KeptFilter(ids[2], OldestFirst: true, null, 3), ids[3..], more: false);
        ShouldList(new KeptFilter(null, OldestFirst: false, null, 2), [ids[3], ids[2]], more: true);
        ShouldList(new KeptFilter(ids[2], OldestFirst: false, null, 2), [ids[1], ids[0]], more: false);
        ShouldList(new KeptFilter(null, OldestFirst: true, FilePurpose.Batch, 3), [ids[0], ids[2], ids[3]], more: false);
        // Who deletes page by page goes on from there.
        (await _shelf.Files.DeleteAsync(Caller.Local, ids[2])).ShouldBe(KeptEnd.Gone);
        ShouldList(new KeptFilter(ids[2], OldestFirst: false, null, 2), [ids[1], ids[0]], more: false);
    }

    [Fact]
    public async Task Another_tenant_neither_sees_nor_deletes_it()
    {
        var mine = await _shelf.KeepAsync();
        var yours = await _shelf.KeepAsync(caller: Other);

        _shelf.Files.Find("other", mine.Id).ShouldBeNull();
        _shelf.Files.List("other", All).Files.ShouldHaveSingleItem().Id.ShouldBe(yours.Id);
        (await _shelf.Files.DeleteAsync(Other, mine.Id)).ShouldBe(KeptEnd.Unknown);
        (await _shelf.ReadAsync(_shelf.Files.Find("default", mine.Id)!)).Length.ShouldBe(1_000);
    }

    [Fact]
    public async Task A_deleted_file_is_gone_with_its_pieces()
    {
        var (gone, stays) = (await _shelf.KeepAsync(length: 3 * Chunk), await _shelf.KeepAsync());

        (await _shelf.Files.DeleteAsync(Caller.Local, gone.Id)).ShouldBe(KeptEnd.Gone);

        _shelf.Files.Find("default", gone.Id).ShouldBeNull();
        (await _shelf.Files.DeleteAsync(Caller.Local, gone.Id)).ShouldBe(KeptEnd.Unknown);
        _shelf.Files.List("default", All).Files.ShouldHaveSingleItem().Id.ShouldBe(stays.Id);
        _shelf.Rows().ShouldBe((1, 1, 1));
    }

    [Fact]
    public async Task A_deletion_that_died_with_its_node_is_ended_by_the_pruner()
    {
        var file = await _shelf.KeepAsync(length: 3 * Chunk);
        // What the first write of a deletion leaves, and a part of the pieces.
        await _shelf.ApplyAsync("UPDATE kept_files SET expires = 0; DELETE FROM file_chunks WHERE chunk = 1");
        _shelf.Files.Find("default", file.Id).ShouldBeNull();
        _shelf.Files.List("default", All).Files.ShouldBeEmpty();

        (await _shelf.Pruner.RunOnceAsync(_time.GetUtcNow(), CancellationToken.None)).ShouldBe(new PrunedKept(1, false));

        _shelf.Rows().ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task An_expired_file_is_gone_at_once_and_pruned_later()
    {
        var (short_, long_) = (await _shelf.KeepAsync(expires: TimeSpan.FromHours(1)), await _shelf.KeepAsync(expires: TimeSpan.FromHours(2)));
        short_.Expires.ShouldBe(_time.GetUtcNow().AddHours(1));
        var forever = await _shelf.KeepAsync();

        _time.Advance(TimeSpan.FromMinutes(59));
        (await _shelf.Pruner.RunOnceAsync(_time.GetUtcNow(), CancellationToken.None)).Files.ShouldBe(0);
        _shelf.Files.Find("default", short_.Id).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromMinutes(1));

        _shelf.Files.Find("default", short_.Id).ShouldBeNull();
        (await _shelf.Files.DeleteAsync(Caller.Local, short_.Id)).ShouldBe(KeptEnd.Unknown);
        _shelf.Files.List("default", All).Files.Select(file => file.Id).ShouldBe([long_.Id, forever.Id], ignoreOrder: true);
        (await _shelf.Pruner.RunOnceAsync(_time.GetUtcNow(), CancellationToken.None)).Files.ShouldBe(1);
        _shelf.Rows().ShouldBe((2, 2, 2));
    }

    [Fact]
    public async Task The_pruner_of_orphans_spares_what_is_kept()
    {
        var kept = await _shelf.KeepAsync();
        _time.Advance(TimeSpan.FromHours(2));

        (await _shelf.Orphans.RunOnceAsync(_time.GetUtcNow(), CancellationToken.None)).ShouldBe(new PrunedOrphans(0, 0, false));
        // What it does with an orphan that it found a moment before the file was kept.
        (await new FileStore(_shelf.Database).DeleteOrphansAsync(kept.Id.Place)).ShouldBe(0);

        (await _shelf.ReadAsync(kept)).Length.ShouldBe(1_000);
    }

    [Theory]
    [InlineData("SELECT 1")]
    [InlineData("UPDATE files SET description = NULL; DELETE FROM file_chunks WHERE chunk = 2")]
    public async Task An_upload_that_died_with_its_node_is_never_listed_and_pruned_after_an_hour(string left)
    {
        var arrived = await _shelf.TakeAsync(length: 3 * Chunk);
        await _shelf.ApplyAsync(left);

        _shelf.Files.List("default", All).Files.ShouldBeEmpty();
        _shelf.Files.Find("default", arrived.Id).ShouldBeNull();
        _time.Advance(TimeSpan.FromMinutes(61));
        (await _shelf.Orphans.RunOnceAsync(_time.GetUtcNow(), CancellationToken.None)).Files.ShouldBe(1);

        _shelf.Rows().ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task A_long_file_is_removed_in_several_writes()
    {
        var file = await _shelf.KeepAsync(length: ((FileStore.ChunksPerWrite + 6) * Chunk) + 1);

        (await _shelf.Files.DeleteAsync(Caller.Local, file.Id)).ShouldBe(KeptEnd.Gone);

        _shelf.Rows().ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task An_upload_that_does_not_end_is_broken_off_and_leaves_nothing()
    {
        var content = new StalledFile(Chunk + 10);
        var upload = _shelf.Files.TakeAsync(Caller.Local, null, "a.bin", null, content, CancellationToken.None);
        await content.Stalled;

        _time.Advance(KeptFiles.UploadWithin);

        (await upload).ShouldBeOfType<ArrivalOutcome.Refused>().Refusal.Code.ShouldBe("upload-too-slow");
        _shelf.Rows().ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task What_the_pruner_took_meanwhile_is_not_kept_without_its_pieces()
    {
        var arrived = await _shelf.TakeAsync();
        _time.Advance(TimeSpan.FromHours(2));
        await _shelf.Orphans.RunOnceAsync(_time.GetUtcNow(), CancellationToken.None);

        var outcome = await _shelf.Files.KeepAsync(Caller.Local, arrived, FilePurpose.Vision, null);

        outcome.ShouldBeOfType<KeepOutcome.Refused>().Refusal.Code.ShouldBe("upload-too-slow");
        _shelf.Rows().ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task A_damaged_row_does_not_take_the_list_with_it()
    {
        await _shelf.KeepAsync();
        await _shelf.ApplyAsync($"UPDATE files SET description = {TestDatabase.Bytes(new byte[100])}");
        var whole = await _shelf.KeepAsync();

        _shelf.Files.List("default", All).Files.ShouldHaveSingleItem().Id.ShouldBe(whole.Id);
    }

    [Fact]
    public async Task Uploads_readings_and_deletions_are_audited_under_the_id_of_the_file()
    {
        var file = await _shelf.KeepAsync(subject: "patient/7");
        await using (await _shelf.Files.ReadAsync(Caller.Local, file))
        {
            _shelf.Events(file.Id).ShouldBe(["submitted", "delivered"], "before the first byte");
        }

        await _shelf.Files.DeleteAsync(Caller.Local, file.Id);

        _shelf.Events(file.Id).ShouldBe(["submitted", "delivered", "erased"]);
        _shelf.Number("SELECT count(*) FROM audit_events WHERE length(subject) = 16 AND tenant = 'default' AND node = 'node'").ShouldBe(3);
    }

    private static KeptFilter All => new(null, OldestFirst: false, null, 100);

    private void ShouldList(KeptFilter filter, List<FileId> ids, bool more)
    {
        var page = _shelf.Files.List("default", filter);
        page.Files.Select(file => file.Id).ShouldBe(ids);
        (page.Last, page.More).ShouldBe((ids[^1], more));
    }
}
