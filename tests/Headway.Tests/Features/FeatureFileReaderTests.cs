using System.Text.Json;
using Headway.Features;

namespace Headway.Tests.Features;

public sealed class FeatureFileReaderTests : IDisposable
{
    private const string Models = """
        models:
          fast: { provider: rehearsal, firstToken: { p50: 300ms, p99: 2s }, tokensPerSecond: 60, failures: { rateLimited: 1%, cutStream: 0.1% }, expose: true }
          strong: { provider: openai, model: big, apiKey: "${LLM_KEY}", baseUrl: "${LLM_URL:-https://api.example.com/v1}", allowedData: [phi] }

        """;

    private readonly FileFolder _folder = new FileFolder { Environment = { ["LLM_KEY"] = "sk-secret" } }.With("p.hbs", "Say {{input}}").With("s.json", "{}");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Models_are_read_with_everything_they_say()
    {
        var models = _folder.Valid(Models).Models;

        var fast = models["fast"];
        fast.Provider.ShouldBe("rehearsal");
        fast.Expose.ShouldBeTrue();
        fast.Rehearsal.ShouldNotBeNull().FirstTokenP99.ShouldBe(TimeSpan.FromSeconds(2));
        fast.Rehearsal.Failures.ShouldBe(new Dictionary<string, double> { ["rateLimited"] = 0.01, ["cutStream"] = 0.001 }, ignoreOrder: true);
        fast.AllowedData.ShouldBe([DataClass.Public, DataClass.Internal], ignoreOrder: true);

        var strong = models["strong"];
        strong.BaseUrl.ShouldBe(new Uri("https://api.example.com/v1"));
        strong.ApiKey.ShouldBe("sk-secret");
        strong.AllowedData.ShouldBe([DataClass.Public, DataClass.Internal, DataClass.Phi], ignoreOrder: true);
        strong.Rehearsal.ShouldBeNull();
        strong.Place.Line.ShouldBe(3);
        strong.Place.Column.ShouldBe(3);
    }

    [Fact]
    public void A_feature_takes_from_the_defaults_what_it_does_not_say()
    {
        var file = _folder.Valid(Models + """
            defaults: { retry: { attempts: 7, backoff: 2s..1m }, retention: { payload: 90d }, data: personal, pool: { concurrency: 3 } }
            features:
              summary:
                contract: { mode: async, caller: leaves, deliverWithin: 10m }
                handler: { prompt: p.hbs, models: [strong, fast], output: s.json, maxTokens: 500 }
                retry: { attempts: 4, strongerFrom: 3 }
                retention: { record: 6y, dead: 1y }
                pool: { queue: 5 }
                maxInput: 512KiB
                metadata: [ward]
                input: s.json
            """);

        var version = file.Features["summary"].Latest;
        version.Number.ShouldBe(1);
        version.FullName.ShouldBe("summary@1");
        version.Contract.Data.ShouldBe(DataClass.Personal);
        version.Contract.Wait.ShouldBeNull();
        version.Retry.ShouldBe(new RetryOptions
        {
            Attempts = 4,
            First = TimeSpan.FromSeconds(2),
            Longest = TimeSpan.FromMinutes(1),
            StrongerFrom = 3,
            RateLimited = null,
            Unavailable = null,
            Timeout = null,
            InvalidOutput = null,
            Bug = null,
        });
        version.Retention.ShouldBe(new RetentionOptions { Payload = TimeSpan.FromDays(90), Record = TimeSpan.FromDays(6 * 365), Dead = TimeSpan.FromDays(365) });
        version.Pool.ShouldBe(new PoolOptions { Concurrency = 3, Queue = 5 });
        version.Timeout.ShouldBe(TimeSpan.FromMinutes(5));
        version.MaxInput.ShouldBe(512 * 1024);
        version.SearchableMetadata.ShouldBe(["ward"]);
        version.InputSchema.ShouldBe("{}");
        var prompt = version.Handler.ShouldBeOfType<PromptDefinition>();
        prompt.Template.ShouldBe("Say {{input}}");
        prompt.TemplateFile.ShouldBe("p.hbs");
        prompt.Models.ShouldBe(["strong", "fast"]);
        prompt.OutputSchema.ShouldBe("{}");
        prompt.MaxTokens.ShouldBe(500);
    }

    [Fact]
    public void Retention_in_one_word_holds_for_everything_but_dead_letters()
    {
        var file = _folder.Valid("""
            defaults: { retention: 7d }
            features:
              a: { contract: { mode: async, deliverWithin: 1m }, handler: code }
              b: { contract: { mode: async, deliverWithin: 1m }, handler: code, retention: { record: keep } }
            """);

        file.Features["a"].Latest.Retention.ShouldBe(new RetentionOptions { Payload = TimeSpan.FromDays(7), Record = TimeSpan.FromDays(7), Dead = null });
        file.Features["b"].Latest.Retention.ShouldBe(new RetentionOptions { Payload = TimeSpan.FromDays(7), Record = null, Dead = null });
    }

