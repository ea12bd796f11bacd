using System.Runtime.Versioning;
using Headway.Payloads;

namespace Headway.Tests.Payloads;

[UnsupportedOSPlatform("windows")]
public sealed class MasterKeyTests : IAsyncLifetime
{
    private readonly VaultDirectory _directory = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    [Fact]
    public async Task The_first_start_makes_a_key_file_that_only_its_owner_may_read()
    {
        await _directory.OpenVaultAsync();

        File.GetUnixFileMode(_directory.KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Convert.FromBase64String((await File.ReadAllTextAsync(_directory.KeyFile)).Trim()).Length.ShouldBe(32);
        Directory.GetFiles(Path.GetDirectoryName(_directory.KeyFile)!, "*.new").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public async Task A_key_file_that_is_open_to_others_is_refused(UnixFileMode more)
    {
        await _directory.OpenVaultAsync();
        File.SetUnixFileMode(_directory.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);

        (await RefusalAsync()).ShouldContain($"chmod 600 {_directory.KeyFile}");
    }

    [Theory]
    [InlineData("not base64 at all, but long enough to be 32 by")]
    [InlineData("c2hvcnQ=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public async Task A_malformed_key_is_refused_without_being_shown(string malformed)
    {
        var refusal = await RefusalAsync(malformed);

        refusal.ShouldContain("HEADWAY_MASTER_KEY");
        refusal.ShouldContain("32 bytes in base64");
        refusal.ShouldNotContain(malformed);
    }

    [Fact]
    public async Task An_empty_key_file_is_refused()
    {
        await File.WriteAllTextAsync(_directory.KeyFile, "");
        File.SetUnixFileMode(_directory.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await RefusalAsync()).ShouldContain(_directory.KeyFile);
    }

    [Fact]
    public async Task A_key_that_is_not_the_one_of_this_database_is_refused()
    {
        await _directory.OpenVaultAsync(VaultDirectory.NewKey());

        (await RefusalAsync(VaultDirectory.NewKey())).ShouldContain("is not the one this database was sealed with");
    }

    [Fact]
    public async Task A_lost_key_file_is_missed_and_never_replaced()
    {
        await _directory.OpenVaultAsync();
        File.Delete(_directory.KeyFile);

        (await RefusalAsync()).ShouldContain("put the key file back");
        File.Exists(_directory.KeyFile).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_key_a_node_that_may_not_make_one_does_not_start()
    {
        var refusal = await Should.ThrowAsync<MasterKeyException>(() => _directory.OpenVaultAsync(mayMake: false));

        refusal.Message.ShouldContain("openssl rand -base64 32");
        File.Exists(_directory.KeyFile).ShouldBeFalse();
    }

    [Fact]
    public async Task The_configured_key_wins_over_the_key_file()
    {
        await _directory.OpenVaultAsync();
        var configured = (await File.ReadAllTextAsync(_directory.KeyFile)).Trim();
        await File.WriteAllTextAsync(_directory.KeyFile, VaultDirectory.NewKey());

        await _directory.OpenVaultAsync(configured);

        (await RefusalAsync()).ShouldContain("the key file");
    }

    [Fact]
    public async Task Nodes_that_start_together_on_a_new_database_end_up_with_one_key_file()
    {
        // One process a database file: the vaults share the database, and race for the key file and for the proof.
        _ = _directory.Database;

        var vaults = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _directory.OpenVaultAsync())));

        vaults.Select(vault => Convert.ToHexString(vault.SubjectMac("default", "x"))).Distinct().Count().ShouldBe(1);
    }

    private async Task<string> RefusalAsync(string? configured = null) =>
        (await Should.ThrowAsync<MasterKeyException>(() => _directory.OpenVaultAsync(configured))).Message;
}
