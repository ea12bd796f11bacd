using System.Text;
using System.Text.Json.Nodes;
using Headway.Models;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

/// <summary>What a caller who speaks the OpenAI API itself gets: the upstream's own bytes.</summary>
public sealed class WireTests
{
    private const string Answer = "The patient takes metformin 500 mg twice daily – well tolerated.";

    private static readonly ModelRequest ByWire = Asking.Request() with { KeepsWire = true };

    [Theory]
    [InlineData("openai/stream")]
    [InlineData("openai/stream-tools")]
    [InlineData("openai/stream-refusal")]
    [InlineData("openai/stream-reasoning")]
    [InlineData("azure/stream")]
    public async Task Every_chunk_is_shown_as_it_came_with_text_or_without(string fixture)
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture(fixture)));

        await asking.AnswerAsync(ByWire);

        asking.Pieces.Select(Text).ShouldBe(ChunksOf(Scripts.Fixture(fixture)));
    }

    [Fact]
    public async Task A_caller_who_does_not_speak_the_API_gets_texts_alone()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        var answer = await asking.AnswerAsync();

        asking.Pieces.ShouldAllBe(piece => piece.Text != null && piece.Chunk.IsEmpty);
        answer.Wire.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_is_shown_before_the_first_token_so_that_another_model_can_still_be_asked()
    {
        var begun = Scripts.Fixture("azure/stream").Before("The patient");
        await using var asking = await Asking.StartAsync(Scripts.Events(begun + "data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n"));

        (await asking.FaultAsync(ByWire)).Failure.Code.ShouldBe("model-unavailable");

        ChunksOf(begun).Length.ShouldBe(2);
        asking.Pieces.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("openai/whole")]
    [InlineData("openai/whole-tools")]
    [InlineData("openai/whole-refusal")]
    [InlineData("openai/whole-audio")]
    [InlineData("openai/whole-json")]
    [InlineData("azure/whole")]
    public async Task A_whole_answer_is_kept_byte_for_byte(string fixture)
    {
        await using var asking = await Asking.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture(fixture)));

        var answer = await asking.AnswerAsync(ByWire with { Stream = false });

        Encoding.UTF8.GetString(answer.Wire.Span).ShouldBe(Scripts.Fixture(fixture));
    }

    [Fact]
    public async Task The_chunks_of_a_stream_add_up_to_the_body_of_a_whole_answer()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("azure/stream")));

        var whole = JsonNode.Parse((await asking.AnswerAsync(ByWire)).Wire.Span)!;

        whole["object"]!.GetValue<string>().ShouldBe("chat.completion");
        whole["id"]!.GetValue<string>().ShouldBe("chatcmpl-CJ8zAqW3nTq5R1WmYvK2nZb7LdE0");
        whole["created"]!.GetValue<long>().ShouldBe(1758801234);
        whole["usage"]!["total_tokens"]!.GetValue<int>().ShouldBe(45);
        whole["prompt_filter_results"]![0]!["content_filter_results"]!["jailbreak"]!["detected"]!.GetValue<bool>().ShouldBeFalse();
        whole["obfuscation"].ShouldBeNull();
        var choice = whole["choices"]!.AsArray().ShouldHaveSingleItem()!;
        choice["finish_reason"]!.GetValue<string>().ShouldBe("stop");
        choice["content_filter_results"]!["violence"]!["severity"]!.GetValue<string>().ShouldBe("safe");
        choice["message"]!["role"]!.GetValue<string>().ShouldBe("assistant");
        choice["message"]!["content"]!.GetValue<string>().ShouldBe(Answer);
    }

    [Fact]
    public async Task Calls_of_tools_keep_what_is_not_known_whole_or_in_pieces()
    {
        var signed = Scripts.Fixture("openai/stream-tools").Replace("\"name\":\"find_dose\",\"arguments\":\"\"}", "\"name\":\"find_dose\",\"arguments\":\"\"},\"extra_content\":{\"google\":{\"thought_signature\":\"EqQB\"}}", StringComparison.Ordinal);
        await using var streamed = await Asking.StartAsync(Scripts.Events(signed));
        await using var whole = await Asking.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole-tools")));

        var pieces = await streamed.AnswerAsync(ByWire);
        var calls = (await whole.AnswerAsync(Asking.Request(stream: false))).ToolCalls!;

        const string Signed = """{"id":"call_B2c7Fhq1LwP0sT","type":"function","function":{"name":"find_dose","arguments":"{}"},"extra_content":{"google":{"thought_signature":"EqQB"}}}""";
        pieces.ToolCalls![1]!.ToJsonString().ShouldBe(Signed);
        JsonNode.Parse(pieces.Wire.Span)!["choices"]![0]!["message"]!["tool_calls"]![1]!.ToJsonString().ShouldBe(Signed);
        calls[0]!["extra_content"]!["google"]!["thought_signature"]!.GetValue<string>().ShouldBe("EqQBCqEBAdHtim8");
        calls[2]!["custom"]!["input"]!.GetValue<string>().ShouldBe("takes it twice daily");
    }

    [Fact]
    public async Task Calls_without_an_index_are_told_apart_by_their_ids()
    {
        const string Stream = """
            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"a","type":"function","function":{"name":"find_drug","arguments":"{\"x\":1}"}}]}}]}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"b","type":"function","function":{"name":"find_dose","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}

            data: [DONE]


            """;
        await using var asking = await Asking.StartAsync(Scripts.Events(Stream));

        var calls = (await asking.AnswerAsync()).ToolCalls!;

        calls.Select(call => call!["function"]!["name"]!.GetValue<string>()).ShouldBe(["find_drug", "find_dose"]);
        calls[0]!["function"]!["arguments"]!.GetValue<string>().ShouldBe("""{"x":1}""");
    }

    [Fact]
    public async Task A_server_that_does_not_stream_is_shown_as_one_chunk()
    {
        await using var asking = await Asking.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole-tools")));

        await asking.AnswerAsync(ByWire);

        var chunk = JsonNode.Parse(asking.Pieces.ShouldHaveSingleItem().Chunk.Span)!;
        chunk["object"]!.GetValue<string>().ShouldBe("chat.completion.chunk");
        chunk["choices"]![0]!["message"].ShouldBeNull();
        chunk["choices"]![0]!["delta"]!["tool_calls"]![1]!["index"]!.GetValue<int>().ShouldBe(1);
        chunk["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("tool_calls");
    }

    [Theory]
    [InlineData(true, "openai/stream-refusal")]
    [InlineData(false, "openai/whole-refusal")]
    public async Task A_refusal_is_an_answer_to_who_has_a_field_for_it_and_a_failure_to_others(bool stream, string fixture)
    {
        var script = stream ? Scripts.Events(Scripts.Fixture(fixture)) : Scripts.Whole(200, "application/json", Scripts.Fixture(fixture));
        await using var asking = await Asking.StartAsync(script);

        var answer = await asking.AnswerAsync(ByWire with { Stream = stream });
        var fault = await asking.FaultAsync(Asking.Request(stream));

        answer.Text.ShouldBeEmpty();
        JsonNode.Parse(answer.Wire.Span)!["choices"]![0]!["message"]!["refusal"]!.GetValue<string>().ShouldBe(answer.Refusal);
        fault.Failure.Code.ShouldBe("model-refused");
        fault.Failure.Message.ShouldContain(answer.Refusal!.TrimEnd('.'));
    }

    [Theory]
    [InlineData("reasoning_content")]
    [InlineData("reasoning")]
    public async Task What_a_model_thinks_aloud_is_told_apart_from_what_it_answers(string field)
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-reasoning").Replace("\"reasoning_content\"", $"\"{field}\"", StringComparison.Ordinal)));

        var answer = await asking.AnswerAsync(ByWire);

        answer.Text.ShouldBe("Twice daily.");
        answer.Reasoning.ShouldBe("She said twice daily.");
        asking.Shown.ToString().ShouldBe("Twice daily.");
        JsonNode.Parse(answer.Wire.Span)!["choices"]![0]!["message"]![field]!.GetValue<string>().ShouldBe("She said twice daily.");
    }

    [Fact]
    public async Task A_list_of_parts_is_a_text_too()
    {
        var parts = Scripts.Fixture("openai/whole").Replace($"\"{Answer}\"", """[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"Twice"},{"type":"text","text":" daily."}]""", StringComparison.Ordinal);
        await using var asking = await Asking.StartAsync(Scripts.Whole(200, "application/json", parts));

        (await asking.AnswerAsync(Asking.Request(stream: false))).Text.ShouldBe("Twice daily.");
    }

    [Fact]
    public async Task A_spoken_answer_is_no_empty_answer()
    {
        await using var asking = await Asking.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole-audio")));

        (await asking.AnswerAsync(Asking.Request(stream: false))).Text.ShouldBe("Twice daily, with food.");
    }

    [Fact]
    public async Task What_is_asked_keeps_its_fields_and_its_spelling()
    {
        const string Body = """{"messages":[{"role":"user","content":"Gr\u00fc\u00df Gott – it's <5 & \"ok\" 🙂"}],"temperature":0.20,"top_p":1E-1,"seed":12345678901234567890,"x":{"ä":[1.0,null,true,-0]}}""";
        var rest = Body[1..^1];
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        await asking.AnswerAsync(Asking.Request(body: Body));
        await asking.AnswerAsync(Asking.Request(body: "{\"model\":\"fast\",\"stream\":true,\"stream_options\":{\"include_obfuscation\":false,\"include_usage\":false}," + rest + "}"));

        asking.Upstream.Calls[0].Body.ShouldBe("{\"model\":\"gpt-5-mini\"," + rest + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
        asking.Upstream.Calls[1].Body.ShouldBe("{\"model\":\"gpt-5-mini\"," + rest + ",\"stream\":true,\"stream_options\":{\"include_obfuscation\":false,\"include_usage\":true}}");
    }

    [Fact]
    public async Task Images_sound_files_tools_and_shapes_reach_the_model()
    {
        var body = Scripts.Fixture("openai/request-parts");
        await using var asking = await Asking.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole-json")));

        var answer = await asking.AnswerAsync(Asking.Request(stream: false, body: body));

        var sent = (JsonObject)JsonNode.Parse(asking.Upstream.Calls.ShouldHaveSingleItem().Body)!;
        sent.Remove("model").ShouldBeTrue();
        JsonNode.DeepEquals(sent, JsonNode.Parse(body)).ShouldBeTrue(sent.ToJsonString());
        answer.Text.ShouldBe("""{"urgency":"urgent","score":7}""");
    }

    [Theory]
    [InlineData("""{"message":"the engine stopped","code":"engine_error"}""", "model-unavailable")]
    [InlineData("""{"object":"error","message":"slow down","code":429}""", "model-rate-limited")]
    public async Task An_event_that_is_called_an_error_is_one(string data, string code)
    {
        await using var asking = await Asking.StartAsync(Scripts.Events($"event: error\ndata: {data}\n\n"));

        (await asking.FaultAsync()).Failure.Code.ShouldBe(code);
    }

    [Fact]
    public async Task Input_from_the_cache_has_its_own_price()
    {
        await using var asking = await Asking.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole-cached")));

        var plain = (await asking.AnswerAsync(Asking.Request(stream: false))).Usage;
        asking.Change(model => model with { Price = model.Price! with { CachedInput = 0.025m } });
        var cached = (await asking.AnswerAsync(Asking.Request(stream: false))).Usage;

        plain.ShouldBe(new Usage(2006, 300, ((2006 * 0.25m) + (300 * 2.00m)) / 1_000_000));
        cached.ShouldBe(new Usage(2006, 300, ((86 * 0.25m) + (1920 * 0.025m) + (300 * 2.00m)) / 1_000_000));
    }

    private static string Text(ModelPiece piece) => Encoding.UTF8.GetString(piece.Chunk.Span);

    private static string[] ChunksOf(string stream) =>
        [.. stream.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal) && line != "data: [DONE]").Select(line => line["data: ".Length..])];
}
