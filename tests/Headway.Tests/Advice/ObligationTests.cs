using Headway.Advice;
using Headway.Features;
using Headway.Tests.Features;

namespace Headway.Tests.Advice;

/// <summary>What each mode owes. The sign § stands where the finding must point.</summary>
public sealed class ObligationTests : IDisposable
{
    private const string Models = "models: { fast: { provider: rehearsal, allowedData: [phi] }, open: { provider: rehearsal }, far: { provider: openai, model: x, baseUrl: http://models.example/v1, allowedData: [phi] } }\n";
    private const string Async = "mode: async, caller: leaves, deliverWithin: 1m";

    private readonly FileFolder _folder = new FileFolder().With("p.hbs", "Say {{input}}").With("s.json", "{}");

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> Unmet => new()
    {
        { "error sync-timeout", "features: { a: { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, timeout: §3001ms } }", "at most 3s" },
        { "warning sync-wait-missing", "features: { a: { contract: { mode: §sync, caller: waits }, handler: code } }", "add `audience` or `acceptableWait`" },
        { "warning sync-fallback", Models + "features: { a: { contract: { mode: sync, caller: waits, audience: consumer }, handler: { prompt: p.hbs, models: §[open] } } }", "say `fallback: none`" },
        { "warning sync-service", "features: { a: { contract: { mode: sync, caller: waits, audience: consumer, consumer: §service }, handler: code } }", "hard to take back" },
        { "warning bursty-sync", "features: { a: { contract: { mode: sync, caller: waits, audience: consumer, traffic: §bursty }, handler: code } }", "hybrid absorbs bursts" },
        { "warning stream-limits", Models + "features: { a: { contract: { mode: stream }, handler: { prompt: p.hbs, models: [open] }, timeout: §20s } }", "firstToken limit 30 s of the model open" },
        { "warning failover-room", Models.Replace("open: { provider: rehearsal }", "open: { provider: rehearsal, timeouts: { firstToken: 2s } }", StringComparison.Ordinal) + "features: { a: { contract: { mode: sync, caller: waits, audience: consumer }, handler: { prompt: p.hbs, models: [open, fast] }, timeout: §3s } }", "given up after 1.5 s" },
        { "error stream-structured", "features: { a: { contract: { mode: stream, output: §structured }, handler: code } }", "use sync or hybrid" },
        { "error stream-structured", Models + "features: { a: { contract: { mode: stream }, handler: { prompt: p.hbs, models: [open], output: §s.json } } }", "cannot be shown before" },
        { "error retry-missing", "features: { a: { contract: { " + Async + " }, handler: code, retry: { attempts: §1 } } }", "owes at least 2" },
        { "error deliver-within-missing", "features: { a: { contract: { mode: §hybrid, caller: waits }, handler: code } }", "owes `deliverWithin`" },
        { "error webhook-secret", "endpoints: { §app: { webhook: https://a.example } }\nfeatures: { a: { contract: { " + Async + " }, handler: code, delivery: [ endpoint: app ] } }", "needs a `secret`" },
        { "error batch-window", "features: { a: { contract: { mode: §batch, input: dataset }, handler: code } }", "no batch of the file" },
        { "error batch-window", "features: { a: { contract: { mode: batch, input: dataset }, handler: code } }\nbatches: { §b: { feature: a, source: { jsonl: i }, sink: { jsonl: o }, freshFor: 1d } }", "add `schedule` or `window`" },
        { "error batch-freshness", "features: { a: { contract: { mode: batch, input: dataset }, handler: code } }\nbatches: { §b: { feature: a, source: { jsonl: i }, sink: { jsonl: o }, window: 01:00-02:00 } }", "add `freshFor`" },
        { "error data-model", Models + "features: { a: { contract: { " + Async + ", data: phi }, handler: { prompt: p.hbs, models: §[fast, open] }, retention: 1d } }", "the model open may not see phi data, only public, internal" },
        { "error data-model", "models: { §m: { provider: rehearsal, expose: true, allowedData: [public] } }", "the model m may not see internal data, only public" },
        { "error data-http", "features: { a: { contract: { " + Async + ", data: phi }, handler: §{ http: http://127.0.0.1:1/x }, retention: 1d } }", "the service http://127.0.0.1:1/x may not see phi data" },
        { "error data-worker", "features: { a: { contract: { " + Async + ", data: phi }, handler: §worker, retention: 1d } }", "a worker may not see phi data" },
        { "error data-worker", "features: { a: { contract: { " + Async + ", data: phi }, handler: §{ worker: pull, allowedData: [public] }, retention: 1d } }", "a worker may not see phi data, only public" },
        { "warning data-endpoint", "endpoints: { app: { webhook: https://a.example, secret: s } }\nfeatures: { a: { contract: { " + Async + ", data: personal }, handler: code, retention: 1d, delivery: §[ endpoint: app ] } }", "the endpoint app may not see personal data" },
        { "error data-sink", "features: { a: { contract: { " + Async + ", data: §phi }, handler: code, retention: 1d } }\nsources: { s: { rabbitmq: amqp://x, queue: q, feature: a, sink: { webhook: https://a.example } } }", "the sink of s (line 2)" },
        { "error data-feature", "features: { a: { contract: { " + Async + ", data: phi }, handler: §{ steps: [ x: { feature: b } ] }, retention: 1d }, b: { contract: { " + Async + " }, handler: code } }", "its phi data would become internal in b@1" },
        { "error data-https", Models + "features: { a: { contract: { " + Async + ", data: phi }, handler: §{ prompt: p.hbs, models: [fast, far] }, retention: 1d } }", "the model far would get phi data in the clear over http://models.example" },
        { "error data-https", Models + "toolServers: { ehr: { mcp: http://far.example/mcp, allowedData: [phi] } }\nfeatures: { a: { contract: { " + Async + ", data: phi }, handler: §{ prompt: p.hbs, models: [fast], tools: [ehr] }, retention: 1d } }", "the tool server ehr would get phi data in the clear over http://far.example" },
        { "error data-tls-database", "server: { database: postgres://db.example/x }\nfeatures: { a: { contract: { " + Async + ", data: §phi }, handler: code, retention: 1d } }", "without TLS" },
        { "error data-key", "server: { listen: http://0.0.0.0:8080 }\nfeatures: { a: { contract: { " + Async + ", data: §phi }, handler: code, retention: 1d } }", "needs server.masterKey" },
        { "error data-retention", "features: { a: { contract: { " + Async + ", data: §personal }, handler: code } }", "set `retention` here or under `defaults`" },
    };

