using Headway.Features;

namespace Headway.Tests.Features;

/// <summary>Each kind of mistake in a feature file. The sign § stands where the finding must point; it is not part of the file.</summary>
public sealed class MistakeTests : IDisposable
{
    private const string Fine = "contract: { mode: async, deliverWithin: 1m }, handler: code";
    private const string Fast = "models: { fast: { provider: rehearsal } }\n";

    private readonly FileFolder _folder = new FileFolder().With("p.hbs", "Say {{input}}").With("s.json", "{}").With("broken.json", "{\n  \"a\": }")
        .With("const.json", """{ "type": "object", "properties": { "a": { "const": 1 } } }""").With("remote.json", """{ "$ref": "https://example.com/s.json" }""")
        .With("cited.json", """{ "type": "object", "properties": { "findings": { "type": "array", "items": { "type": "object", "properties": { "quote": { "type": "string" }, "score": { "type": "integer" } } } } } }""")
        .With("open.hbs", "Say {{#if input}} and never end");

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> OfYaml => new()
    {
        { "file-empty", "§", "the file is empty" },
        { "file-empty", "§# only words\n", "the file is empty" },
        { "file-empty", "§~", "the file holds nothing" },
        { "yaml-syntax", "features: { a:§ ", "not valid YAML" },
        { "yaml-syntax", "features:\n  a: §\"unended\n", "not valid YAML" },
        { "yaml-syntax", "features: { a: §: b }\n", "not valid YAML" },
        { "yaml-tab", "features:\n§\ta: 1\n", "a tab indents this line" },
        { "yaml-documents", "features: {}\n§---\nfeatures: {}\n", "one document" },
        { "yaml-alias", "features: §*nowhere\n", "names no anchor" },
        { "yaml-tag", "features: §!!set {}\n", "has no meaning here" },
        { "yaml-key", "? §[a]\n: 1\n", "a key must be a plain word" },
        { "yaml-depth", "features: " + new string('[', 32) + "§" + new string('[', 20) + new string(']', 52), "nested deeper than 32" },
        { "value-type", "§- features\n", "the file is a list; expected a mapping" },
        { "value-type", "§features\n", "the file is 'features'" },
    };

    public static TheoryData<string, string, string> OfKeys => new()
    {
        { "key-unknown", "§featurs: {}\n", "did you mean 'features'?" },
        { "key-unknown", "features:\n  a: { §timeot: 3s, " + Fine + " }\n", "features.a has no key 'timeot': did you mean 'timeout'?" },
        { "key-unknown", "features: { a: { contract: { mode: async, deliverWithin: 1m, §acceptablWait: 2s }, handler: code } }", "did you mean 'acceptableWait'?" },
        { "key-unknown", "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { §promt: p.hbs } } }", "did you mean 'prompt'?" },
        { "key-unknown", "features: { a: { " + Fine + ", §zzz: 1 } }", "features.a has no key 'zzz': known: summary" },
        { "key-duplicate", "features:\n  a: { " + Fine + " }\n  §a: { " + Fine + " }\n", "first on line 2" },
        { "key-duplicate", "models: { m: { provider: rehearsal, §provider: rehearsal } }", "has 'provider' twice" },
        { "key-missing", "models: { m: §{ price: { input: 1, output: 1 } } }", "models.m needs the key 'provider'" },
        { "key-missing", "models: { §m: { provider: openai } }", "needs the key 'model'" },
        { "key-missing", "models: { m: { provider: rehearsal, price: §{ input: 1 } } }", "needs the key 'output'" },
        { "key-missing", "features: { §a: { handler: code } }", "features.a needs the key 'contract'" },
        { "key-missing", "features: { §a: { contract: { mode: async, deliverWithin: 1m } } }", "features.a needs the key 'handler'" },
        { "key-missing", "features: { a: { contract: §{ caller: waits }, handler: code } }", "needs the key 'mode'" },
        { "key-missing", "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: §{ } } }", "expected a handler: prompt, http, worker, steps, or the word code or worker" },
        { "key-not-for-provider", "models: { m: { provider: rehearsal, §apiKey: x } }", "means nothing to the provider rehearsal" },
        { "key-not-for-provider", "models: { m: { provider: openai, model: x, §seed: 3 } }", "means nothing to the provider openai" },
        { "key-not-for-provider", "models: { m: { provider: openai, model: x, §apiVersion: 2024-10-21 } }", "means nothing to the provider openai" },
        { "key-not-for-provider", "models: { m: { provider: anthropic, model: x, §kind: embedding } }", "means nothing to the provider anthropic" },
        { "key-not-for-provider", "models: { m: { provider: azure, model: x, baseUrl: https://a.example, §seed: 3 } }", "means nothing to the provider azure" },
        { "key-missing", "models: { §m: { provider: azure, model: x } }", "needs the key 'baseUrl': the address of the Azure resource" },
        { "key-missing", "models: { §m: { provider: azure, baseUrl: https://a.example } }", "which is that of the deployment" },
        { "name-invalid", "features: { §Intake_Triage: { " + Fine + " } }", "lowercase words joined by hyphens" },
        { "name-invalid", "models: { §-m: { provider: rehearsal } }", "is not a good name" },
        { "name-invalid", "features: { a: { versions: { §v1: { " + Fine + " } } } }", "a whole number from 1" },
        { "name-shared", Fast + "features:\n  §fast: { " + Fine + " }\n", "also the name of the model on line 1" },
    };

