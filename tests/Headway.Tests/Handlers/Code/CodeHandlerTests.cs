using System.Diagnostics.CodeAnalysis;
using System.Text;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Code;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Handlers.Code;

public sealed class CodeHandlerTests
{
    private readonly CodeHandlers _code = new();
    private readonly Attempts _attempts = new();

    [Fact]
    public async Task Code_reads_its_input_and_answers_in_json()
    {
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Task.FromResult(new Answer(form.Age + 1, $"Zoë <{form.Name}>")));
        var done = (await CallAsync("""{"name":"Ann","AGE":41}""")).ShouldBeOfType<Outcome.Done>().Result;

        Encoding.UTF8.GetString(done.Body.Span).ShouldBe("""{"next":42,"text":"Zoë <Ann>"}""");
        done.MediaType.ShouldBe(Result.Json);
    }

    [Fact]
    public async Task A_string_is_prose()
    {
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Task.FromResult($"Hello {form.Name}"));
        var done = (await CallAsync("""{"name":"Ann","age":41}""")).ShouldBeOfType<Outcome.Done>().Result;

        Encoding.UTF8.GetString(done.Body.Span).ShouldBe("Hello Ann");
        done.MediaType.ShouldBe(Result.Prose);
    }

    [Theory]
    [InlineData("""{"name":"Ann","age":"old"}""", "$.age")]
    [InlineData("""{"name":"Ann"}""", "age")]
    [InlineData("""{"name":null,"age":4}""", "$.name")]
    [InlineData("""[]""", "$")]
    [InlineData("null", "$")]
    [InlineData("""{"name":"Ann",""", "$")]
    public async Task An_input_that_does_not_fit_is_refused_with_its_place_and_never_retried(string json, string place)
    {
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Task.FromResult(form));
        var failure = (await CallAsync(json)).Failure();

        failure.Code.ShouldBe("input-invalid");
        failure.Retryable.ShouldBeFalse();
        failure.Message.ShouldContain(place);
    }

    [Fact]
    public async Task Pieces_of_text_are_deltas_and_join_to_prose()
    {
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Pieces("Take ", "with ", "food."));
        (await CallAsync()).Text().ShouldBe("Take with food.");
        _attempts.Output.Deltas.ShouldBe(["Take ", "with ", "food."]);
    }

    [Fact]
    public async Task Pieces_of_anything_else_are_json_deltas_and_join_to_an_array()
    {
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Pieces(new Answer(1, "a"), new Answer(2, "b")));
        var done = (await CallAsync()).ShouldBeOfType<Outcome.Done>().Result;

        Encoding.UTF8.GetString(done.Body.Span).ShouldBe("""[{"next":1,"text":"a"},{"next":2,"text":"b"}]""");
        done.MediaType.ShouldBe(Result.Json);
        _attempts.Output.Deltas.ShouldBe(["""{"next":1,"text":"a"}""", """{"next":2,"text":"b"}"""]);
    }

    [Fact]
    public async Task No_pieces_are_an_empty_array()
    {
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Pieces<Answer>());
        (await CallAsync()).Text().ShouldBe("[]");
    }

    [Fact]
    public async Task The_code_says_how_an_attempt_ended_with_a_value()
    {
        _code.Add("sample", async (Form form, FeatureContext context, CancellationToken stop) =>
        {
            await Task.Yield();
            FeatureResult<Answer> result = form.Age switch
            {
                0 => FeatureResult.Snooze(TimeSpan.FromMinutes(1)),
                1 => FeatureResult.RetryAfter(TimeSpan.FromSeconds(9), "registry-down", "The registry restarts."),
                2 => FeatureResult.DeadLetter("patient-unknown", "No such patient."),
                _ => new Answer(form.Age, form.Name),
            };
            return result;
        });

        (await CallAsync(Age(0))).ShouldBe(new Outcome.Snooze(TimeSpan.FromMinutes(1)));
        var retry = (await CallAsync(Age(1))).Failure();
        (retry.Code, retry.RetryAfter, retry.Retryable).ShouldBe(("registry-down", TimeSpan.FromSeconds(9), true));
        (await CallAsync(Age(2))).ShouldBeOfType<Outcome.DeadLetter>().Failure.Retryable.ShouldBeFalse();
        (await CallAsync(Age(3))).Text().ShouldBe("""{"next":3,"text":"Ann"}""");
    }

    [Fact]
    public async Task A_stream_ends_where_its_code_yields_an_ending()
    {
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) =>
            Pieces<FeatureResult<string>>("Take ", FeatureResult.DeadLetter("patient-unknown", "No such patient."), "never"));

        (await CallAsync()).ShouldBeOfType<Outcome.DeadLetter>().Failure.Code.ShouldBe("patient-unknown");
        _attempts.Output.Deltas.ShouldBe(["Take "]);
    }

    [Fact]
    public async Task An_exception_is_a_bug_that_is_retried_and_grouped_by_place_not_by_text()
    {
        var count = 0;
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) =>
            form.Age > 0 ? throw new InvalidOperationException($"number {count++}") : Task.FromResult(1));

        var first = (await CallAsync()).Failure();
        var second = (await CallAsync()).Failure();

        (first.Code, first.Kind, first.Retryable).ShouldBe(("handler-exception", FailureKind.Bug, true));
        first.Message.ShouldContain("number 0");
        second.Fingerprint.ShouldBe(first.Fingerprint);
    }

    [Fact]
    public async Task Cancelling_is_neither_a_bug_nor_a_result()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _code.Add("sample", async (Form form, FeatureContext context, CancellationToken stop) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            return 1;
        });
        using var stop = new CancellationTokenSource();

        var call = CallAsync(stop: stop.Token);
        await started.Task;
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Code_knows_its_job_and_tells_progress()
    {
        FeatureContext? seen = null;
        _code.Add("sample", async (Form form, FeatureContext context, CancellationToken stop) =>
        {
            seen = context;
            await context.ReportProgressAsync(1, 2, "half", stop);
            return 1;
        });

        await CallAsync();

        seen.ShouldNotBeNull();
        seen.Job.ShouldBe(_attempts.Job.ToString());
        (seen.Feature, seen.Version, seen.Attempt, seen.Tenant, seen.Subject).ShouldBe(("sample", 1, 1, "default", null));
        seen.Deadline.ShouldBe(Attempts.Start.AddSeconds(30));
        _attempts.Output.Progress.ShouldHaveSingleItem().ShouldBe((1, 2L, "half"));
    }

    [Fact]
    public void A_feature_has_one_piece_of_code()
    {
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Task.FromResult(1));
        Should.Throw<InvalidOperationException>(() => _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Task.FromResult(2)))
            .Message.ShouldContain("sample");
    }

    [Fact]
    public async Task A_feature_whose_code_is_in_another_host_is_named_with_its_place_and_its_jobs_are_kept_for_that_host()
    {
        var version = Attempts.Version(new CodeDefinition());
        using var factory = Factory();
        var file = new FeatureFile
        {
            Path = "headway.yaml",
            Models = new Dictionary<string, ModelDefinition>(),
            Features = new Dictionary<string, Feature> { ["sample"] = new() { Name = "sample", Versions = [version] } },
        };

        var missing = factory.Missing(file).ShouldHaveSingleItem();
        missing.ShouldStartWith("code-missing: headway.yaml:12:3: ");
        missing.ShouldContain("MapFeature(\"sample\"");
        var failure = (await factory.For(version).RunAsync(_attempts.Make(version), default)).Failure();
        (failure.Code, failure.Retryable).ShouldBe(("code-missing", true));

        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Task.FromResult(1));
        factory.Missing(file).ShouldBeEmpty();
    }

    [Fact]
    public void One_definition_has_one_handler()
    {
        _code.Add("sample", (Form form, FeatureContext context, CancellationToken stop) => Task.FromResult(1));
        using var factory = Factory();
        var version = Attempts.Version(new CodeDefinition()) with { DefinitionHash = Convert.FromHexString(new string('a', 64)) };

        factory.For(version).ShouldBeSameAs(factory.For(version with { Summary = "read again" }));
        factory.For(version with { DefinitionHash = Convert.FromHexString(new string('b', 64)) }).ShouldNotBeSameAs(factory.For(version));
    }

    private HandlerFactory Factory() => new(TimeProvider.System)
    {
        Code = _code,
        Prompts = version => throw new InvalidOperationException("not a prompt"),
        Models = (name, attempt) => throw new InvalidOperationException($"no model {name}"),
        Current = static _ => null,
        Logs = NullLoggerFactory.Instance,
    };

    private async Task<Outcome> CallAsync(string json = """{"name":"Ann","age":41}""", CancellationToken stop = default)
    {
        using var factory = Factory();
        var version = Attempts.Version(new CodeDefinition());
        return await factory.For(version).RunAsync(_attempts.Make(version, json), stop);
    }

    private static string Age(int age) => $$"""{"name":"Ann","age":{{age}}}""";

    private static async IAsyncEnumerable<T> Pieces<T>(params T[] items)
    {
        foreach (var item in items)
        {
            await Task.Yield();
            yield return item;
        }
    }

    [SuppressMessage("Performance", "CA1812", Justification = "Made by the serialiser.")]
    private sealed record Form(string Name, int Age);

    private sealed record Answer(int Next, string Text);
}