    public static TheoryData<string> Met =>
    [
        "features: { a: { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, timeout: 3s } }",
        Models + "features: { a: { contract: { mode: sync, caller: waits, audience: consumer }, handler: { prompt: p.hbs, models: [open, fast] } } }",
        Models + "features: { a: { contract: { mode: sync, caller: waits, audience: consumer }, handler: { prompt: p.hbs, models: [open] }, fallback: none } }",
        Models + "features: { a: { contract: { mode: stream, caller: converses, output: prose, data: phi }, handler: { prompt: p.hbs, models: [fast] }, retention: 1d } }",
        Models + "features: { a: { contract: { mode: stream, caller: converses, output: prose }, handler: { prompt: p.hbs, models: [open], output: s.json, stream: hold } } }",
        Models + "toolServers: { ehr: { mcp: https://far.example/mcp, allowedData: [phi] } }\nfeatures: { a: { contract: { " + Async + ", data: phi }, handler: { prompt: p.hbs, models: [fast], tools: [ehr/lookup] }, retention: 1d } }",
        "features: { a: { contract: { " + Async + ", data: phi }, handler: { http: http://127.0.0.1:1/x, allowedData: [phi] }, retention: 1d } }",
        "features: { a: { contract: { " + Async + ", data: phi }, handler: { http: https://far.example/x, allowedData: [phi] }, retention: 1d } }",
        "server: { listen: http://localhost:8080, database: postgres://db.example/x?sslmode=verify-full }\nfeatures: { a: { contract: { " + Async + ", data: phi }, handler: code, retention: 1d } }",
        "endpoints: { app: { webhook: https://a.example, secret: s, allowedData: [phi] } }\nfeatures: { a: { contract: { " + Async + ", data: phi }, handler: code, retention: 1d, delivery: [ endpoint: app ] } }",
        "features: { a: { contract: { mode: batch, input: dataset }, handler: code } }\nbatches: { b: { feature: a, source: { jsonl: i }, sink: { jsonl: o }, window: 22:00-02:00, freshFor: 1d } }",
    ];

    [Theory]
    [MemberData(nameof(Unmet))]
    public void What_is_owed_and_missing_is_found_at_its_place(string finding, string marked, string says)
    {
        var at = marked.IndexOf('§', StringComparison.Ordinal);
        var before = marked[..at].Split('\n');

        var report = Run(marked.Remove(at, 1));

        var found = report.Findings.Where(found => $"{Words.Of(found.Severity)} {found.Code}" == finding).ShouldHaveSingleItem();
        found.Message.ShouldContain(says);
        (found.Line, found.Column).ShouldBe((before.Length, before[^1].Length + 1));
        report.Findings.ShouldAllBe(other => other == found || other.Code == "not-served");
    }

    [Theory]
    [MemberData(nameof(Met))]
    public void What_is_owed_and_declared_is_found_by_nobody(string file) =>
        Run(file).Findings.Where(finding => finding.Code != "not-served").ShouldBeEmpty();

    [Fact]
    public void Every_code_an_obligation_names_is_tried_here() =>
        Unmet.Select(row => row.Data.Item1.Split(' ')[1]).Distinct().Order().ShouldBe(Check.Obligations.SelectMany(obligation => obligation.Codes).Order());

    [Fact]
    public void A_master_key_in_the_environment_is_as_good_as_one_in_the_file()
    {
        _folder.Environment["HEADWAY_MASTER_KEY"] = Convert.ToBase64String(new byte[32]);

        Run("server: { listen: http://0.0.0.0:8080 }\nfeatures: { a: { contract: { " + Async + ", data: phi }, handler: code, retention: 1d } }").Findings.ShouldBeEmpty();
    }

    private CheckReport Run(string yaml) => Check.Run(_folder.With("headway.yaml", yaml).File, _folder.Environment.GetValueOrDefault);
}
