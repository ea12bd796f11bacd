using System.Text.Json;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Prompt;
using Headway.Tests.Models;

namespace Headway.Tests.Handlers.Prompt;

public sealed class PromptHandlerTests
{
    private const string Triage = """
        {"type":"object","additionalProperties":false,"required":["urgency","score","reason"],
         "properties":{"urgency":{"enum":["routine","urgent","emergency"]},"score":{"type":"integer","minimum":0,"maximum":20},"reason":{"type":"string"}}}
        """;

    private readonly Attempts _attempts = new();

    [Fact]
    public async Task Prose_is_shown_as_it_comes_and_is_the_result()
    {
        var outcome = await RunAsync(Prompt("Summarise: {{text}}", ["practice"]), """{"text":"Metformin was raised to 1000 mg. Kidney values are stable."}""", Catalogs.Rehearsal());

        outcome.Text().ShouldBe(string.Concat(_attempts.Output.Deltas));
        outcome.Text().ShouldStartWith("This is a rehearsal");
        outcome.Text().ShouldContain("Metformin was raised to 1000 mg.");
        outcome.ShouldBeOfType<Outcome.Done>().Result.Model.ShouldBe("practice");
        _attempts.Disclosures.Opened.ShouldHaveSingleItem().Recipient.ShouldBe("practice");
    }

    [Fact]
    public async Task A_value_is_never_shown_before_it_is_whole_and_valid()
    {
        var outcome = await RunAsync(Prompt("Triage {{complaint}}", ["practice"], Triage), """{"complaint":"chest pain, urgent","score":7}""", Catalogs.Rehearsal());

        using var value = JsonDocument.Parse(outcome.Text());
        value.RootElement.GetProperty("score").GetInt32().ShouldBe(7);
        value.RootElement.GetProperty("urgency").GetString().ShouldBe("urgent");
        _attempts.Output.Deltas.ShouldBeEmpty();
        outcome.ShouldBeOfType<Outcome.Done>().Result.MediaType.ShouldBe(Result.Json);
    }

