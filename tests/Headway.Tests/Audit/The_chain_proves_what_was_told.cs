using System.Globalization;
using System.Security.Cryptography;
using Headway.Audit.Checkpoints;
using Headway.Audit.Proof;
using Headway.Tests.Storage;

namespace Headway.Tests.Audit;

/// <summary>Whoever may write the database can change what was told, and is found out: each tampering is done by force, and named with its place.</summary>
public sealed class The_chain_proves_what_was_told : IAsyncLifetime
{
    private Trail _trail = null!;

    public async ValueTask InitializeAsync() => _trail = await Trail.OpenAsync();

    [Fact]
    public async Task A_chain_that_nobody_touched_holds_up_to_its_last_checkpoint()
    {
        await _trail.SignedAsync(25);
        await _trail.TellAsync(5);
        await _trail.ChainAsync();
        await _trail.TellAsync(2);

        var proof = await _trail.VerifyAsync();
        proof.Holds.ShouldBeTrue(string.Join('\n', proof.Findings));
        (proof.First, proof.Last, proof.Checked, proof.Proved, proof.Checkpoints, proof.Unchained).ShouldBe((1, 30, 30, 25, 1, 2));
    }

    [Fact]
    public async Task It_is_proved_over_many_pages_and_checkpoints()
    {
        for (var minute = 0; minute < 3; minute++)
        {
            await _trail.TellAsync(700);
            await _trail.SignAsync();
        }

        var proof = await _trail.VerifyAsync();
        proof.Holds.ShouldBeTrue();
        (proof.Checked, proof.Proved, proof.Checkpoints).ShouldBe((2_100, 2_100, 3));
    }

    [Theory]
    [InlineData("UPDATE audit_events SET actor = 'nobody' WHERE {4}", "event-changed", 4)]
    [InlineData("UPDATE audit_events SET recipient = 'another' WHERE {4}", "event-changed", 4)]
    [InlineData("UPDATE audit_events SET correlation = '' WHERE {4}", "event-changed", 4)]
    [InlineData("UPDATE audit_events SET payload = NULL WHERE {4}", "event-changed", 4)]
    [InlineData("UPDATE audit_events SET data = 0 WHERE {4}", "event-changed", 4)]
    [InlineData("UPDATE definitions SET feature = 'harmless'", "event-changed", 1)]
    [InlineData("UPDATE audit_events SET id = id + 1 WHERE {4}", "event-missing", 4)]
    [InlineData("DELETE FROM audit_events WHERE {4}", "event-missing", 4)]
    [InlineData("UPDATE audit_chain SET hash = (SELECT other.hash FROM audit_chain other WHERE other.seq = 5) WHERE seq = 4", "event-changed", 4)]
    [InlineData("DELETE FROM audit_events WHERE {4}; DELETE FROM audit_chain WHERE seq = 4", "link-missing", 4)]
    [InlineData("DELETE FROM audit_events WHERE {10}; DELETE FROM audit_chain WHERE seq = 10", "chain-truncated", 10)]
    public async Task Tampering_is_named_with_its_first_place(string statements, string code, long seq)
    {
        await _trail.SignedAsync();

        await _trail.ForceAsync(statements.Replace("{4}", Trail.EventOf(4), StringComparison.Ordinal).Replace("{10}", Trail.EventOf(10), StringComparison.Ordinal));

        var proof = await _trail.VerifyAsync();
        proof.Holds.ShouldBeFalse();
        (proof.Findings[0].Code, proof.Findings[0].Seq).ShouldBe((code, seq));
    }