    public static TheoryData<string, string, string> OfValues => new()
    {
        { "value-type", "features: { a: { contract: §async, handler: code } }", "expected a mapping with mode" },
        { "value-type", "features: { a: { " + Fine + ", pool: §} }", "features.a.pool is nothing" },
        { "value-type", "features: { a: { " + Fine + ", timeout: §[3s] } }", "is a list; expected a duration" },
        { "value-type", Fast + "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: §fast } } }", "expected a list of the name of a model" },
        { "value-unknown", "features: { a: { contract: { mode: §asink, deliverWithin: 1m }, handler: code } }", "did you mean 'async'?" },
        { "value-unknown", "features: { a: { contract: { mode: async, deliverWithin: 1m, consumer: §ownui }, handler: code } }", "did you mean 'own-ui'?" },
        { "value-unknown", "models: { m: { provider: §opanai } }", "did you mean 'openai'?" },
        { "value-unknown", "models: { m: { provider: rehearsal, allowedData: [public, §fhi] } }", "models.m.allowedData[1] cannot be 'fhi': did you mean 'phi'?" },
        { "value-unknown", "features: { a: { " + Fine + ", fallback: §some } }", "Expected 'none'" },
        { "value-invalid", "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: §cod } }", "expected a handler" },
        { "value-invalid", "features: { a: { " + Fine + ", timeout: §3 } }", "is '3'; expected a duration such as 300ms" },
        { "value-invalid", "features: { a: { " + Fine + ", timeout: §3sec } }", "expected a duration" },
        { "value-invalid", "features: { a: { " + Fine + ", timeout: §0s } }", "expected a duration" },
        { "value-invalid", "features: { a: { " + Fine + ", timeout: §-3s } }", "expected a duration" },
        { "value-invalid", "features: { a: { " + Fine + ", timeout: §101y } }", "expected a duration" },
        { "value-invalid", "defaults: { timeout: §50d }\nfeatures: { a: { " + Fine + " } }", "longer than a timer runs; write at most 7w (49 days)" },
        { "value-invalid", "features: { a: { " + Fine + ", timeout: §8w } }", "features.a.timeout is '8w': longer than a timer runs; write at most 7w (49 days)" },
        { "value-invalid", "features: { a: { contract: { mode: hybrid, deliverWithin: 1m, wait: §60d }, handler: code } }", "features.a.contract.wait is '60d': longer" },
        { "value-invalid", "features: { a: { contract: { mode: hybrid, deliverWithin: 1m, acceptableWait: §60d }, handler: code } }", "longer than a timer runs" },
        { "value-invalid", "features: { a: { contract: { mode: stream, resumeFor: §1y }, handler: code } }", "longer than a timer runs" },
        { "value-invalid", "features: { a: { " + Fine + ", retry: { backoff: §1s..60d } } }", "longer than a timer runs" },
        { "value-invalid", "models: { m: { provider: openai, model: x, timeouts: { total: §1200h } } }", "models.m.timeouts.total is '1200h': longer" },
        { "value-invalid", "models: { m: { provider: openai, model: x, timeouts: { connect: §4233600001ms } } }", "longer than a timer runs" },
        { "value-invalid", "models: { m: { provider: rehearsal, firstToken: { p99: §50d } } }", "longer than a timer runs" },
        { "value-invalid", "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { http: http://127.0.0.1:1/, group: { upTo: 8, within: §70561m } } } }", "longer than a timer runs" },
        { "value-invalid", "features: { a: { contract: { mode: async, deliverWithin: §101y }, handler: code } }", "at most 100y" },
        { "value-invalid", "features: { a: { " + Fine + ", retry: { backoff: §5m..1s } } }", "expected a range of durations" },
        { "value-invalid", "features: { a: { " + Fine + ", retention: §forever } }", "one duration for all but dead letters" },
        { "value-invalid", "features: { a: { " + Fine + ", retention: { dead: §never } } }", "or keep" },
        { "value-invalid", "models: { m: { provider: rehearsal, failures: { empty: §0.1 } } }", "a percentage such as 1%" },
        { "value-invalid", "models: { m: { provider: rehearsal, failures: { empty: §101% } } }", "a percentage such as 1%" },
        { "value-invalid", "models: { m: { provider: rehearsal, failures: §{ empty: 60%, timeout: 60% } } }", "more than 100%" },
        { "value-invalid", "models: { m: { provider: rehearsal, firstToken: §{ p50: 3s, p99: 2s } } }", "firstToken.p50 is longer than p99" },
        { "value-invalid", "models: { m: { provider: openai, model: x, baseUrl: §example.com/v1 } }", "absolute http or https URL" },
        { "value-invalid", "models: { m: { provider: openai, model: x, baseUrl: §ftp://example.com } }", "absolute http or https URL" },
        { "value-invalid", "models: { m: { provider: openai, model: x, baseUrl: §https://me:pw@example.com } }", "without user name or password" },
        { "value-invalid", "server: { listen: §http://127.0.0.1:80/path }", "an address such as" },
        { "value-invalid", "server: { database: §mysql://x }", "sqlite:FILE or postgres://" },
        { "value-invalid", "server: { masterKey: §c2hvcnQ= }", "32 bytes in base64" },
        { "value-invalid", "features: { a: { " + Fine + ", pool: { concurrency: §0 } } }", "a whole number from 1 to 10000" },
        { "value-invalid", "features: { a: { " + Fine + ", pool: { concurrency: §1.5 } } }", "a whole number" },
        { "value-invalid", "features: { a: { " + Fine + ", pool: { cluster: §0 } } }", "a whole number from 1 to 1000000" },
        { "value-invalid", "tenants: { t: { weight: §0 } }\nfeatures: { a: { " + Fine + " } }", "a whole number from 1 to 1000" },
        { "value-invalid", "tenants: { t: { weight: §half } }\nfeatures: { a: { " + Fine + " } }", "a whole number from 1 to 1000" },
        { "value-invalid", "tenants: { t: { limits: { running: §0 } } }\nfeatures: { a: { " + Fine + " } }", "a whole number from 1" },
        { "value-invalid", "tenants: { t: { limits: { queued: §-1 } } }\nfeatures: { a: { " + Fine + " } }", "a whole number from 1" },
        { "key-not-for-mode", "features: { a: { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, fallback: none, pool: { cluster: §4 } } }", "'cluster' counts queued jobs" },
        { "value-invalid", "features: { a: { " + Fine + ", pool: { concurrency: §\"16\" } } }", "a whole number" },
        { "value-invalid", "features: { a: { contract: { mode: async, deliverWithin: 1m, approval: §yes }, handler: code } }", "expected true or false" },
        { "value-invalid", "features: { a: { " + Fine + ", sunset: §2027-13-01 } }", "a date such as" },
        { "value-invalid", "features: { a: { " + Fine + ", deprecated: 2027-02-01, sunset: §2027-01-01 } }", "lies before the deprecation" },
        { "value-invalid", "features: { a: { " + Fine + ", maxInput: §10MB } }", "a size such as 512KiB" },
        { "value-invalid", "features: { a: { " + Fine + ", delivery: §[] } }", "is empty" },
        { "value-invalid", "features: { a: { versions: §{} } }", "declare version 1" },
        { "value-invalid", "features: { a: { contract: { mode: async, deliverWithin: 1m, expect: { p95: §3s, p99: 2s } }, handler: code } }", "expect.p95 is longer" },
        { "value-invalid", "batches: { b: { feature: x, source: { jsonl: a }, sink: { jsonl: b }, window: §1-5 } }\nfeatures: { x: { " + Fine + " } }", "a window of the day" },
        { "value-invalid", "batches: { b: { feature: x, source: { jsonl: a }, sink: { jsonl: b }, schedule: §daily } }\nfeatures: { x: { " + Fine + " } }", "a cron expression" },
        { "value-invalid", "sources: { s: { rabbitmq: §http://x, queue: q, feature: x } }\nfeatures: { x: { " + Fine + " } }", "an amqp:// or amqps:// URL" },
        { "value-invalid", "models: { m: { provider: azure, model: x, baseUrl: https://a.example, apiVersion: §v1 } }", "a version such as 2024-10-21" },
        { "value-invalid", "models: { m: { provider: openai, model: x, headers: { X-A: §\"a\\nX-B: c\" } } }", "no header can hold" },
        { "value-unknown", "models: { m: { provider: openai, model: x, kind: §embeding } }", "did you mean 'embedding'?" },
        { "label-unknown", "models: { m: { provider: openai, model: x, headers: { X-A: §\"{{tenent}}\" } } }", "models.m.headers.X-A: nothing is known as {{tenent}}: did you mean 'tenant'?" },
        { "variable-missing", "features: { a: { summary: §\"${NO_SUCH}\", " + Fine + " } }", "NO_SUCH is not set or empty" },
        { "variable-missing", "features: { a: { summary: §\"${EMPTY}\", " + Fine + " } }", "EMPTY is not set or empty" },
        { "variable-malformed", "features: { a: { summary: §\"${not a name}\", " + Fine + " } }", "write ${NAME}" },
    };

