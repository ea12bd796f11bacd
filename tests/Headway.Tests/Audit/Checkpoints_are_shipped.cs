using Headway.Audit.Checkpoints;
using Headway.Audit.Proof;
using Headway.Tests.Storage;

namespace Headway.Tests.Audit;

/// <summary>Once a minute, and at a clean stop, the chain is signed, and what was signed is kept outside.</summary>
public sealed class Checkpoints_are_shipped : IAsyncLifetime
{
    private Trail _trail = null!;

    public async ValueTask InitializeAsync()
    {
        _trail = await Trail.OpenAsync();
        await _trail.RestartAsync(ships: true);
    }

    [Fact]
    public async Task Each_once_and_in_order()
    {
        var made = new List<Checkpoint> { await _trail.SignedAsync(), await _trail.SignedAsync(), await _trail.SignedAsync() };
        await _trail.RestartAsync(ships: true);
        made.Add(await _trail.SignedAsync());

        Shipped().Select(shipped => shipped.Seq).ShouldBe([10, 20, 30, 40]);
        Shipped().Select(shipped => shipped.ToLine()).ShouldBe(made.Select(checkpoint => checkpoint.ToLine()));
    }

    [Fact]
    public async Task What_was_signed_and_not_shipped_follows_also_behind_a_piece_of_a_line()
    {
        await _trail.SignedAsync();
        await _trail.RestartAsync(ships: false);
        await _trail.SignedAsync();
        await File.AppendAllTextAsync(_trail.CheckpointFile, """{"checkpoint":1,"chain":"0""");
        await _trail.RestartAsync(ships: true);
        await _trail.SignedAsync();

        Shipped().Select(shipped => shipped.Seq).ShouldBe([10, 20, 30]);
    }

    [Fact]
    public async Task At_most_one_a_minute_of_however_many_nodes_and_none_where_nothing_was_told()
    {
        await _trail.TellAsync(1);
        await _trail.ChainAsync();
        (await _trail.Rooms.Checkpoints.RunOnceAsync()).ShouldNotBeNull();
        await _trail.TellAsync(1);
        await _trail.ChainAsync();
        (await _trail.Rooms.Checkpoints.RunOnceAsync()).ShouldBeNull();
        _trail.Time.Advance(TimeSpan.FromMinutes(1));
        (await _trail.Rooms.Checkpoints.RunOnceAsync()).ShouldNotBeNull();
        _trail.Time.Advance(TimeSpan.FromMinutes(1));
        (await _trail.Rooms.Checkpoints.RunOnceAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_node_that_stops_signs_all_that_it_told()
    {
        await _trail.TellAsync(7);
        await _trail.Rooms.CloseAsync();

        Shipped().ShouldHaveSingleItem().Seq.ShouldBe(7);
        (await _trail.VerifyAsync()).Proved.ShouldBe(7);
    }

    [Fact]
    public async Task A_database_that_is_older_than_what_was_shipped_is_told_at_the_start()
    {
        await _trail.SignedAsync();
        await _trail.ForceAsync("DELETE FROM audit_checkpoints");
        await _trail.RestartAsync(ships: true);
        await _trail.Rooms.Checkpoints.RunOnceAsync(atOnce: true);

        _trail.Log.Take().ShouldContain(line => line.Contains("restored from an older copy, or changed by hand", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Behind_a_restore_from_an_older_copy_shipping_goes_on_and_the_file_tells_of_the_break()
    {
        await _trail.SignedAsync();
        await _trail.SignedAsync();
        await _trail.SignedAsync();
        await _trail.ForceAsync($"""
            DELETE FROM audit_events WHERE (job, id) IN (SELECT job, event FROM audit_chain WHERE seq > 10);
            DELETE FROM audit_chain WHERE seq > 10; DELETE FROM audit_checkpoints WHERE seq > 10;
            {(TestDatabase.IsSqlite ? "UPDATE audit_unchained SET after = (SELECT max(number) FROM audit_events)" : "DELETE FROM audit_unchained")}
            """);
        await _trail.RestartAsync(ships: true);

        await _trail.SignedAsync(5);
        await _trail.RestartAsync(ships: true);
        await _trail.SignedAsync(20);

        File.ReadLines(_trail.CheckpointFile).Select(line => ChainBreak.Parse(System.Text.Encoding.UTF8.GetBytes(line)) is { } broken ? -broken.Seq : Checkpoint.Parse(System.Text.Encoding.UTF8.GetBytes(line))!.Seq).ShouldBe([10, 20, 30, -30, 15, 35]);
        using var lines = File.OpenText(_trail.CheckpointFile);
        var (kept, told) = OfflineCheck.Shipped(lines, null);
        told.ShouldHaveSingleItem().ShouldSatisfyAllConditions(finding => finding.Code.ShouldBe(FindingCodes.ChainForked), finding => finding.Seq.ShouldBe(30));
        var proof = await _trail.VerifyAsync([.. kept]);
        proof.Findings.Select(finding => (finding.Code, finding.Seq)).ShouldBe([(FindingCodes.ChainRewritten, (long?)20), (FindingCodes.ChainRewritten, 30)]);
        proof.Proved.ShouldBe(35);
    }

    [Fact]
    public async Task What_was_shipped_last_and_dropped_by_retention_since_is_no_break()
    {
        await _trail.SignedAsync();
        await _trail.RestartAsync(ships: false);
        await _trail.SignedAsync();
        _trail.Time.Advance(TimeSpan.FromDays(7 * 365));
        while ((await _trail.Rooms.Pruner.RunOnceAsync(_trail.Time.GetUtcNow())).More)
        {
        }
        await _trail.RestartAsync(ships: true);
        _trail.Log.Take();
        await _trail.SignedAsync();

        _trail.Log.Take().ShouldNotContain(line => line.Contains("restored from an older copy", StringComparison.Ordinal));
        File.ReadLines(_trail.CheckpointFile).ShouldNotContain(line => line.Contains("break", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_holds_nothing_up_and_is_caught_up_with()
    {
        Directory.CreateDirectory(_trail.CheckpointFile);
        await _trail.SignedAsync();
        _trail.Log.Take().ShouldContain(line => line.Contains("cannot be", StringComparison.Ordinal));
        Directory.Delete(_trail.CheckpointFile);
        await _trail.SignedAsync();

        Shipped().Select(shipped => shipped.Seq).ShouldBe([10, 20]);
    }

    [Fact]
    public async Task Of_a_long_file_some_are_held_against_the_chain_and_always_the_last()
    {
        var one = await _trail.SignedAsync();
        var lines = string.Join('\n', Enumerable.Range(1, 9_001).Select(seq => (one with { Seq = seq }).ToLine()));

        var (kept, findings) = OfflineCheck.Shipped(new StringReader(lines), null);

        findings.ShouldBeEmpty();
        kept.Count.ShouldBeInRange(1_000, 2_001);
        kept[^1].Seq.ShouldBe(9_001);
        kept.Select(checkpoint => checkpoint.Seq).ShouldBeInOrder();
    }

    private IEnumerable<Checkpoint> Shipped() => File.ReadLines(_trail.CheckpointFile).Select(line => Checkpoint.Parse(System.Text.Encoding.UTF8.GetBytes(line))).OfType<Checkpoint>();

    public ValueTask DisposeAsync() => _trail.DisposeAsync();
}
