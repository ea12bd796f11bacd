using Headway.Audit.Proof;
using Headway.Features;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;

namespace Headway.Tests.Audit;

/// <summary>What is older than it is kept goes, up to a checkpoint, and the rest stays provable from there.</summary>
public sealed class Retention_drops_whole_segments : IAsyncLifetime
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private Trail _trail = null!;

    public async ValueTask InitializeAsync() => _trail = await Trail.OpenAsync(new AuditOptions { Keep = 2 * Year });

    [Fact]
    public async Task Only_behind_a_checkpoint_and_only_when_the_newest_of_it_is_old_enough()
    {
        await _trail.SignedAsync(10);
        _trail.Time.Advance(Year);
        await _trail.SignedAsync(5);
        _trail.Time.Advance(Year - TimeSpan.FromHours(1));
        (await PruneAsync()).ShouldBe(0);
        _trail.Time.Advance(TimeSpan.FromHours(2));

        (await PruneAsync()).ShouldBe(10);

        await _trail.SignAsync();
        var proof = await _trail.VerifyAsync();
        proof.Holds.ShouldBeTrue(string.Join('\n', proof.Findings));
        // That it was dropped is told, too.
        (proof.First, proof.Last, proof.Proved).ShouldBe((11, 16, 16));
        _trail.Number("SELECT count(*) FROM audit_events WHERE action = 'pruned'").ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_checkpoint_nothing_goes()
    {
        await _trail.TellAsync(5);
        await _trail.ChainAsync();
        _trail.Time.Advance(3 * Year);

        (await PruneAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_large_one_goes_in_batches_and_is_provable_between_them()
    {
        await _trail.SignedAsync(4_500);
        _trail.Time.Advance(3 * Year);
        await _trail.SignedAsync(1);
        await _trail.Rooms.Pruner.RunOnceAsync(_trail.Time.GetUtcNow());
        var (dropped, more) = await _trail.Rooms.Pruner.RunOnceAsync(_trail.Time.GetUtcNow());
        (dropped, more).ShouldBe((2_000, true));
        (await _trail.VerifyAsync()).Holds.ShouldBeTrue();

        await _trail.RestartAsync();
        (await PruneAsync()).ShouldBe(2_500);
        await _trail.ChainAsync();
        (await _trail.VerifyAsync()).Holds.ShouldBeTrue();
        _trail.Number("SELECT count(*) FROM audit_events").ShouldBe(2);
    }

    [Fact]
    public async Task What_is_told_after_everything_was_dropped_is_chained_behind_it()
    {
        await _trail.SignedAsync(3);
        _trail.Time.Advance(3 * Year);
        (await PruneAsync()).ShouldBe(3);
        await _trail.TellAsync(2);
        await _trail.SignAsync();

        var proof = await _trail.VerifyAsync();
        proof.Holds.ShouldBeTrue(string.Join('\n', proof.Findings));
        (proof.First, proof.Last).ShouldBe((4, 6));
        Check(await _trail.ExportAsync()).Holds.ShouldBeTrue();
    }

    [Fact]
    public async Task A_begin_that_somebody_else_removed_is_not_taken_for_a_dropped_one()
    {
        await _trail.SignedAsync(5);
        await _trail.SignedAsync(5);
        await _trail.ForceAsync($"""
            INSERT INTO audit_segments (last, hash, at, keep, key, signature) SELECT seq, hash, at, 0, key, signature FROM audit_checkpoints WHERE seq = 5;
            DELETE FROM audit_events WHERE id <= (SELECT event FROM audit_chain WHERE seq = 5) AND job IN (SELECT job FROM audit_chain WHERE seq <= 5);
            DELETE FROM audit_chain WHERE seq <= 5
            """);

        (await _trail.VerifyAsync()).Findings.ShouldContain(finding => finding.Code == FindingCodes.SegmentForged && finding.Seq == 5);
    }

    [Fact]
    public async Task A_proof_that_is_under_way_goes_on_where_the_chain_begins_then()
    {
        await _trail.SignedAsync(1_500);
        _trail.Time.Advance(3 * Year);
        await _trail.SignedAsync(700);
        var pages = new List<long>();
        _trail.Rooms.Verifier.OnPage = async last =>
        {
            pages.Add(last);
            if (pages.Count == 1) (await PruneAsync()).ShouldBe(1_500);
        };

        var proof = await _trail.VerifyAsync();

        proof.Holds.ShouldBeTrue(string.Join('\n', proof.Findings));
        (proof.First, proof.Last, proof.Proved).ShouldBe((1_501, 2_200, 2_200));
        pages[0].ShouldBe(1_000, "it stood in the midst of what was dropped");
    }

    [Fact]
    public async Task A_proof_beside_a_drop_of_everything_holds_and_one_beside_a_removal_does_not()
    {
        await _trail.SignedAsync(1_500);
        _trail.Time.Advance(3 * Year);
        _trail.Rooms.Verifier.OnPage = async _ => await PruneAsync();
        (await _trail.VerifyAsync()).ShouldSatisfyAllConditions(proof => proof.Holds.ShouldBeTrue(string.Join('\n', proof.Findings)), proof => proof.First.ShouldBe(1_501));

        _trail.Rooms.Verifier.OnPage = null;
        await _trail.SignedAsync(1_500);
        _trail.Rooms.Verifier.OnPage = last => last is > 2_400 and < 2_700 ? _trail.ForceAsync($"DELETE FROM audit_events WHERE {Trail.EventOf(2_700)}; DELETE FROM audit_chain WHERE seq = 2700") : Task.CompletedTask;
        (await _trail.VerifyAsync()).Findings.ShouldContain(finding => finding.Code == FindingCodes.LinkMissing && finding.Seq == 2_700);
    }

    [PostgresFact]
    public async Task Nobody_drops_what_is_younger_than_the_owner_keeps_it()
    {
        await _trail.SignedAsync(5);
        await _trail.Database.WriteAsync(new Change("INSERT INTO audit_segments (last, hash, at, keep, key, signature) SELECT seq, hash, at, 0, key, signature FROM audit_checkpoints"));

        await Should.ThrowAsync<Exception>(() => _trail.Database.WriteAsync(new Change($"INSERT INTO audit_dropping (upto, before) VALUES (5, {_trail.Database.Now + 1})")));
        _trail.Number("SELECT count(*) FROM audit_events").ShouldBe(5);
    }

    private static ChainProof Check(string export) => OfflineCheck.Export(new StringReader(export), null, []);

    private async Task<int> PruneAsync()
    {
        var all = 0;
        while (true)
        {
            var (dropped, more) = await _trail.Rooms.Pruner.RunOnceAsync(_trail.Time.GetUtcNow());
            all += dropped;
            if (!more) return all;
        }
    }

    public ValueTask DisposeAsync() => _trail.DisposeAsync();
}