    public static TheoryData<string, string, string> OfMeaning => new()
    {
        { "model-unknown", Fast + "features:\n  a: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: [§fats] } }", "there is no model 'fats': did you mean 'fast'?" },
        { "model-kind", "models: { e: { provider: rehearsal, kind: embedding } }\nfeatures: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: [§e] } } }", "makes embeddings" },
        { "model-kind", "models: { e: { provider: openai, model: x, kind: embedding } }\nfeatures: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: [§e] } } }", "makes embeddings" },
        { "endpoint-unknown", "endpoints: { app: { webhook: https://a.example, secret: s } }\nalerts: { to: [ { endpoint: §ap } ] }\nfeatures: {}", "did you mean 'app'?" },
        { "value-invalid", "alerts: { to: §[] }\nfeatures: {}", "alerts.to is empty; it needs at least 1 of: a receiver: webhook or endpoint" },
        { "key-unknown", "endpoints: { app: { webhook: https://a.example, secret: s } }\nalerts: { to: [ { webhook: https://a.example/, §endpoint: app } ] }\nfeatures: {}", "alerts.to[0] has no key 'endpoint': known: webhook, secret" },
        { "key-missing", "alerts: { to: [ §{ } ] }\nfeatures: {}", "alerts.to[0] does not say what it is; expected a receiver: webhook or endpoint" },
        { "value-duplicate", "alerts: { to: [ { webhook: https://a.example/x }, §{ webhook: https://a.example/x } ] }\nfeatures: {}", "names the same receiver twice" },
        { "value-invalid", "alerts: { to: [ { webhook: §ftp://token@a.example } ] }\nfeatures: {}", "alerts.to[0].webhook is not right (its value is not shown)" },
        { "value-invalid", "alerts: { to: [ { webhook: https://a.example/x, secret: [ §whsec_short ] } ] }\nfeatures: {}", "alerts.to[0].secret[0] is not right (its value is not shown)" },
        { "value-invalid", "alerts: { webhookFailures: §0% }\nfeatures: {}", "alerts.webhookFailures is '0%'; expected a percentage above 0% and up to 100%" },
        { "value-invalid", "alerts: { webhookFailures: §101% }\nfeatures: {}", "expected a percentage above 0% and up to 100%" },
        { "value-invalid", "alerts: { deadLetters: §0 }\nfeatures: {}", "expected a whole number from 1 to 100000" },
        { "value-invalid", "alerts: { queueAge: §soon }\nfeatures: {}", "expected a duration such as" },
        { "endpoint-unknown", "endpoints: { app: { webhook: https://a.example, secret: s } }\nfeatures: { a: { " + Fine + ", delivery: [ endpoint: §ap ] } }", "did you mean 'app'?" },
        { "feature-unknown", "batches: { b: { feature: §nothing, source: { jsonl: a }, sink: { jsonl: b } } }", "there is no feature 'nothing'" },
        { "feature-unknown", "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { steps: [ call: { feature: §b } ] } } }", "there is no feature 'b'" },
        { "file-missing", Fast + "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: §q.hbs, models: [fast] } } }", "there is no prompt template q.hbs" },
        { "file-missing", "features: { a: { " + Fine + ", input: §no/such.json } }", "there is no schema no/such.json" },
        { "schema-invalid", "features: { a: { " + Fine + ", input: §broken.json } }", "the schema broken.json: $ is not JSON" },
        { "schema-invalid", "features: { a: { " + Fine + ", input: §const.json } }", "the schema const.json: $.properties.a" },
        { "schema-invalid", Fast + "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: [fast], output: §remote.json } } }", "the schema remote.json: $" },
        { "template-invalid", Fast + "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: §open.hbs, models: [fast] } } }", "the prompt template open.hbs: " },
        { "route-built-in", "features: { a: { " + Fine + ", route: §/v1/jobs/mine } }", "would shadow the built-in /v1/jobs" },
        { "route-built-in", "features: { a: { " + Fine + ", route: §/metrics } }", "would shadow the built-in /metrics" },
        { "route-taken", "features:\n  a: { " + Fine + ", route: /v1/x }\n  b: { " + Fine + ", route: §/v1/x }\n", "is that of a@1 already" },
        { "value-invalid", "features: { a: { " + Fine + ", route: §v1/x } }", "a path such as /v1/generate" },
        { "key-not-for-mode", "features: { a: { contract: { mode: sync, wait: §2s }, handler: code } }", "'wait' belongs to hybrid" },
        { "key-not-for-mode", "features: { a: { contract: { mode: sync, resumeFor: §2s }, handler: code } }", "'resumeFor' belongs to stream" },
        { "key-not-for-mode", "features: { a: { contract: { mode: batch }, handler: code, cache: §{ for: 1m } } }", "'cache' has no effect on batch" },
        { "key-not-for-handler", "models: { m: { provider: rehearsal } }\ntoolServers: { t: { mcp: \"http://127.0.0.1:1/mcp\" } }\nfeatures: { a: { contract: { mode: async }, handler: { prompt: p.hbs, models: [m], tools: [t] }, cache: §{ for: 1m } } }", "its tools tell" },
        { "key-not-for-handler", "models: { m: { provider: rehearsal } }\nfeatures: { a: { contract: { mode: async }, handler: { steps: [ { s: { signal: go } } ] }, cache: §{ for: 1m } } }", "a workflow waits for people" },
        { "key-not-for-mode", "features: { a: { contract: { mode: stream }, handler: code, retry: §{ attempts: 3 } } }", "'retry' belongs to async, hybrid and batch" },
        { "key-not-for-mode", "features: { a: { contract: { mode: stream }, handler: { http: http://s/x, group: §{ upTo: 8, within: 5ms } } } }", "'group' gives each call its answer whole" },
        { "value-invalid", "features: { a: { contract: { mode: sync }, timeout: 1s, handler: { http: http://s/x, group: { upTo: 8, within: §1s } } } }", "lower group.within" },
        { "key-not-for-mode", "features: { a: { contract: { mode: sync }, handler: code, delivery: §[poll] } }", "the answer is the delivery" },
        { "worker-mode", "features: { a: { contract: { mode: §sync }, handler: worker } }", "use hybrid" },
        { "worker-mode", "features: { a: { contract: { mode: §stream }, handler: { worker: pull } } }", "use hybrid" },
        { "workflow-mode", "features: { a: { contract: { mode: §sync }, handler: { steps: [ wait: { signal: go } ] } } }", "use hybrid" },
        { "value-invalid", Fast + "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: §[fast, fast] } } }", "is named twice" },
        { "value-invalid", "features: { a: { " + Fine + ", retry: { attempts: 3, strongerFrom: §4 } } }", "beyond the 3 attempts" },
        { "value-invalid", "features: { a: { " + Fine + ", retry: { strongerFrom: §3 } } }", "a second model to go to" },
        { "value-invalid", "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { steps: [ §{ x: { signal: go }, y: { signal: go } } ] } } }", "a step is one name" },
        { "key-duplicate", "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { steps: [ x: { signal: go }, §x: { signal: go } ] } } }", "there is a step 'x' already" },
        { "citations-without-output", Fast + "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: [fast], citations: §true } } }", "name its JSON Schema under `output`" },
        { "citations-path", Fast + Cited("§$.findings.*.quot"), "the schema cited.json has no 'quot' at $.findings[*]: did you mean 'quote'?" },
        { "citations-path", Fast + Cited("[ $.findings.*.quote, §\"$.findings[*].score\" ]"), "has no text at $.findings[*].score: name a property of type string" },
        { "citations-path", Fast + Cited("§$.findings.quote"), "has no 'quote' at $.findings: there are none." },
        { "citations-path", Fast + Cited("§$.*.quote"), "has no list at $" },
        { "citations-path", Fast + Cited("§true"), "has no 'citations' at $: known: findings." },
        { "value-invalid", Fast + Cited("§findings.quote"), "expected a path such as $.findings.*.quote, a list of paths, or true" },
        { "value-invalid", Fast + Cited("§false"), "expected a path such as $.findings.*.quote, a list of paths, or true" },
        { "value-invalid", Fast + Cited("§[]"), "is empty" },
        { "value-invalid", Fast + Cited("[ §\"$.findings[0].quote\" ]"), "expected a path such as $.findings.*.quote" },
        { "key-not-for-mode", Fast + Cited("§$.findings.*.quote", "mode: stream"), "say `stream: hold`, or use sync or hybrid" },
        { "key-missing", "toolServers: { drugs: §{ allowedData: [phi] } }", "expected a tool server: mcp with its address, or command with its program" },
        { "key-unknown", "toolServers: { drugs: { §mpc: http://127.0.0.1:1/mcp } }", "did you mean 'mcp'?" },
        { "key-unknown", "toolServers: { drugs: { mcp: http://127.0.0.1:1/mcp, §command: [node] } }", "toolServers.drugs has no key 'command'" },
        { "value-invalid", "toolServers: { drugs: { mcp: §127.0.0.1:1/mcp } }", "an absolute http or https URL" },
        { "value-invalid", "toolServers: { drugs: { command: §[] } }", "is empty" },
        { "name-invalid", "toolServers: { drugs: { command: [node], environment: { §a-b: x } } }", "letters, digits and underscores" },
        { "auth-https", "server: { auth: { issuer: §http://login.example.com, audience: a } }\nfeatures: {}", "must be https" },
        { "auth-https", "server: { auth: { issuer: https://login.example.com, audience: a, jwksUrl: §http://login.example.com/keys } }\nfeatures: {}", "must be https" },
        { "auth-tenant", "server: { auth: { issuer: https://login.example.com, audience: a, tenant: one, tenantClaim: §org } }\nfeatures: {}", "keep one of them" },
        { "auth-clock-skew", "server: { auth: { issuer: https://login.example.com, audience: a, clockSkew: §1h } }\nfeatures: {}", "at most 10m" },
        { "value-unknown", "server: { auth: { issuer: https://login.example.com, audience: a, algorithms: [ §HS256 ] } }\nfeatures: {}", "RS256" },
        { "value-invalid", "server: { auth: { issuer: https://login.example.com, audience: a, tenant: §'*' } }\nfeatures: {}", "letters, digits" },
        { "key-missing", "server: { auth: §{ issuer: https://login.example.com } }\nfeatures: {}", "audience" },
        { "key-unknown", "server: { auth: { issuer: https://login.example.com, audience: a, roles: { §admins: ops } } }\nfeatures: {}", "admin" },
        { "secret-literal", "toolServers: { drugs: { mcp: http://127.0.0.1:1/mcp, headers: { Authorization: §Bearer abc } } }", "put it into the environment" },
        { "value-invalid", "toolServers: { drugs: { mcp: http://127.0.0.1:1/mcp, headers: { X-A: §\"a\\nX-B: c\" } } }", "toolServers.drugs.headers.X-A has a line break" },
        { "tool-server-unknown", Fast + Tools("tools: [§drgs]"), "there is no tool server 'drgs': did you mean 'drugs'?" },
        { "tool-server-unknown", Fast + Tools("tools: [drugs, §drgs/look/up]"), "there is no tool server 'drgs': did you mean 'drugs'?" },
        { "value-invalid", Fast + Tools("tools: §[]"), "is empty" },
        { "value-invalid", Fast + Tools("toolRounds: §4"), "name tool servers under `tools`, or remove it" },
        { "value-invalid", Fast + Tools("tools: [drugs], toolRounds: §0"), "a whole number from 1 to 64" },
        { "data-tool", Fast + Tools("tools: §[drugs]", "data: phi"), "a@1: the tool server drugs may not see phi data, only public, internal" },
        { "secret-literal", "features: { a: { contract: { mode: async, deliverWithin: 1m }, handler: { http: http://127.0.0.1:1/, headers: { Authorization: §Bearer abc } } } }", "put it into the environment" },
    };