    [Fact]
    public async Task An_event_put_in_behind_the_back_of_the_chain_is_named()
    {
        await _trail.SignedAsync();
        await _trail.ForceAsync("INSERT INTO audit_events (job, id, tenant, actor, action, data) SELECT job, id + 7, tenant, actor, 'viewed', data FROM audit_events WHERE " + Trail.EventOf(4)
            + (TestDatabase.IsPostgres ? "; DELETE FROM audit_unchained" : "; UPDATE audit_unchained SET after = 11"));

        var proof = await _trail.VerifyAsync();
        proof.Findings.ShouldHaveSingleItem().Code.ShouldBe(FindingCodes.EventUnchained);
        proof.Findings[0].Event.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_chain_that_was_made_anew_is_not_the_one_that_was_signed()
    {
        await _trail.SignedAsync();

        await _trail.RewriteAsync("UPDATE audit_events SET actor = 'nobody' WHERE " + Trail.EventOf(4));

        var proof = await _trail.VerifyAsync();
        (proof.Findings[0].Code, proof.Findings[0].Seq, proof.Proved).ShouldBe((FindingCodes.ChainRewritten, 10, 0));
    }

    [Fact]
    public async Task Signing_it_with_another_key_helps_nobody()
    {
        await _trail.SignedAsync();
        await _trail.RewriteAsync("UPDATE audit_events SET actor = 'nobody' WHERE " + Trail.EventOf(4));
        var chain = (await _trail.Rooms.Keys.NewestAsync()).Chain;
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (id, head, at) = (JobId.New(_trail.Time.GetUtcNow()), await _trail.Database.ReadAsync(Headway.Audit.Chain.ChainHead.ReadAsync), _trail.Time.GetUtcNow());
        var signature = own.SignData(Checkpoint.Words(chain, head.Seq, at, head.Hash), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        await _trail.ForceAsync(string.Create(CultureInfo.InvariantCulture, $"""
            DELETE FROM audit_checkpoints;
            INSERT INTO audit_keys (id, chain, public, sealed, created) SELECT {TestDatabase.Id(id)}, chain, {TestDatabase.Bytes(own.ExportSubjectPublicKeyInfo())}, sealed, created FROM audit_keys;
            INSERT INTO audit_checkpoints (seq, at, hash, key, signature) VALUES ({head.Seq}, {at.ToUnixTimeMilliseconds()}, {TestDatabase.Bytes(head.Hash)}, {TestDatabase.Id(id)}, {TestDatabase.Bytes(signature)})
            """));

        (await _trail.VerifyAsync()).Findings[0].Code.ShouldBe(FindingCodes.CheckpointForged);
    }

    [Fact]
    public async Task What_was_shipped_tells_of_what_the_database_hides()
    {
        var shipped = await _trail.SignedAsync();
        await _trail.RewriteAsync("UPDATE audit_events SET actor = 'nobody' WHERE " + Trail.EventOf(4));
        await _trail.ForceAsync("DELETE FROM audit_checkpoints");
        (await _trail.VerifyAsync()).Holds.ShouldBeTrue();

        (await _trail.VerifyAsync(shipped)).Findings[0].Code.ShouldBe(FindingCodes.ChainRewritten);
    }

    [Fact]
    public async Task A_removed_end_with_all_its_checkpoints_is_missed_by_what_was_shipped()
    {
        await _trail.SignedAsync(6);
        var shipped = await _trail.SignedAsync(4);
        for (var seq = 7; seq <= 10; seq++) await _trail.ForceAsync($"DELETE FROM audit_events WHERE {Trail.EventOf(seq)}; DELETE FROM audit_chain WHERE seq = {seq}");
        await _trail.ForceAsync("DELETE FROM audit_checkpoints WHERE seq = 10");
        (await _trail.VerifyAsync()).Holds.ShouldBeTrue();

        var finding = (await _trail.VerifyAsync(shipped)).Findings.ShouldHaveSingleItem();
        (finding.Code, finding.Seq).ShouldBe((FindingCodes.ChainTruncated, 10));
    }

    [Fact]
    public async Task Where_nothing_was_signed_for_minutes_that_is_told()
    {
        await _trail.SignedAsync();
        await _trail.ForceAsync("DELETE FROM audit_checkpoints");
        _trail.Time.Advance(TimeSpan.FromMinutes(6));

        var finding = (await _trail.VerifyAsync()).Findings.ShouldHaveSingleItem();
        (finding.Code, finding.Seq).ShouldBe((FindingCodes.CheckpointMissing, 1));
    }

    [Fact]
    public async Task A_node_signs_no_chain_that_was_changed_under_it()
    {
        await _trail.SignedAsync();
        await _trail.RewriteAsync("UPDATE audit_events SET actor = 'nobody' WHERE " + Trail.EventOf(4));
        await _trail.ForceAsync("DELETE FROM audit_checkpoints");
        await _trail.TellAsync(1);
        await _trail.ChainAsync();

        (await _trail.Rooms.Checkpoints.RunOnceAsync(atOnce: true)).ShouldBeNull();
        _trail.Log.Take().ShouldContain(line => line.Contains("was changed by hand", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_of_it_is_changed_or_removed_as_long_as_its_guards_stand()
    {
        await _trail.SignedAsync();
        foreach (var statement in (string[])[
            "UPDATE audit_events SET actor = 'nobody'", "DELETE FROM audit_events", "UPDATE audit_chain SET job = job", "DELETE FROM audit_chain", "UPDATE audit_checkpoints SET at = 0",
            "DELETE FROM audit_checkpoints", "UPDATE audit_keys SET created = 0", "DELETE FROM audit_keys", "INSERT INTO audit_dropping (upto, before) VALUES (10, 1)"])
        {
            await Should.ThrowAsync<Exception>(() => _trail.Database.WriteAsync(new Jobs.Change(statement)), statement);
        }

        (await _trail.VerifyAsync()).Holds.ShouldBeTrue();
    }

    public ValueTask DisposeAsync() => _trail.DisposeAsync();
}