    [Fact]
    public void A_version_overrides_its_feature_and_inherits_the_rest()
    {
        var file = _folder.Valid(Models + """
            features:
              generate:
                summary: Writes.
                contract: { caller: waits, mode: hybrid, wait: 4s, deliverWithin: 5m }
                versions:
                  2: { route: /v2/generate }
                  1: { route: /v1/generate, contract: { mode: sync, audience: consumer }, handler: code, deprecated: 2026-12-01, sunset: 2027-03-01 }
                handler: { prompt: p.hbs, models: [fast] }
            """);

        var feature = file.Features["generate"];
        feature.Versions.Select(version => version.Number).ShouldBe([1, 2]);
        var (first, second) = (feature.Versions[0], feature.Versions[1]);
        first.Contract.Mode.ShouldBe(Mode.Sync);
        first.Contract.Caller.ShouldBe(CallerHabit.Waits);
        first.Contract.Wait.ShouldBeNull();
        first.Timeout.ShouldBe(TimeSpan.FromSeconds(3));
        first.Handler.ShouldBeOfType<CodeDefinition>();
        first.Sunset.ShouldBe(new DateOnly(2027, 3, 1));
        second.Contract.Mode.ShouldBe(Mode.Hybrid);
        second.Contract.Wait.ShouldBe(TimeSpan.FromSeconds(4));
        second.Route.ShouldBe("/v2/generate");
        second.Handler.ShouldBeOfType<PromptDefinition>();
        second.Summary.ShouldBe("Writes.");
    }

    [Fact]
    public void An_exposed_model_is_a_feature_under_its_own_name()
    {
        var version = _folder.Valid(Models).Features["fast"].Latest;

        version.Handler.ShouldBe(new ModelHandlerDefinition("fast"));
        version.Contract.Mode.ShouldBe(Mode.Sync);
        version.DefinitionHash.Length.ShouldBe(32);
    }

    [Fact]
    public void Secrets_are_in_no_definition()
    {
        _folder.Environment["TOKEN"] = "t0ken";
        var file = _folder.Valid(Models + """
            features:
              ask: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: [strong] } }
              check: { contract: { mode: async, deliverWithin: 1m }, handler: { http: "http://127.0.0.1:9000/x", headers: { Authorization: "Bearer ${TOKEN}" } } }
            """);

        foreach (var version in file.Features.Values.SelectMany(feature => feature.Versions))
        {
            version.DefinitionJson.ShouldNotContain("sk-secret");
            version.DefinitionJson.ShouldNotContain("t0ken");
        }

        file.Features["check"].Latest.Handler.ShouldBeOfType<HttpDefinition>().Headers["authorization"].ShouldBe("Bearer ${TOKEN}");
    }

    [Fact]
    public void The_hash_is_of_what_is_said_and_not_of_where()
    {
        const string feature = "  ask: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: [fast] } }\n";
        var first = _folder.Valid(Models + "features:\n" + feature).Features["ask"].Latest;
        var moved = _folder.Valid("# moved down a line\n" + Models + "features:\n" + feature).Features["ask"].Latest;
        var edited = _folder.With("p.hbs", "Say it").Valid(Models + "features:\n" + feature).Features["ask"].Latest;

        moved.DefinitionHash.ShouldBe(first.DefinitionHash);
        edited.DefinitionHash.ShouldNotBe(first.DefinitionHash);
    }

    [Fact]
    public void Anything_but_a_definition_is_refused() => Should.Throw<JsonException>(() => FeatureDefinition.Parse("{}"));

    [Fact]
    public void A_variable_is_typed_by_where_it_stands_and_is_never_parsed_as_yaml()
    {
        _folder.Environment["SIZE"] = "7";
        _folder.Environment["NAME"] = "a: {b: c}";
        var file = _folder.Valid("""
            features:
              a:
                summary: ${NAME} and ${MISSING:-rest}
                contract: { mode: async, deliverWithin: 1m }
                handler: code
                pool: { concurrency: "${SIZE}" }
            """);

        file.Features["a"].Summary.ShouldBe("a: {b: c} and rest");
        file.Features["a"].Latest.Pool.Concurrency.ShouldBe(7);
    }

    [Fact]
    public void The_database_lies_beside_the_file_wherever_the_program_is_started()
    {
        _folder.Valid("server: { database: \"sqlite:data/x.db\" }").Server.Database.ShouldBe("sqlite:" + Path.Combine(_folder.Folder, "data/x.db"));
        _folder.Read("server: { database: postgres://db.example/x }").File.ShouldNotBeNull().Server.Database.ShouldBe("postgres://db.example/x");
    }

    [Fact]
    public void An_anchor_may_be_used_again()
    {
        var file = _folder.Valid("""
            features:
              a: { contract: &promise { mode: async, deliverWithin: 1m }, handler: code }
              b: { contract: *promise, handler: code }
            """);

        file.Features["b"].Latest.Contract.ShouldBe(file.Features["a"].Latest.Contract);
    }
}
