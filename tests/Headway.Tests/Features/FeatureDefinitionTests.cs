using System.Collections.Frozen;
using FsCheck;
using FsCheck.Fluent;
using Headway.Features;

namespace Headway.Tests.Features;

public sealed class FeatureDefinitionTests
{
    private static readonly Gen<string> Words = Gen.Elements("a", "fast", "sch\"ema", "{\"é\":1}\n", "");

    private static readonly Gen<TimeSpan> Spans = Gen.Choose(1, int.MaxValue).Select(ticks => TimeSpan.FromTicks(ticks * 7L));

    private static readonly Gen<IReadOnlySet<DataClass>> Classes =
        Gen.SubListOf(Enum.GetValues<DataClass>()).Select(classes => (IReadOnlySet<DataClass>)classes.ToFrozenSet());

    private static readonly Gen<HttpDefinition> Services =
        from allowed in Classes
        from header in Words
        from grouped in Gen.Elements(true, false)
        from within in Spans
        select new HttpDefinition
        {
            Url = new Uri("http://127.0.0.1:9000/x?y=1"),
            AllowedData = allowed,
            Headers = new Dictionary<string, string> { ["X-Zone"] = header, ["Authorization"] = "Bearer ${TOKEN}" },
            Group = grouped ? new GroupOptions(32, within) : null,
        };

    private static readonly Gen<HandlerDefinition> Handlers = Gen.OneOf(
        Gen.Constant<HandlerDefinition>(new CodeDefinition()),
        Words.Select<string, HandlerDefinition>(model => new ModelHandlerDefinition(model)),
        Services.Select<HttpDefinition, HandlerDefinition>(service => service),
        from allowed in Classes
        from schema in OrNull(Words)
        select (HandlerDefinition)new WorkerDefinition { AllowedData = allowed, OutputSchemaFile = schema, OutputSchema = schema },
        from template in Words
        from models in Words.ListOf()
        from schema in OrNull(Words)
        from most in OrNone(Gen.Choose(1, 1000))
        select (HandlerDefinition)new PromptDefinition { TemplateFile = "p.hbs", Template = template, Models = [.. models], OutputSchemaFile = schema, OutputSchema = schema, MaxTokens = most, Citations = [.. models.Select(name => "$." + name)], Tools = [.. models], ToolRounds = most ?? 8 },
        from steps in Steps(2)
        from result in OrNull(Words)
        select (HandlerDefinition)new StepsDefinition { Steps = steps, Result = result });

    private static Gen<IReadOnlyList<StepDefinition>> Steps(int deep) => Step(deep).ListOf().Select(steps => (IReadOnlyList<StepDefinition>)[.. steps.Take(3)]);

    private static Gen<StepDefinition> Step(int deep) => Gen.OneOf([
        from name in Words
        from service in Services
        from each in OrNull(Words)
        select (StepDefinition)new WorkStep { Name = name, Path = name, Handler = service, Each = each, Concurrency = 3, Input = each, Files = true, Place = new Place("a", 1, 2) },
        from name in Words
        select (StepDefinition)new WorkStep { Name = name, Path = name, Feature = name },
        from name in Words
        from wait in Spans
        select (StepDefinition)new DelayStep { Name = name, Path = name, Delay = wait },
        .. deep == 0 ? Array.Empty<Gen<StepDefinition>>() :
        [
            from name in Words
            from within in OrNone(Spans)
            from instead in Steps(deep - 1)
            select (StepDefinition)new SignalStep { Name = name, Path = name, Signal = name, IsApproval = within is null, Within = within, Otherwise = instead.Count > 0 ? Absence.Steps : Absence.Continue, Instead = instead },
            from name in Words
            from steps in Steps(deep - 1)
            select (StepDefinition)new BranchesStep { Name = name, Path = name, IsRace = steps.Count > 1, Branches = [new BranchDefinition(name, steps)] },
            from name in Words
            from then in Steps(deep - 1)
            from number in Gen.Choose(1, 9)
            select (StepDefinition)new WhenStep { Name = name, Path = name, When = name, Is = [name], Above = number / 10m, Then = then, Otherwise = then },
        ]]);

