using System.Runtime.Versioning;
using System.Text;
using Headway.Payloads;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Payloads;

/// <summary>Another master key is put in force.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RekeyTests : IAsyncLifetime
{
    private static readonly JobId Job = JobId.New(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly VaultDirectory _directory = new();
    private readonly (string Old, string New) _keys = (VaultDirectory.NewKey(), VaultDirectory.NewKey());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    [Fact]
    public async Task What_was_sealed_before_is_read_under_the_next_key_and_not_under_the_former()
    {
        var sealedBefore = await SealAsync(await _directory.OpenVaultAsync(_keys.Old), "a", "before");
        await SealAsync(await _directory.OpenVaultAsync(_keys.Old), "b", "before");
        await _directory.CloseDatabaseAsync();

        // Those of a, b and the one that every vault has.
        (await ApplyAsync(_keys.Old, _keys.New)).ShouldBe(3);
        (await ApplyAsync(_keys.Old, _keys.New)).ShouldBeNull("it is in force");

        var vault = await _directory.OpenVaultAsync(_keys.New);
        Open(vault, "a", sealedBefore).ShouldBe("before");
        (await Should.ThrowAsync<MasterKeyException>(() => _directory.OpenVaultAsync(_keys.Old))).Message.ShouldContain("is not the one this database was sealed with");
    }

    [Fact]
    public async Task A_node_that_knows_both_goes_on_through_the_change_also_with_tenants_that_are_new()
    {
        var running = await OpenAsync(_keys.Old, _keys.New);
        var sealedBefore = await SealAsync(running, "a", "before");
        var other = await OpenAsync(_keys.Old, _keys.New);
        await ReleaseFileAsync();

        await ApplyAsync(_keys.Old, _keys.New);

        if (!TestDatabase.IsPostgres) (running, other) = (await OpenAsync(_keys.Old, _keys.New), await OpenAsync(_keys.Old, _keys.New));
        Open(running, "a", await SealAsync(running, "a", "after")).ShouldBe("after");
        Open(other, "a", sealedBefore).ShouldBe("before");
        // Made by one that had the former key in hand, read by one that has only the next.
        var made = await SealAsync(other, "new", "of a new tenant");
        Open(await _directory.OpenVaultAsync(_keys.New), "new", made).ShouldBe("of a new tenant");
    }

    [PostgresFact]
    public async Task A_node_that_does_not_know_the_next_key_makes_nothing_under_the_former()
    {
        var running = await _directory.OpenVaultAsync(_keys.Old);
        var sealedBefore = await SealAsync(running, "a", "before");
        await ApplyAsync(_keys.Old, _keys.New);

        (await Should.ThrowAsync<StorageException>(() => SealAsync(running, "new", "x"))).Code.ShouldBe("storage-rekeyed");

        Open(running, "a", sealedBefore).ShouldBe("before");
        var vault = await _directory.OpenVaultAsync(_keys.New);
        Open(vault, "new", await SealAsync(vault, "new", "x")).ShouldBe("x");
    }

    [SqliteFact]
    public async Task A_key_file_is_made_anew_and_takes_the_place_of_the_former()
    {
        var sealedBefore = await SealAsync(await _directory.OpenVaultAsync(), "a", "before");
        await _directory.CloseDatabaseAsync();
        var former = await File.ReadAllTextAsync(_directory.KeyFile);

        (await ApplyAsync(null, null)).ShouldBe(2);

        (await File.ReadAllTextAsync(_directory.KeyFile)).ShouldNotBe(former);
        File.GetUnixFileMode(_directory.KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Exists(_directory.KeyFile + ".next").ShouldBeFalse();
        (await File.ReadAllTextAsync(Directory.GetFiles(Path.GetDirectoryName(_directory.KeyFile)!, "*.former-*").ShouldHaveSingleItem())).ShouldBe(former, "backups need it");
        Open(await _directory.OpenVaultAsync(), "a", sealedBefore).ShouldBe("before");
    }

    [SqliteFact]
    public async Task Who_dies_before_the_file_is_in_its_place_loses_nothing()
    {
        var sealedBefore = await SealAsync(await _directory.OpenVaultAsync(), "a", "before");
        await _directory.CloseDatabaseAsync();
        var former = await File.ReadAllBytesAsync(_directory.KeyFile);
        await ApplyAsync(null, null);
        // As it was after the commit.
        File.Move(_directory.KeyFile, _directory.KeyFile + ".next");
        await File.WriteAllBytesAsync(_directory.KeyFile, former);
        File.SetUnixFileMode(_directory.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Open(await _directory.OpenVaultAsync(), "a", sealedBefore).ShouldBe("before");

        File.Exists(_directory.KeyFile + ".next").ShouldBeFalse();
        (await File.ReadAllBytesAsync(_directory.KeyFile)).ShouldNotBe(former);
    }

    [SqliteFact]
    public async Task Who_dies_before_the_commit_has_the_former_key_and_may_try_again()
    {
        var sealedBefore = await SealAsync(await _directory.OpenVaultAsync(), "a", "before");
        await _directory.CloseDatabaseAsync();
        MasterKey.CreateFile(_directory.KeyFile + ".next");

        Open(await _directory.OpenVaultAsync(), "a", sealedBefore).ShouldBe("before");
        await _directory.CloseDatabaseAsync();
        (await ApplyAsync(null, null)).ShouldBe(2);
        Open(await _directory.OpenVaultAsync(), "a", sealedBefore).ShouldBe("before");
    }

    [PostgresFact]
    public async Task A_key_file_is_not_changed_under_other_machines()
    {
        await SealAsync(await _directory.OpenVaultAsync(), "a", "before");

        (await Should.ThrowAsync<MasterKeyException>(() => ApplyAsync(null, null))).Message.ShouldContain("HEADWAY_NEXT_MASTER_KEY");

        File.Exists(_directory.KeyFile + ".next").ShouldBeFalse();
    }

    [Fact]
    public async Task A_change_without_a_next_key_or_without_the_present_one_is_refused_and_changes_nothing()
    {
        var sealedBefore = await SealAsync(await _directory.OpenVaultAsync(_keys.Old), "a", "before");
        await _directory.CloseDatabaseAsync();

        (await Should.ThrowAsync<MasterKeyException>(() => ApplyAsync(_keys.Old, null))).Message.ShouldContain("HEADWAY_NEXT_MASTER_KEY");
        (await Should.ThrowAsync<MasterKeyException>(() => ApplyAsync(VaultDirectory.NewKey(), _keys.New))).Message.ShouldContain("Neither");

        Open(await _directory.OpenVaultAsync(_keys.Old), "a", sealedBefore).ShouldBe("before");
    }

    private Task<int?> ApplyAsync(string? present, string? next) => MasterKeyChange.ApplyAsync(_directory.Address, new MasterKeySource(present, _directory.KeyFile, MayMake: false) { Next = next });

    private Task<Vault> OpenAsync(string present, string next) => Vault.OpenAsync(_directory.Database, new MasterKeySource(present, _directory.KeyFile, MayMake: false) { Next = next }, NullLogger.Instance);

    // A file has one owner; a server's database is changed under those who use it.
    private Task ReleaseFileAsync() => TestDatabase.IsPostgres ? Task.CompletedTask : _directory.CloseDatabaseAsync();

    private static async Task<byte[]> SealAsync(Vault vault, string tenant, string text) => (await vault.KeyAsync(tenant, null, CancellationToken.None)).Seal(PayloadKind.Input, Job, Encoding.UTF8.GetBytes(text));

    private static string Open(Vault vault, string tenant, byte[] sealedPayload) => Encoding.UTF8.GetString(vault.Open(tenant, PayloadKind.Input, Job, sealedPayload));
}
