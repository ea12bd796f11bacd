using System.Text.Json.Nodes;
using Headway.Audit.Proof;

namespace Headway.Tests.Audit;

/// <summary>A copy of a tenant's events is checked without a server, and shows nothing of other tenants but that something was told.</summary>
public sealed class An_export_proves_itself : IAsyncLifetime
{
    private Trail _trail = null!;
    private string _export = "";
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _trail = await Trail.OpenAsync();
        await _trail.TellAsync(3);
        await _trail.TellAsync(_trail.Event(tenant: "other", actor: "doctor of others"));
        await _trail.TellAsync(_trail.Event(subject: "encounter/8812", recipient: "größe \"x\"\n"));
        _export = await _trail.ExportAsync();
        _key = (await _trail.Desk.KeyAsync()).PublicPem;
    }

    [Fact]
    public void It_is_proved_to_its_end_without_a_server()
    {
        var proof = Check(_export);
        proof.Holds.ShouldBeTrue(string.Join('\n', proof.Findings));
        // That it was exported is told in it.
        (proof.First, proof.Last, proof.Proved).ShouldBe((1, 6, 6));
        Lines.Skip(1).SkipLast(1).Count(line => line["event"] is not null).ShouldBe(5);
        Lines[^2]["event"]!["action"]!.GetValue<string>().ShouldBe("exported");
    }

    [Fact]
    public void Nothing_of_another_tenant_is_in_it()
    {
        _export.ShouldNotContain("doctor of others");
        Lines[4]["digest"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_part_of_the_time_goes_on_from_what_came_before_it()
    {
        _trail.Time.Advance(TimeSpan.FromHours(1));
        var noon = _trail.Time.GetUtcNow();
        await _trail.TellAsync(4);
        _trail.Time.Advance(TimeSpan.FromHours(1));
        var later = _trail.Time.GetUtcNow();
        await _trail.TellAsync(2);

        var part = await _trail.ExportAsync(since: noon, until: later);

        var proof = Check(part);
        proof.Holds.ShouldBeTrue(string.Join('\n', proof.Findings));
        proof.First.ShouldBe(7);
        Of(part).Count(line => line["event"] is not null).ShouldBe(4);
    }

    [Theory]
    [InlineData("\"actor\":\"local\"", "\"actor\":\"nobody\"", "event-changed")]
    [InlineData("\"data\":\"phi\"", "\"data\":\"public\"", "event-changed")]
    [InlineData("\"subject\":\"", "\"subject\":\"00", "event-changed")]
    [InlineData("\"signature\":\"", "\"signature\":\"AAAA", "checkpoint-forged")]
    [InlineData("\"seq\":2,", "\"seq\":22,", "link-missing")]
    [InlineData("{\"seq\":3", "{seq:3", "line-broken")]
    public void What_was_changed_in_it_is_named(string from, string to, string code)
    {
        var at = _export.IndexOf(from, StringComparison.Ordinal);
        Check(_export[..at] + to + _export[(at + from.Length)..]).Findings.Select(finding => finding.Code).ShouldContain(code);
    }

    [Fact]
    public void A_line_taken_out_and_an_end_cut_off_are_named()
    {
        var lines = _export.TrimEnd().Split('\n');
        Check(string.Join('\n', lines.Where((_, i) => i != 3))).Findings.ShouldContain(finding => finding.Code == FindingCodes.LinkMissing && finding.Seq == 3);
        Check(string.Join('\n', lines[..^1])).Findings.ShouldHaveSingleItem().Code.ShouldBe(FindingCodes.ChainTruncated);
        Check(string.Join('\n', lines.Where((_, i) => i != lines.Length - 2))).Findings.ShouldContain(finding => finding.Code == FindingCodes.ChainTruncated);
    }

    [Fact]
    public async Task One_of_another_database_is_not_signed_with_this_key()
    {
        await using var other = await Trail.OpenAsync();
        await other.TellAsync(2);
        var export = await other.ExportAsync();
        OfflineCheck.Export(new StringReader(export), null, []).Holds.ShouldBeTrue();

        Check(export).Findings.ShouldHaveSingleItem().Code.ShouldBe(FindingCodes.CheckpointForged);
    }

    [Fact]
    public async Task It_is_held_against_checkpoints_that_were_shipped()
    {
        var shipped = await _trail.SignedAsync(1);
        var export = await _trail.ExportAsync();
        OfflineCheck.Export(new StringReader(export), _key, [shipped]).Checkpoints.ShouldBe(2);

        var another = shipped with { Hash = new byte[32] };
        OfflineCheck.Export(new StringReader(export), _key, [another]).Holds.ShouldBeFalse();
    }

    private List<JsonNode> Lines => Of(_export);

    private static List<JsonNode> Of(string export) => [.. export.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!)];

    private ChainProof Check(string export) => OfflineCheck.Export(new StringReader(export), _key, []);

    public ValueTask DisposeAsync() => _trail.DisposeAsync();
}
