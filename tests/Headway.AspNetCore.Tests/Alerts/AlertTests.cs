using System.Net;
using System.Text.Json;
using Headway.AspNetCore.Tests.Access;
using Headway.AspNetCore.Tests.Cli;
using Headway.Client;
using Headway.Reconciliation;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Alerts;

/// <summary>Alerts by HTTP and on the command line.</summary>
public sealed class AlertTests : IAsyncLifetime
{
    private HeadwayHost _host = null!;

    private string Server => _host.Http.BaseAddress!.ToString();

    public async ValueTask InitializeAsync()
    {
        _host = await HeadwayHost.StartAsync("features: { away: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: worker } }");
        await RaiseAsync(_host, GapKinds.Misplaced, GapKinds.Stray, GapKinds.Unclosed);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static async Task RaiseAsync(HeadwayHost host, params string[] kinds)
    {
        await host.Engine.Oversight.Gaps.NoteAsync([.. kinds.Select(kind => new Gap(kind, "job_1"))]);
        await host.Engine.Oversight.AlertWatch.RunOnceAsync(TimeProvider.System.GetUtcNow(), CancellationToken.None);
    }

    private async Task<JsonElement> GetAsync(string path) => JsonElement.Parse(await _host.Http.GetStringAsync("/v1/admin/alerts" + path));

    [Fact]
    public async Task Alerts_are_listed_in_pages_shown_and_acknowledged()
    {
        var first = await GetAsync("?limit=2");
        var second = await GetAsync($"?limit=2&kind=gaps&cursor={first.GetProperty("next").GetString()}");
        var alerts = first.GetProperty("alerts").EnumerateArray().Concat(second.GetProperty("alerts").EnumerateArray()).ToList();
        alerts.Select(alert => alert.GetProperty("what").GetString()).ShouldBe(["misplaced", "stray", "unclosed"], ignoreOrder: true);
        second.TryGetProperty("next", out _).ShouldBeFalse();

        var id = alerts[0].GetProperty("id").GetString()!;
        var shown = await GetAsync($"/{id}");
        (shown.GetProperty("state").GetString(), shown.GetProperty("unit").GetString(), shown.GetProperty("amount").GetInt32(), shown.GetProperty("threshold").GetInt32()).ShouldBe(("open", "gaps", 1, 1));
        shown.GetProperty("summary").GetString()!.ShouldStartWith("1 gaps of the kind ");
        shown.TryGetProperty("acknowledged", out _).ShouldBeFalse();

        var client = new HeadwayClient(_host.Http);
        (await client.AcknowledgeAlertAsync(id, "we look after it")).ShouldSatisfyAllConditions(alert => alert.State.ShouldBe("acknowledged"), alert => alert.AcknowledgedBy.ShouldBe("local"), alert => alert.Note.ShouldBe("we look after it"));
        (await client.AcknowledgeAlertAsync(id)).Note.ShouldBe("we look after it", "it is the first one's");
        (await client.AlertsAsync("acknowledged")).Alerts.ShouldHaveSingleItem().Id.ShouldBe(id);
        (await client.AlertsAsync("open")).Alerts.Count.ShouldBe(2);
        (await client.AlertsAsync("over")).Alerts.ShouldBeEmpty();
        var events = await client.SearchAuditAsync(new AuditQuery { Action = "acknowledged" }).ToListAsync();
        events.ShouldHaveSingleItem().ShouldSatisfyAllConditions(told => told.Actor.ShouldBe("local"), told => told.Purpose.ShouldBe(id));
    }

    [Fact]
    public async Task The_command_line_lists_shows_and_acknowledges_them()
    {
        var listed = await CommandLine.RunAsync(["alerts", "list", "--server", Server]);
        listed.Lines[0].ShouldBe("ALERT\tKIND\tWHAT\tSTATE\tSINCE\tSUMMARY");
        listed.Lines.Count.ShouldBe(4);
        var id = listed.Lines[1].Split('\t')[0];
        listed.Lines[1].ShouldMatch("^alt_[0-9a-f]{32}\tgaps\t[a-z]+\topen\t[^\t]+\t1 gaps of the kind [a-z]+: headway gaps list --kind [a-z]+ --all.$");

        var acknowledged = await CommandLine.RunAsync(["alerts", "acknowledge", id, "--note", "on it", "--server", Server]);
        acknowledged.Code.ShouldBe(0);
        acknowledged.Lines.ShouldContain("state\tacknowledged");
        acknowledged.Lines.ShouldContain("note\ton it");
        (await CommandLine.RunAsync(["alerts", "show", id, "--server", Server])).Out.ShouldBe(acknowledged.Out);
        JsonElement.Parse((await CommandLine.RunAsync(["alerts", "show", id, "--json", "--server", Server])).Out).GetProperty("note").GetString().ShouldBe("on it");
        JsonElement.Parse((await CommandLine.RunAsync(["alerts", "list", "--state", "acknowledged", "--json", "--server", Server])).Out).GetProperty("alerts").GetArrayLength().ShouldBe(1);
        (await CommandLine.RunAsync(["alerts", "list", "--kind", "queue-age", "--state", "all", "--server", Server])).Lines.Count.ShouldBe(1);

        var unknown = await CommandLine.RunAsync(["alerts", "show", "alt_1", "--server", Server]);
        (unknown.Code, unknown.Error.Contains("(alert-unknown)", StringComparison.Ordinal)).ShouldBe((4, true));
    }

    [Theory]
    [InlineData("state=late", "filter-invalid", "state=late is no state of an alert.")]
    [InlineData("kind=late", "filter-invalid", "kind=late is no kind of alert.")]
    [InlineData("limit=0", "filter-invalid", "limit is a number from 1 to 200.")]
    [InlineData("all=true", "filter-invalid", "\"all\" is not a filter.")]
    [InlineData("cursor=7", "cursor-invalid", "The cursor was not given out")]
    public async Task A_filter_that_is_broken_is_told(string query, string code, string detail)
    {
        var problem = await (await _host.Http.GetAsync("/v1/admin/alerts?" + query)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, code);
        problem.GetProperty("detail").GetString()!.ShouldContain(detail);
    }

    [Theory]
    [InlineData("alt_1", """{"note":"x"}""", HttpStatusCode.NotFound, "alert-unknown")]
    [InlineData("alt_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", "", HttpStatusCode.NotFound, "alert-unknown")]
    [InlineData("ID", """{"reason":"x"}""", HttpStatusCode.BadRequest, "acknowledgement-invalid")]
    [InlineData("ID", """{"note":7}""", HttpStatusCode.BadRequest, "acknowledgement-invalid")]
    [InlineData("ID", """{"note":" "}""", HttpStatusCode.BadRequest, "acknowledgement-invalid")]
    [InlineData("ID", "[]", HttpStatusCode.BadRequest, "acknowledgement-invalid")]
    [InlineData("ID", "{", HttpStatusCode.BadRequest, "json-malformed")]
    public async Task An_acknowledgement_that_cannot_be_taken_is_told(string id, string body, HttpStatusCode status, string code)
    {
        if (id == "ID") id = (await GetAsync("")).GetProperty("alerts")[0].GetProperty("id").GetString()!;
        using var content = body == "" ? null : Content(System.Text.Encoding.UTF8.GetBytes(body), "application/json");
        await (await _host.Http.PostAsync($"/v1/admin/alerts/{id}/acknowledge", content)).ShouldBeProblemAsync(status, code);
        (await GetAsync("?state=acknowledged")).GetProperty("alerts").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task One_that_is_over_cannot_be_acknowledged()
    {
        var id = (await GetAsync("")).GetProperty("alerts")[0].GetProperty("id").GetString()!;
        await _host.Engine.Database.WriteAsync(new Headway.Tests.Jobs.Change("UPDATE alerts SET state = 2, ended = 1"));
        await (await _host.Http.PostAsync($"/v1/admin/alerts/{id}/acknowledge", null)).ShouldBeProblemAsync(HttpStatusCode.Conflict, "alert-over");
        (await GetAsync("?state=all")).GetProperty("alerts").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task They_are_for_operators_and_admins_of_all_tenants()
    {
        await using var keyed = await KeyedHost.StartAsync();
        await RaiseAsync(keyed.Host, GapKinds.Misplaced);
        var operators = await keyed.ClientAsync("operator", more: ""","allTenants":true""");
        foreach (var client in new[] { keyed.Admin, operators })
        {
            var list = await (await client.GetAsync("/v1/admin/alerts")).JsonAsync();
            var id = list.GetProperty("alerts")[0].GetProperty("id").GetString()!;
            using var acknowledged = await client.PostJsonAsync($"/v1/admin/alerts/{id}/acknowledge", "{}");
            (await acknowledged.JsonAsync()).GetProperty("acknowledgedBy").GetString()!.ShouldStartWith("hw_");
        }

        foreach (var role in new[] { "caller", "approver", "auditor", "worker" })
            await (await (await keyed.ClientAsync(role)).GetAsync("/v1/admin/alerts")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "role-missing");
        await (await (await keyed.ClientAsync("operator")).GetAsync("/v1/admin/alerts")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "tenant-forbidden");
        await (await (await keyed.ClientAsync("operator", more: ""","allTenants":true,"features":["echo"]""")).GetAsync("/v1/admin/alerts")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "feature-forbidden");
        await (await keyed.With(null).GetAsync("/v1/admin/alerts")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "key-missing");
    }
}