    private static readonly Gen<Contract> Contracts =
        from mode in Gen.Elements(Enum.GetValues<Mode>())
        from wait in OrNone(Spans)
        from caller in OrNone(Gen.Elements(Enum.GetValues<CallerHabit>()))
        from output in OrNone(Gen.Elements(Enum.GetValues<OutputShape>()))
        from consumer in OrNone(Gen.Elements(Enum.GetValues<Consumer>()))
        from data in Gen.Elements(Enum.GetValues<DataClass>())
        from steps in OrNone(Gen.Choose(1, 9))
        from p99 in OrNone(Spans)
        from because in OrNull(Words)
        select new Contract
        {
            Mode = mode,
            Wait = wait,
            Caller = caller,
            Output = output,
            Consumer = consumer,
            Data = data,
            Steps = steps,
            Expect = p99 is null ? null : new Expectation { P99 = p99 },
            Because = because,
        };

    private static readonly Gen<FeatureVersion> Versions =
        from contract in Contracts
        from handler in Handlers
        from timeout in Spans
        from kept in OrNone(Spans)
        from route in OrNull(Words)
        from endpoint in OrNull(Words)
        from number in Gen.Choose(1, 99)
        select FeatureDefinition.Seal(new FeatureVersion
        {
            Feature = "intake-triage",
            Number = number,
            Route = route,
            Deprecated = kept is null ? null : new DateOnly(2026, 12, 1),
            Contract = contract,
            Handler = handler,
            Timeout = timeout,
            Cache = kept is { } span ? new CacheOptions { For = span } : null,
            Retry = new RetryOptions { First = timeout, StrongerFrom = number },
            Retention = new RetentionOptions { Payload = kept, Record = null, Dead = timeout },
            Delivery = [DeliveryChannel.Poll, new DeliveryChannel("endpoint", endpoint)],
            NoFallback = route is null,
            SearchableMetadata = ["ward"],
            InputSchema = route,
            Place = new Place("headway.yaml", number, 1),
        });

    [Fact]
    public void What_is_read_back_is_the_same_version_with_the_same_hash() => Property.Holds(Prop.ForAll(Versions.ToArbitrary(), version =>
    {
        var back = FeatureDefinition.Parse(version.DefinitionJson);
        back.DefinitionJson.ShouldBe(version.DefinitionJson);
        back.DefinitionHash.ShouldBe(version.DefinitionHash);
        back.Contract.ShouldBe(version.Contract);
        back.Timeout.ShouldBe(version.Timeout);
        back.Retention.ShouldBe(version.Retention);
        back.Retry.ShouldBe(version.Retry);
        back.Delivery.ShouldBe(version.Delivery);
        back.Handler.ShouldBeOfType(version.Handler.GetType());
        return true;
    }));

    [Fact]
    public void A_job_of_an_exposed_model_finds_it_as_it_was_asked_after_a_restart()
    {
        using var folder = new FileFolder();
        var exposed = folder.Read("models: { m: { provider: rehearsal, expose: true } }").File.ShouldNotBeNull().Features["m"];

        var back = FeatureDefinition.Parse(exposed.Streamed!.DefinitionJson);

        back.Contract.ShouldBe(exposed.Streamed.Contract);
        back.Contract.Mode.ShouldBe(Mode.Stream);
        back.Handler.ShouldBe(exposed.Latest.Handler);
        back.DefinitionHash.ShouldBe(exposed.Streamed.DefinitionHash);
        back.DefinitionHash.ShouldNotBe(exposed.Latest.DefinitionHash);
    }

    [Fact]
    public void Versions_that_differ_have_other_hashes() => Property.Holds(Prop.ForAll(Versions.ToArbitrary(), version =>
        !FeatureDefinition.Seal(version with { Timeout = version.Timeout + TimeSpan.FromTicks(1) }).DefinitionHash.AsSpan().SequenceEqual(version.DefinitionHash)
        && !FeatureDefinition.Seal(version with { Retention = version.Retention with { Record = TimeSpan.FromTicks(1) } }).DefinitionHash.AsSpan().SequenceEqual(version.DefinitionHash)));

    [Fact]
    public void A_definition_of_an_older_or_newer_program_is_read_as_far_as_it_goes()
    {
        var version = FeatureDefinition.Parse("""
            { "feature": "ask", "number": 2, "contract": { "mode": "async", "vowed": true }, "handler": { "$kind": "code" }, "timeout": 300000000 }
            """);

        (version.FullName, version.Contract.Mode, version.Timeout).ShouldBe(("ask@2", Mode.Async, TimeSpan.FromSeconds(30)));
        version.Retry.ShouldBe(new RetryOptions());
    }

    private static Gen<T?> OrNone<T>(Gen<T> some) where T : struct => Gen.OneOf(some.Select(value => (T?)value), Gen.Constant<T?>(null));

    private static Gen<T?> OrNull<T>(Gen<T> some) where T : class => Gen.OneOf(some.Select(value => (T?)value), Gen.Constant<T?>(null));
}
