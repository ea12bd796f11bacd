using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Features.Schemas;
using Headway.Models;

namespace Headway.Tests.Models;

public sealed class RehearsalTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Says_first_that_it_is_a_rehearsal_and_then_only_quotes()
    {
        const string Note = "The patient slept well. Fever fell to 37.9 overnight. She asks for water.";

        var text = (await AnswerAsync(Catalogs.Instant, $$"""{"note":"{{Note}}"}""")).Text;

        text.ShouldStartWith("This is a rehearsal: no model was asked");
        text.ShouldEndWith(Note);
    }

    [Fact]
    public async Task Quotes_short_fields_by_their_names() =>
        (await AnswerAsync(Catalogs.Instant, """{"drug":"Metformin","dose":"500 mg","twice":true}""")).Text.ShouldEndWith("drug: Metformin; dose: 500 mg; twice: true.");

    [Fact]
    public async Task The_same_input_attempt_and_seed_draw_the_same_and_another_attempt_draws_anew()
    {
        var options = Catalogs.Instant with { Failures = new Dictionary<string, double> { ["rateLimited"] = 0.5 } };
        var inputs = Enumerable.Range(0, 50).Select(i => $$"""{"n":{{i}}}""").ToArray();

        var first = await Task.WhenAll(inputs.Select(input => FailsAsync(options, input, 1)));
        var again = await Task.WhenAll(inputs.Select(input => FailsAsync(options, input, 1)));
        var second = await Task.WhenAll(inputs.Select(input => FailsAsync(options, input, 2)));
        var seeded = await Task.WhenAll(inputs.Select(input => FailsAsync(options with { Seed = 2 }, input, 1)));

        again.ShouldBe(first);
        second.ShouldNotBe(first);
        seeded.ShouldNotBe(first);
        first.Count(failed => failed).ShouldBeInRange(10, 40);
    }

    [Theory]
    [InlineData("rateLimited", "model-rate-limited", FailureKind.RateLimited)]
    [InlineData("unavailable", "model-unavailable", FailureKind.Unavailable)]
    [InlineData("cutStream", "model-answer-cut", FailureKind.Unavailable)]
    [InlineData("invalidOutput", "model-malformed", FailureKind.Unavailable)]
    [InlineData("empty", "model-empty-answer", FailureKind.InvalidOutput)]
    internal async Task Fails_as_declared_with_the_codes_of_a_real_model(string failure, string code, FailureKind kind)
    {
        var fault = (await AskAsync(Catalogs.Failing(failure), """{"a":"Some text to quote."}""")).ShouldBeOfType<ModelReply.Failed>().Fault;

        fault.Failure.Code.ShouldBe(code);
        fault.Failure.Kind.ShouldBe(kind);
    }

    [Fact]
    public async Task A_declared_timeout_takes_as_long_as_the_limit_on_the_first_token()
    {
        var asked = AskAsync(Catalogs.Failing("timeout"), "{}");
        asked.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromSeconds(30));

        (await asked).ShouldBeOfType<ModelReply.Failed>().Fault.Failure.Code.ShouldBe("model-first-token-timeout");
    }

    [Fact]
    public async Task The_wait_for_the_first_token_follows_the_declared_percentiles()
    {
        var options = Catalogs.Instant with { FirstTokenP50 = TimeSpan.FromMilliseconds(300), FirstTokenP99 = TimeSpan.FromSeconds(2) };
        var asked = Enumerable.Range(0, 400).Select(i => AskAsync(options, $$"""{"n":{{i}}}""")).ToArray();

        _time.Advance(TimeSpan.FromMilliseconds(300));
        await Task.WhenAll(asked.Where(reply => reply.IsCompleted));
        var within300 = _time.Timers;
        _time.Advance(TimeSpan.FromMilliseconds(1700));

        within300.ShouldBeInRange(150, 250);
        _time.Timers.ShouldBeLessThan(16);
        _time.Advance(TimeSpan.FromSeconds(30));
        await Task.WhenAll(asked);
    }

    [Fact]
    public async Task Shows_its_words_at_the_declared_pace()
    {
        var shown = new StringBuilder();
        var asked = AskAsync(Catalogs.Instant with { TokensPerSecond = 10 }, """{"a":"One two three four five."}""", show: (piece, _) =>
        {
            shown.Append(piece.Text);
            return ValueTask.CompletedTask;
        });

        var steps = 0;
        for (; !asked.IsCompleted && steps < 1000; steps++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        var answer = (await asked).ShouldBeOfType<ModelReply.Answered>().Answer;
        shown.ToString().ShouldBe(answer.Text);
        // 40 characters a second.
        steps.ShouldBeGreaterThan(answer.Text.Length / 4);
    }

    [Theory]
    [InlineData("""{"type":"object","required":["name","age"],"properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0}}}""",
        """{"patient":{"Name":"Ada","age":44}}""", """{"name":"Ada","age":44}""")]
    [InlineData("""{"type":"array","items":{"type":"object","required":["drug"],"properties":{"drug":{"type":"string"}}},"minItems":1}""",
        """{"answer":[{"drug":"A"},{"drug":"B"}]}""", """[{"drug":"A"},{"drug":"B"}]""")]
    [InlineData("""{"enum":["low","high"]}""", """{"text":"The risk is high."}""", "\"high\"")]
    [InlineData("""{"type":"object","required":["heart_rate"],"properties":{"heart_rate":{"type":"number"}}}""", """{"vitals":{"heartRate":81.5}}""", """{"heart_rate":81.5}""")]
    [InlineData("""{"type":"object","required":["on"],"properties":{"on":{"type":"string","format":"date"}}}""", """{"born":"1980-02-03"}""", """{"on":"1980-02-03"}""")]
    [InlineData("""{"type":"object","required":["code"],"properties":{"code":{"type":"string","pattern":"^[A-Z]\\d\\d$"}}}""", """{"diagnosis":"J45"}""", """{"code":"J45"}""")]
    [InlineData("""{"type":"object","required":["code"],"properties":{"code":{"type":"string","pattern":"^[A-Z]\\d\\d$","default":"Z99"}}}""", "{}", """{"code":"Z99"}""")]
    [InlineData("""{"type":"object","required":["flag"],"properties":{"flag":{"type":"boolean"}}}""", """{"flag":true}""", """{"flag":true}""")]
    public async Task A_value_is_filled_from_the_input(string schema, string input, string value) =>
        (await AnswerAsync(Catalogs.Instant, input, schema)).Text.ShouldBe(value);

    [Theory]
    [InlineData("""{"type":"object","required":["a","b"],"properties":{"a":{"type":"array","items":{"type":"string"},"minItems":3,"uniqueItems":false},"b":{"anyOf":[{"type":"null"},{"type":"string"}]}},"additionalProperties":false}""")]
    [InlineData("""{"type":"object","properties":{"child":{"$ref":"#"},"n":{"type":"integer","exclusiveMinimum":3,"multipleOf":5}}}""")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"string","maxLength":9}},"required":["a"]},{"properties":{"b":{"type":"number","maximum":-1}},"required":["b"]}]}""")]
    [InlineData("""{"type":"object","required":["free"],"additionalProperties":{"type":"number"}}""")]
    [InlineData("""{"type":"array","items":[{"type":"string"},{"type":"integer"}],"additionalItems":false}""")]
    [InlineData("""{"type":"object","properties":{"t":{"type":"string","format":"date-time"},"u":{"type":"string","format":"uuid"},"m":{"type":"string","format":"email"},"l":{"type":"string","minLength":200}}}""")]
    public async Task A_value_always_satisfies_its_schema(string schema)
    {
        var answer = await AnswerAsync(Catalogs.Instant, """{"text":"Some words to quote from."}""", schema);

        ValueSchema.Parse(schema).Validate(Encoding.UTF8.GetBytes(answer.Text)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Strings_that_the_input_does_not_name_say_that_they_are_rehearsed()
    {
        var answer = await AnswerAsync(Catalogs.Instant, """{"text":"The wound heals well and the dressing stays on for two days."}""", """{"type":"object","required":["advice"],"properties":{"advice":{"type":"string"}}}""");

        answer.Text.ShouldBe("""{"advice":"Rehearsal: The wound heals well and the dressing stays on for two days."}""");
    }

    [Fact]
    public async Task A_pattern_that_nothing_in_the_input_fits_is_admitted()
    {
        var reply = await AskAsync(Catalogs.Instant, "{}", """{"type":"object","required":["code"],"properties":{"code":{"type":"string","pattern":"^\\d{9}$"}}}""");

        var fault = reply.ShouldBeOfType<ModelReply.Failed>().Fault;
        fault.Failure.Code.ShouldBe("rehearsal-cannot-fill");
        fault.Failure.Message.ShouldContain("examples");
    }

    [Fact]
    public async Task An_embedding_is_a_vector_of_length_one_and_the_same_each_time()
    {
        var heart = await VectorsAsync("\"heart\"");
        var both = await VectorsAsync("""["lung","heart"]""");
        var coded = (await EmbeddingAsync("\"heart\"", ""","encoding_format":"base64" """))["data"]![0]!["embedding"]!.GetValue<string>();

        heart.ShouldHaveSingleItem().Length.ShouldBe(16);
        heart[0].Sum(value => value * value).ShouldBe(1, 0.001);
        both.Length.ShouldBe(2);
        both[1].ShouldBe(heart[0]);
        both[0].ShouldNotBe(heart[0]);
        BitConverter.ToSingle(Convert.FromBase64String(coded), 4).ShouldBe((float)heart[0][1]);
    }

    private async Task<double[][]> VectorsAsync(string input) =>
        [.. (await EmbeddingAsync(input))["data"]!.AsArray().Select(item => item!["embedding"]!.Deserialize<double[]>()!)];

    private async Task<JsonNode> EmbeddingAsync(string input, string more = "")
    {
        var model = Catalogs.Rehearsal(options: Catalogs.Instant with { Dimensions = 16 }) with { Kind = ModelKind.Embedding };
        using var catalog = Catalogs.Of(_time, model);
        var request = new ModelRequest { Body = (JsonObject)JsonNode.Parse($$"""{"input":{{input}}{{more}}}""")!, KeepsWire = true };
        var answer = (await catalog.ProviderOf(model)!.AskAsync(model, request, null, CancellationToken.None)).ShouldBeOfType<ModelReply.Answered>().Answer;
        answer.IsJson.ShouldBeTrue();
        answer.Wire.ToArray().ShouldBe(System.Text.Encoding.UTF8.GetBytes(answer.Text));
        return JsonNode.Parse(answer.Text)!;
    }

    [Fact]
    public async Task An_answer_longer_than_asked_for_is_truncated_and_says_so() =>
        (await AskAsync(Catalogs.Instant, "{}", maxTokens: 5)).ShouldBeOfType<ModelReply.Answered>().Answer.Truncated.ShouldBeTrue();

    [Fact]
    public async Task An_answer_by_wire_is_that_of_a_real_model()
    {
        var model = Catalogs.Rehearsal();
        using var catalog = Catalogs.Of(_time, model);
        var request = new ModelRequest { Body = new JsonObject { ["messages"] = new JsonArray() }, Input = Encoding.UTF8.GetBytes("""{"a":"Some text to quote."}"""), KeepsWire = true };
        var pieces = new List<ModelPiece>();
        var reply = await catalog.ProviderOf(model)!.AskAsync(model, request, Take, CancellationToken.None);

        var answer = reply.ShouldBeOfType<ModelReply.Answered>().Answer;
        var whole = JsonNode.Parse(answer.Wire.Span)!;
        whole["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldBe(answer.Text);
        whole["usage"]!["completion_tokens"]!.GetValue<long>().ShouldBe(answer.Usage.OutputTokens);
        var chunks = pieces.Select(piece => JsonNode.Parse(piece.Chunk.Span)!).ToList();
        string.Concat(chunks.Select(chunk => chunk["choices"]!.AsArray().FirstOrDefault()?["delta"]?["content"]?.GetValue<string>())).ShouldBe(answer.Text);
        chunks[0]["choices"]![0]!["delta"]!["role"]!.GetValue<string>().ShouldBe("assistant");
        chunks[^2]["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("stop");
        chunks[^1]["usage"]!["prompt_tokens"]!.GetValue<long>().ShouldBe(answer.Usage.InputTokens);

        ValueTask Take(ModelPiece piece, CancellationToken stop)
        {
            pieces.Add(piece);
            return ValueTask.CompletedTask;
        }
    }

    private async Task<bool> FailsAsync(RehearsalOptions options, string input, int attempt) => await AskAsync(options, input, attempt: attempt) is ModelReply.Failed;

    private async Task<ModelAnswer> AnswerAsync(RehearsalOptions options, string input, string? schema = null)
    {
        var reply = await AskAsync(options, input, schema);
        return reply.ShouldBeOfType<ModelReply.Answered>(reply.ToString()).Answer;
    }

    private Task<ModelReply> AskAsync(RehearsalOptions options, string input, string? schema = null, int attempt = 1, int? maxTokens = null, PieceSink? show = null)
    {
        var model = Catalogs.Rehearsal(options: options);
        using var catalog = Catalogs.Of(_time, model);
        var request = new ModelRequest
        {
            Body = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Do it." }) },
            Input = Encoding.UTF8.GetBytes(input),
            Schema = schema is null ? null : ValueSchema.Parse(schema),
            Attempt = attempt,
            MaxTokens = maxTokens,
        };
        return catalog.ProviderOf(model)!.AskAsync(model, request, show, CancellationToken.None);
    }
}