    private static string Tools(string tools, string contract = "data: internal") =>
        $"toolServers: {{ drugs: {{ mcp: http://127.0.0.1:1/mcp }} }}\nfeatures: {{ a: {{ contract: {{ mode: async, deliverWithin: 1m, {contract} }}, handler: {{ prompt: p.hbs, models: [fast], {tools} }} }} }}";

    private static string Cited(string citations, string contract = "mode: async, deliverWithin: 1m") =>
        $"features: {{ a: {{ contract: {{ {contract} }}, handler: {{ prompt: p.hbs, models: [fast], output: cited.json, citations: {citations} }} }} }}";

    [Theory]
    [MemberData(nameof(OfYaml))]
    [MemberData(nameof(OfKeys))]
    [MemberData(nameof(OfValues))]
    [MemberData(nameof(OfMeaning))]
    public void A_mistake_is_reported_at_its_place_with_its_cure(string code, string marked, string says)
    {
        _folder.Environment["EMPTY"] = "";
        var at = marked.IndexOf('§', StringComparison.Ordinal);
        var before = marked[..at].Split('\n');

        var reading = _folder.Read(marked.Remove(at, 1));

        reading.File.ShouldBeNull();
        var found = reading.Findings.Where(finding => finding.Code == code && finding.Message.Contains(says, StringComparison.Ordinal)).ToList();
        found.ShouldNotBeEmpty(string.Join('\n', reading.Findings));
        (found[0].Line, found[0].Column, found[0].Severity, found[0].File).ShouldBe((before.Length, before[^1].Length + 1, Severity.Error, _folder.File));
    }

