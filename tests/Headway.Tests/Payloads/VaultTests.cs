using Headway.Payloads;

namespace Headway.Tests.Payloads;

public sealed class VaultTests : IAsyncLifetime
{
    private static readonly JobId Job = JobId.New(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly VaultDirectory _directory = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    [Fact]
    public async Task Two_vaults_that_race_for_the_same_subjects_agree_on_the_keys()
    {
        var first = await _directory.OpenVaultAsync();
        var second = await _directory.OpenVaultAsync();

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (i, stop) =>
        {
            var (tenant, subject) = ($"tenant-{i % 5}", i % 7 == 0 ? null : $"subject/{i / 2}");
            var keys = await Task.WhenAll(first.KeyAsync(tenant, subject, stop).AsTask(), second.KeyAsync(tenant, subject, stop).AsTask());
            keys[0].Id.ShouldBe(keys[1].Id);
            second.Open(tenant, PayloadKind.Input, Job, keys[0].Seal(PayloadKind.Input, Job, "hello"u8)).ShouldBe("hello"u8.ToArray());
            first.SubjectMac(tenant, "s").ShouldBe(second.SubjectMac(tenant, "s"));
        });
    }

    [Fact]
    public async Task A_vault_opened_again_reads_what_an_earlier_one_sealed()
    {
        var before = await _directory.OpenVaultAsync();
        var envelope = (await before.KeyAsync("default", "encounter/1", CancellationToken.None)).Seal(PayloadKind.Input, Job, "kept"u8);
        var mac = before.Mac("default", "idempotency key", "k1"u8);
        await _directory.CloseDatabaseAsync();

        var after = await _directory.OpenVaultAsync();

        after.Open("default", PayloadKind.Input, Job, envelope).ShouldBe("kept"u8.ToArray());
        after.Mac("default", "idempotency key", "k1"u8).ShouldBe(mac);
        (await after.KeyAsync("default", "encounter/1", CancellationToken.None)).Id.ShouldBe((await before.KeyAsync("default", "encounter/1", CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Subjects_and_tenants_have_keys_of_their_own()
    {
        var vault = await _directory.OpenVaultAsync();
        var ids = new List<long>();
        foreach (var (tenant, subject) in new (string, string?)[] { ("a", null), ("a", "x"), ("a", "y"), ("b", null), ("b", "x") })
            ids.Add((await vault.KeyAsync(tenant, subject, CancellationToken.None)).Id);

        ids.ShouldBeUnique();
        (await vault.KeyAsync("a", "x", CancellationToken.None)).Id.ShouldBe(ids[1]);
    }

    [Fact]
    public async Task Macs_differ_by_tenant_and_purpose_and_repeat_otherwise()
    {
        var vault = await _directory.OpenVaultAsync();
        await vault.ReadyAsync("a");
        await vault.ReadyAsync("b");

        byte[][] macs = [vault.SubjectMac("a", "x"), vault.SubjectMac("b", "x"), vault.SubjectMac("a", "y"), vault.Mac("a", "one", "x"u8), vault.Mac("a", "two", "x"u8), vault.Mac("b", "one", "x"u8)];

        macs.ShouldAllBe(mac => mac.Length == 16);
        macs.Select(Convert.ToHexString).ShouldBeUnique();
        vault.SubjectMac("a", "x").ShouldBe(macs[0]);
        vault.Mac("a", "one", "x"u8).ShouldBe(macs[3]);
    }

    [Fact]
    public async Task The_mac_of_a_tenant_without_a_key_is_refused_with_the_cure()
    {
        var vault = await _directory.OpenVaultAsync();

        Should.Throw<InvalidOperationException>(() => vault.SubjectMac("nobody", "x")).Message.ShouldContain("ReadyAsync");
    }

    [Fact]
    public async Task A_key_that_was_used_often_enough_is_followed_by_another_and_still_opens_its_payloads()
    {
        var vault = await _directory.OpenVaultAsync();
        var first = await vault.KeyAsync("default", null, CancellationToken.None);
        var early = first.Seal(PayloadKind.Input, Job, "early"u8);
        await new KeyStore(_directory.Database).NoteUsesAsync(first.Id, int.MaxValue);

        var key = first;
        for (var uses = 0; uses <= DataKey.UsesPerNote && key.Id == first.Id; uses++)
        {
            key.Seal(PayloadKind.Input, Job, "x"u8);
            key = await vault.KeyAsync("default", null, CancellationToken.None);
        }

        key.Id.ShouldNotBe(first.Id);
        vault.Open("default", PayloadKind.Input, Job, early).ShouldBe("early"u8.ToArray());
        var reopened = await _directory.OpenVaultAsync();
        reopened.Open("default", PayloadKind.Input, Job, early).ShouldBe("early"u8.ToArray());
        (await reopened.KeyAsync("default", null, CancellationToken.None)).Id.ShouldBe(key.Id);
    }

    [Fact]
    public async Task A_key_that_was_moved_to_another_subject_does_not_unwrap()
    {
        var vault = await _directory.OpenVaultAsync();
        var mine = (await vault.KeyAsync("default", "mine", CancellationToken.None)).Seal(PayloadKind.Input, Job, "x"u8);
        await vault.KeyAsync("default", "yours", CancellationToken.None);
        await _directory.Database.WriteAsync(new Statements("UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys ORDER BY id DESC LIMIT 1)"));

        var reopened = await _directory.OpenVaultAsync();

        Should.Throw<UnreadablePayloadException>(() => reopened.Open("default", PayloadKind.Input, Job, mine)).Message.ShouldContain("data key");
    }

    [Fact]
    public async Task A_payload_whose_key_is_gone_says_so()
    {
        var vault = await _directory.OpenVaultAsync();
        var envelope = (await vault.KeyAsync("default", "s", CancellationToken.None)).Seal(PayloadKind.Input, Job, "x"u8);
        await _directory.Database.WriteAsync(new Statements("DELETE FROM data_keys"));

        var reopened = await _directory.OpenVaultAsync();

        Should.Throw<UnreadablePayloadException>(() => reopened.Open("default", PayloadKind.Input, Job, envelope)).Reason.ShouldBe(UnreadableReason.UnknownKey);
        var successor = await reopened.KeyAsync("default", "s", CancellationToken.None);
        Should.Throw<UnreadablePayloadException>(() => reopened.Open("default", PayloadKind.Input, Job, envelope)).Reason.ShouldBe(UnreadableReason.UnknownKey, $"the id was not given to key {successor.Id}");
    }
}