    [Fact]
    public async Task A_prompt_that_is_stopped_has_told_what_was_paid_by_then()
    {
        var time = new ManualTime(Attempts.Start);
        using var catalog = Catalogs.Of(time, Catalogs.Rehearsal(options: Catalogs.Instant with { TokensPerSecond = 10 }) with { Price = new ModelPrice(1, 2) });
        using var stop = new CancellationTokenSource();
        var version = Attempts.Version(Prompt("Summarise: {{text}}", ["practice"]));
        var attempt = _attempts.Make(version, """{"text":"Kidney values are stable."}""");

        var asked = PromptHandlers.For(version, catalog, Catalogs.NoTools).RunAsync(attempt, stop.Token);
        time.Advance(TimeSpan.FromSeconds(1));
        await _attempts.Output.FirstDelta.Task;
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asked);
        (attempt.Spent.Total is { InputTokens: > 0, OutputTokens: > 0, Usd: > 0 }).ShouldBeTrue();
    }

    [Fact]
    public async Task An_invalid_value_is_a_failed_attempt_that_may_be_tried_again()
    {
        var outcome = await RunAsync(Prompt("Triage", ["sloppy"], Triage), "{}", Catalogs.Rehearsal("sloppy", Catalogs.Failing("invalidOutput")));

        var failure = outcome.Failure();
        failure.Code.ShouldBe("output-invalid");
        failure.Kind.ShouldBe(FailureKind.InvalidOutput);
        failure.Retryable.ShouldBeTrue();
        failure.Message.ShouldContain("'sloppy'");
    }

    [Fact]
    public async Task An_invalid_value_of_one_model_is_asked_of_the_next()
    {
        var outcome = await RunAsync(Prompt("Triage", ["sloppy", "strong"], Triage), """{"reason":"fever"}""",
            Catalogs.Rehearsal("sloppy", Catalogs.Failing("invalidOutput")), Catalogs.Rehearsal("strong"));

        outcome.ShouldBeOfType<Outcome.Done>().Result.Model.ShouldBe("strong");
        _attempts.Disclosures.Opened.Select(disclosure => disclosure.Recipient).ShouldBe(["sloppy", "sloppy", "strong"]);
    }

    [Fact]
    public async Task A_template_that_prints_what_the_input_lacks_fails_for_good_and_nothing_is_disclosed()
    {
        var outcome = await RunAsync(Prompt("Dear\n{{patient.name}}", ["practice"]), """{"patient":{}}""", Catalogs.Rehearsal());

        var failure = outcome.Failure();
        failure.Code.ShouldBe("template-failed");
        failure.Retryable.ShouldBeFalse();
        failure.Message.ShouldStartWith("The template prompts/sample.hbs failed: line 2: 'name' is not in the input");
        _attempts.Disclosures.Opened.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_no_model_can_read_fails_for_good()
    {
        var file = new InputFile("scan", "scan.exe", "application/x-msdownload", 1, [], _ => ValueTask.FromResult<Stream>(new MemoryStream([1])));
        var version = Attempts.Version(Prompt("Read", ["practice"]));
        using var catalog = Catalogs.Of(new ManualTime(Attempts.Start), Catalogs.Rehearsal());

        var outcome = await PromptHandlers.For(version, catalog, Catalogs.NoTools).RunAsync(_attempts.Make(version, files: [file]), CancellationToken.None);

        outcome.Failure().Code.ShouldBe("file-unsupported");
    }

    [Fact]
    public async Task An_exposed_model_takes_any_json_as_a_turn()
    {
        var outcome = await RunAsync(new ModelHandlerDefinition("practice"), "\"The ward is full. Two patients wait.\"", Catalogs.Rehearsal());

        outcome.Text().ShouldContain("Two patients wait.");
    }

    [Fact]
    public async Task An_exposed_model_takes_the_body_of_a_chat_completion_and_the_shape_it_asks_for()
    {
        var outcome = await RunAsync(new ModelHandlerDefinition("practice"), $$$"""
            {"model":"x","messages":[{"role":"user","content":"It is urgent."}],
             "response_format":{"type":"json_schema","json_schema":{"name":"t","schema":{{{Triage}}} } } }
            """, Catalogs.Rehearsal());

        using var value = JsonDocument.Parse(outcome.Text());
        value.RootElement.GetProperty("urgency").GetString().ShouldBe("urgent");
    }

    [Fact]
    public async Task An_exposed_model_refuses_a_shape_that_cannot_be_enforced()
    {
        var outcome = await RunAsync(new ModelHandlerDefinition("practice"),
            """{"messages":[],"response_format":{"type":"json_schema","json_schema":{"schema":{"const":1}}}}""", Catalogs.Rehearsal());

        outcome.Failure().Code.ShouldBe("schema-unsupported");
    }

    [Fact]
    public async Task An_exposed_model_asked_for_json_answers_json()
    {
        var outcome = await RunAsync(new ModelHandlerDefinition("practice"), """{"messages":[{"role":"user","content":"Hi."}],"response_format":{"type":"json_object"}}""", Catalogs.Rehearsal());

        outcome.Text().ShouldBe("{}");
        outcome.ShouldBeOfType<Outcome.Done>().Result.MediaType.ShouldBe(Result.Json);
    }

    [Fact]
    public async Task Choices_that_would_be_thrown_away_are_not_paid()
    {
        var outcome = await RunAsync(new ModelHandlerDefinition("practice"), """{"messages":[],"n":3}""", Catalogs.Rehearsal());

        outcome.Failure().Code.ShouldBe("choices-unsupported");
        _attempts.Disclosures.Opened.ShouldBeEmpty();
    }

    [Fact]
    public async Task Data_does_not_flow_to_a_model_that_may_not_see_it()
    {
        using var catalog = Catalogs.Of(new ManualTime(Attempts.Start), Catalogs.Rehearsal());
        var version = Attempts.Version(Prompt("Hi", ["practice"]), data: DataClass.Phi);

        var outcome = await PromptHandlers.For(version, catalog, Catalogs.NoTools).RunAsync(_attempts.Make(version), CancellationToken.None);

        outcome.Failure().Code.ShouldBe("data-not-allowed");
        _attempts.Disclosures.Opened.ShouldBeEmpty();
    }

    private async Task<Outcome> RunAsync(HandlerDefinition definition, string input, params ModelDefinition[] models)
    {
        using var catalog = Catalogs.Of(new ManualTime(Attempts.Start), models);
        var version = Attempts.Version(definition);
        return await PromptHandlers.For(version, catalog, Catalogs.NoTools).RunAsync(_attempts.Make(version, input), CancellationToken.None);
    }

    private static PromptDefinition Prompt(string template, string[] models, string? schema = null) => new()
    {
        TemplateFile = "prompts/sample.hbs",
        Template = template,
        Models = models,
        OutputSchema = schema,
        OutputSchemaFile = schema is null ? null : "schemas/sample.json",
    };
}
