using Headway.Access;
using Headway.Payloads.Files;

namespace Headway.Tests.Payloads;

public sealed class KeptRoomTests : IAsyncLifetime
{
    private static readonly Caller Other = new("other", "local", null);
    private readonly KeptShelf _shelf = new(new ManualTime(), new KeptRoom(3, 5_000));

    public async ValueTask InitializeAsync() => await _shelf.OpenAsync();

    public ValueTask DisposeAsync() => _shelf.DisposeAsync();

    [Fact]
    public async Task A_repeat_under_its_key_needs_no_room()
    {
        async Task<KeptFile> SendAsync()
        {
            var arrived = await _shelf.Files.TakeAsync(Caller.Local, null, "a", null, new GeneratedFile(4_000), CancellationToken.None, "key");
            return (await _shelf.Files.KeepAsync(Caller.Local, arrived.ShouldBeOfType<ArrivalOutcome.Arrived>().File, FilePurpose.Vision, null, "key")).ShouldBeOfType<KeepOutcome.Kept>().File;
        }

        var first = await SendAsync();
        await _shelf.KeepAsync(length: 1_000);

        (await RefusedAsync(1)).ShouldBe("file-room-full");
        (await SendAsync()).Id.ShouldBe(first.Id);
    }

    [Fact]
    public async Task A_tenant_keeps_so_many_files_and_what_it_deletes_makes_room()
    {
        var first = await _shelf.KeepAsync();
        await _shelf.KeepAsync();
        await _shelf.KeepAsync();

        (await RefusedAsync(10)).ShouldBe("file-room-full");
        await _shelf.KeepAsync(caller: Other);
        await _shelf.Files.DeleteAsync(Caller.Local, first.Id);
        await _shelf.KeepAsync();

        _shelf.Rows().Kept.ShouldBe(4);
    }

    [Fact]
    public async Task And_so_many_bytes()
    {
        await _shelf.KeepAsync(length: 4_000);

        (await RefusedAsync(1_001)).ShouldBe("file-room-full");
        await _shelf.KeepAsync(length: 1_000);

        _shelf.Rows().ShouldBe((2, 2, 2));
    }

    [Fact]
    public async Task Of_two_that_came_at_once_only_one_is_kept_where_there_is_room_for_one()
    {
        var (one, two) = (await _shelf.TakeAsync(length: 3_000), await _shelf.TakeAsync(length: 3_000));

        (await _shelf.Files.KeepAsync(Caller.Local, one, FilePurpose.Vision, null)).ShouldBeOfType<KeepOutcome.Kept>();
        (await _shelf.Files.KeepAsync(Caller.Local, two, FilePurpose.Vision, null)).ShouldBeOfType<KeepOutcome.Refused>().Refusal.Code.ShouldBe("file-room-full");

        _shelf.Rows().ShouldBe((1, 1, 1));
    }

    private async Task<string> RefusedAsync(int length) =>
        (await _shelf.Files.TakeAsync(Caller.Local, null, "a", null, new GeneratedFile(length), CancellationToken.None)).ShouldBeOfType<ArrivalOutcome.Refused>().Refusal.Code;
}
