using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Headway.AspNetCore.Tests.Cli;
using Headway.Client;

namespace Headway.AspNetCore.Tests.Audit;

/// <summary>What an auditor types against a real server, and what its files are worth without one.</summary>
public sealed class AuditCommandsTests : IAsyncLifetime
{
    private const string Features = """
        server: { audit: { checkpoints: outside/checkpoints.jsonl } }
        models: { practice: { provider: rehearsal, firstToken: { p50: 1ms, p99: 2ms }, tokensPerSecond: 2000, allowedData: [public, internal, personal, phi] } }
        features:
          summary: { contract: { mode: async, caller: leaves, deliverWithin: 5m, data: phi }, handler: { prompt: summary.hbs, models: [practice] } }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("headway-auditor-").FullName;
    private HeadwayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(Features, beside: ("summary.hbs", "Summarise: {{text}}"));

    [Fact]
    public async Task Who_has_seen_what_of_a_subject_is_told_with_its_events()
    {
        var job = await DeliveredAsync("encounter/8812");
        await DeliveredAsync("encounter/9");

        var found = await RunAsync("audit", "search", "--subject", "encounter/8812");

        found.Code.ShouldBe(0, found.Error);
        found.Lines[0].ShouldBe("WHO\tKIND\tACTION\tFEATURE\tCOUNT\tFIRST\tLAST");
        found.Lines.ShouldContain(line => line.StartsWith("model practice\trecipient\tdisclosed\tsummary\t1\t", StringComparison.Ordinal) || line.Contains("\trecipient\tdisclosed\tsummary\t1\t", StringComparison.Ordinal));
        found.Lines.ShouldContain(line => line.StartsWith("local\tactor\tdelivered\tsummary\t1\t", StringComparison.Ordinal));
        found.Lines.Count(line => line.EndsWith($"\tsummary\t{job}", StringComparison.Ordinal)).ShouldBe(5);
        found.Out.ShouldNotContain("8812");
        var json = JsonElement.Parse((await RunAsync("audit", "search", "--subject", "encounter/8812", "--action", "delivered", "--json")).Out);
        json.GetProperty("disclosures").GetArrayLength().ShouldBe(2);
        json.GetProperty("events")[0].GetProperty("job").GetString().ShouldBe(job);
    }

    [Fact]
    public async Task Filters_narrow_pages_follow_and_what_is_no_filter_is_refused()
    {
        var job = await DeliveredAsync("encounter/1");
        await DeliveredAsync("encounter/2");
        var client = new HeadwayClient(_host.Http);

        (await client.SearchAuditAsync(new AuditQuery { Job = job, PageSize = 2 }).ToListAsync()).Select(one => one.Action).ShouldBe(["delivered", "completed", "disclosed", "started", "submitted"]);
        (await client.SearchAuditAsync(new AuditQuery { Feature = "summary", Action = "submitted" }).ToListAsync()).Count.ShouldBe(2);
        (await client.SearchAuditAsync(new AuditQuery { Until = DateTimeOffset.UnixEpoch }).ToListAsync()).ShouldBeEmpty();
        (await RefusedAsync("/v1/admin/audit?who=me")).ShouldBe("filter-invalid");
        (await RefusedAsync("/v1/admin/audit?since=yesterday")).ShouldBe("filter-invalid");
        (await RefusedAsync("/v1/admin/audit?job=8")).ShouldBe("filter-invalid");
        (await RefusedAsync("/v1/admin/audit?cursor=AAAA")).ShouldBe("cursor-invalid");
        (await RefusedAsync("/v1/admin/audit/disclosures")).ShouldBe("filter-invalid");
        (await RefusedAsync("/v1/admin/audit/export?until=2000-01-01T00:00:00Z")).ShouldBe("audit-empty");
    }

    [Fact]
    public async Task What_was_exported_and_shipped_is_checked_without_the_server()
    {
        await DeliveredAsync("encounter/8812");
        var (export, key, checkpoints) = (In("audit.jsonl"), In("audit.pem"), Path.Combine(Path.GetDirectoryName(_host.File)!, "outside", "checkpoints.jsonl"));
        await File.WriteAllTextAsync(key, (await RunAsync("audit", "key")).Out);
        (await RunAsync("audit", "export", "--out", export)).Code.ShouldBe(0);
        (await RunAsync("audit", "export", "--out", export)).Code.ShouldBe(2);

        var verified = await RunAsync("audit", "verify", "--checkpoints", checkpoints, "--public-key", key);
        verified.Code.ShouldBe(0, verified.Out + verified.Error);
        verified.Lines[^1].ShouldStartWith("proved up to link ");
        await _host.StopAsync();
        var offline = await CommandLine.RunAsync(["audit", "verify", "--file", export, "--public-key", key, "--checkpoints", checkpoints]);
        offline.Code.ShouldBe(0, offline.Out + offline.Error);

        await File.WriteAllTextAsync(export, (await File.ReadAllTextAsync(export)).Replace("\"action\":\"delivered\"", "\"action\":\"erased\"", StringComparison.Ordinal));
        var changed = await CommandLine.RunAsync(["audit", "verify", "--file", export, "--public-key", key]);
        changed.Code.ShouldBe(1);
        changed.Out.ShouldContain("event-changed: ");
        changed.Lines.ShouldContain("NOT PROVED");
    }

    [Fact]
    public async Task A_tampered_row_is_named_and_the_command_fails()
    {
        await DeliveredAsync("encounter/8812");
        (await RunAsync("audit", "export", "--out", In("before.jsonl"))).Code.ShouldBe(0);
        await _host.Engine.Database.WriteAsync(new Headway.Tests.Jobs.Change(Headway.Tests.Storage.TestDatabase.IsPostgres
            ? "ALTER TABLE audit_events DISABLE TRIGGER USER; UPDATE audit_events SET actor = 'nobody' WHERE action = 'delivered'; ALTER TABLE audit_events ENABLE TRIGGER USER"
            : "DROP TRIGGER audit_events_stay; UPDATE audit_events SET actor = 'nobody' WHERE action = 'delivered'"));

        var verified = await RunAsync("audit", "verify", "--json");

        verified.Code.ShouldBe(1);
        var proof = JsonElement.Parse(verified.Out);
        proof.GetProperty("holds").GetBoolean().ShouldBeFalse();
        proof.GetProperty("findings")[0].GetProperty("code").GetString().ShouldBe("event-changed");
        proof.GetProperty("findings")[0].GetProperty("event").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Files_that_are_not_what_they_should_be_are_refused_by_name()
    {
        await File.WriteAllTextAsync(In("empty.pem"), "no key");
        (await RunAsync("audit", "verify", "--public-key", In("nowhere.pem"))).Code.ShouldBe(2);
        (await RunAsync("audit", "verify", "--public-key", In("empty.pem"))).Error.ShouldStartWith("The public key cannot be read");
        (await RunAsync("audit", "verify", "--checkpoints", In("empty.pem"))).Out.ShouldContain("The file holds no checkpoint.");
        using var broken = await _host.Http.PostAsync("/v1/admin/audit/verify", new StringContent("{}"));
        (broken.StatusCode, (await broken.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()).ShouldBe((HttpStatusCode.BadRequest, "checkpoints-invalid"));
    }

    private async Task<string> DeliveredAsync(string subject)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/features/summary") { Content = JsonContent.Create(new { text = "words" }) };
        request.Headers.Add("Headway-Subject", subject);
        using var accepted = await _host.Http.SendAsync(request);
        var job = (await accepted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        var client = new HeadwayClient(_host.Http);
        (await client.WaitJobAsync(job, TimeSpan.FromSeconds(30))).IsFinished.ShouldBeTrue();
        await client.ResultAsync(job);
        return job;
    }

    private async Task<string> RefusedAsync(string path)
    {
        using var answer = await _host.Http.GetAsync(path);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;
    }

    private Task<CommandLine> RunAsync(params string[] words) => CommandLine.RunAsync([.. words, "--server", _host.Http.BaseAddress!.ToString()]);

    private string In(string name) => Path.Combine(_folder, name);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