    [Fact]
    public void Every_mistake_is_reported_and_not_only_the_first()
    {
        var reading = _folder.Read("""
            models: { m: { provider: rehersal } }
            features:
              a: { contract: { mode: asink }, handler: code, timeot: 3 }
              B: { contract: { mode: async }, handler: { prompt: none.hbs, models: [n] } }
            """);

        reading.Findings.Select(finding => finding.Code).ShouldBe(["value-unknown", "value-unknown", "key-unknown", "name-invalid", "file-missing", "model-unknown"]);
        reading.Findings.Skip(1).Take(2).ShouldAllBe(finding => finding.Feature == "a");
    }

    [Fact]
    public void A_file_that_is_not_there_is_named_with_the_place_it_was_looked_for()
    {
        var finding = FeatureFileReader.Read(Path.Combine(_folder.Folder, "no.yaml"), _ => null).Findings.ShouldHaveSingleItem();

        (finding.Code, finding.Line, finding.Column).ShouldBe(("file-missing", 1, 1));
    }

    [Fact]
    public void A_file_beyond_the_limit_is_not_read()
    {
        _folder.Read("# " + new string('x', 1024 * 1024)).Findings.ShouldHaveSingleItem().Code.ShouldBe("file-too-large");
    }

    [Fact]
    public void A_file_in_another_encoding_is_refused()
    {
        File.WriteAllBytes(_folder.File, [(byte)'#', 0xE9, (byte)'\n']);

        _folder.Read().Findings.ShouldHaveSingleItem().Code.ShouldBe("file-not-utf8");
    }

    [Fact]
    public void A_byte_order_mark_moves_no_column()
    {
        File.WriteAllBytes(_folder.File, [0xEF, 0xBB, 0xBF, .. "featurs: {}"u8]);

        var finding = _folder.Read().Findings.ShouldHaveSingleItem();
        (finding.Line, finding.Column).ShouldBe((1, 1));
    }

    [Fact]
    public void Aliases_that_expand_to_a_billion_nodes_are_refused_at_once()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        _folder.Read(bomb).Findings.ShouldHaveSingleItem().Code.ShouldBe("yaml-size");
    }

    [Fact]
    public void No_secret_is_repeated_in_what_is_said()
    {
        _folder.Environment["KEY"] = "sk-top-secret";
        var reading = _folder.Read("""
            server: { masterKey: "${KEY}", database: "mysql://me:sk-top-secret@x" }
            models: { m: { provider: "${KEY}", apiKey: [sk-top-secret], price: "${KEY}" } }
            features: { a: { contract: { mode: "${KEY}" }, handler: "${KEY}" } }
            """);

        reading.Findings.Count.ShouldBeGreaterThan(4);
        reading.Findings.ShouldAllBe(finding => !finding.Message.Contains("sk-top-secret"));
    }

    [Fact]
    public void What_a_version_inherits_is_no_contradiction()
    {
        var reading = _folder.Read("""
            features:
              a:
                retry: { attempts: 3 }
                delivery: [poll]
                contract: { mode: hybrid, wait: 2s, deliverWithin: 1m }
                handler: code
                versions:
                  1: { contract: { mode: sync } }
                  2: { }
            """);

        reading.Findings.ShouldBeEmpty();
    }
}
