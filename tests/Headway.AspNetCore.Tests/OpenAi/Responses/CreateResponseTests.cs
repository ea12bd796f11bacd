using System.Net;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>What is asked as a response reaches a model as a chat completion, and what it says comes back as a response.</summary>
public sealed class CreateResponseTests
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    /// <summary>Every field that the Open Responses specification requires, and those that OpenAI adds.</summary>
    private static readonly string[] Fields =
    [
        "id", "object", "created_at", "completed_at", "status", "incomplete_details", "model", "previous_response_id", "instructions", "output", "error", "tools", "tool_choice",
        "truncation", "parallel_tool_calls", "text", "top_p", "presence_penalty", "frequency_penalty", "top_logprobs", "temperature", "reasoning", "usage", "max_output_tokens",
        "max_tool_calls", "store", "background", "service_tier", "metadata", "safety_identifier", "prompt_cache_key", "user",
    ];

    [Fact]
    public async Task A_text_is_answered_with_every_field()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        using var answer = await node.PostAsync("/v1/responses", """{"model":"fast","input":"How is she?","metadata":{"ward":"3"}}""");

        var response = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
        response.Select(field => field.Key).ShouldBe(Fields, ignoreOrder: true);
        response["id"].Text().ShouldBe($"resp_{answer.Headers.GetValues("Headway-Job").Single()["job_".Length..]}");
        response["status"].Text().ShouldBe("completed");
        response["completed_at"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(response["created_at"]!.GetValue<long>());
        response["model"].Text().ShouldBe("fast");
        response["metadata"]!.ToJsonString().ShouldBe("""{"ward":"3"}""");
        response["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(Text);
        response["usage"]!["total_tokens"]!.GetValue<int>().ShouldBe(45);
        response["usage"]!["output_tokens_details"]!["reasoning_tokens"].ShouldNotBeNull();
        answer.Headers.GetValues("Headway-Cost").Single().ShouldBe("0.00003575");
        JsonNode.Parse(node.Upstream.Calls.ShouldHaveSingleItem().Body)!.ToJsonString().ShouldBe("""{"model":"gpt-5-mini","messages":[{"role":"user","content":"How is she?"}]}""");
    }

    [Theory]
    [InlineData("openai/whole-tools", "claude", "anthropic/whole-tools")]
    public async Task Calls_of_tools_are_items(string openai, string claude, string anthropic)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.ByPath(Scripts.Whole(200, "application/json", Scripts.Fixture(openai)), Scripts.Whole(200, "application/json", Scripts.Fixture(anthropic))));

        foreach (var model in new[] { "fast", claude })
        {
            var response = await node.CreateAsync($$$"""{"model":"{{{model}}}","input":"?","tools":[{"type":"function","name":"find_drug","parameters":{"type":"object"}}]}""");

            var calls = response["output"]!.AsArray().Where(item => item!["type"].Text() == "function_call").ToList();
            calls.ShouldNotBeEmpty(model);
            calls[0]!["name"].Text().ShouldBe("find_drug");
            calls[0]!["call_id"].Text().ShouldNotBeEmpty();
            JsonNode.Parse(calls[0]!["arguments"].Text())!["name"].Text().ShouldBe("metformin");
            response["status"].Text().ShouldBe("completed");
        }

        JsonNode.Parse(node.Upstream.Calls[0].Body)!["tools"]!.ToJsonString().ShouldBe("""[{"type":"function","function":{"name":"find_drug","parameters":{"type":"object"}}}]""");
    }

    [Theory]
    [InlineData("note")]
    [InlineData("talk")]
    public async Task A_feature_answers_whatever_its_contract(string feature)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        var response = await node.CreateAsync($$"""{"model":"{{feature}}","input":"She sleeps."}""");

        response["status"].Text().ShouldBe("completed");
        response["model"].Text().ShouldBe(feature);
        response["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(Text);
        response["usage"]!["total_tokens"]!.GetValue<int>().ShouldBeGreaterThan(0);
        JsonNode.Parse(node.Upstream.Calls.ShouldHaveSingleItem().Body)!["messages"]![0]!["content"].Text().ShouldBe("Summarise: She sleeps.");
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("note")]
    [InlineData("talk")]
    public async Task Events_come_in_order_and_end_with_what_is_stored(string model)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        var events = await node.CreateEventsAsync($$"""{"model":"{{model}}","input":"She sleeps.","stream":true}""");

        events.Select(shown => shown["sequence_number"]!.GetValue<int>()).ShouldBe(Enumerable.Range(0, events.Count));
        events.Select(shown => shown["type"].Text()).Where(type => type != "response.output_text.delta").ShouldBe(
        [
            "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.done", "response.content_part.done",
            "response.output_item.done", "response.completed",
        ]);
        events[0]["response"]!["status"].Text().ShouldBe("in_progress");
        string.Concat(events.Where(shown => shown["type"].Text() == "response.output_text.delta").Select(shown => shown["delta"].Text())).ShouldBe(Text);
        var last = events[^1]["response"]!;
        var stored = await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(last)}");
        last.ToJsonString().ShouldBe(stored.ToJsonString());
        (await node.GetEventsAsync($"/v1/responses/{ResponsesWire.IdOf(last)}?stream=true")).Last()["response"]!.ToJsonString().ShouldBe(stored.ToJsonString());
    }

    [Fact]
    public async Task Calls_of_tools_are_streamed_piece_by_piece()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-tools")));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true,"tools":[{"type":"function","name":"find_drug"},{"type":"function","name":"find_dose"}]}""");

        events.Select(shown => shown["type"].Text()["response.".Length..]).ShouldBe(
        [
            "created", "in_progress", "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta", "function_call_arguments.delta", "function_call_arguments.delta",
            "function_call_arguments.delta", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done", "output_item.added", "function_call_arguments.delta",
            "function_call_arguments.done", "output_item.done", "completed",
        ]);
        var output = events[^1]["response"]!["output"]!;
        output[0]!["arguments"].Text().ShouldBe("""{"name":"metformin"}""");
        output[1]!["name"].Text().ShouldBe("find_dose");
        events[^1]["response"]!.ToJsonString().ShouldBe((await node.GetAsync($"/v1/responses/{events[^1]["response"]!["id"].Text()}")).ToJsonString());
    }

    [Theory]
    [InlineData("openai/stream-reasoning", "fast")]
    [InlineData("anthropic/stream-thinking", "claude")]
    public async Task Thoughts_are_an_item_of_their_own(string fixture, string model)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture(fixture)));

        var events = await node.CreateEventsAsync($$"""{"model":"{{model}}","input":"?","stream":true,"reasoning":{"effort":"low"},"include":["reasoning.encrypted_content"]}""");

        var response = events[^1]["response"]!;
        response["output"]!.AsArray().Select(item => item!["type"].Text()).ShouldBe(["reasoning", "message"]);
        response["output"]![0]!["content"]![0]!["text"].Text().ShouldNotBeEmpty();
        (response["output"]![0]!["encrypted_content"] is not null).ShouldBe(model == "claude");
        events.Select(shown => shown["type"].Text()).ShouldContain("response.reasoning_text.delta");
        response.ToJsonString().ShouldBe((await node.GetAsync($"/v1/responses/{response["id"].Text()}")).ToJsonString());
    }

    [Theory]
    [InlineData("openai/stream-length", "max_output_tokens")]
    [InlineData("openai/stream-content-filter", "content_filter")]
    public async Task An_answer_that_was_cut_is_incomplete(string fixture, string reason)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture(fixture)));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true,"max_output_tokens":20}""");

        events[^1]["type"].Text().ShouldBe("response.incomplete");
        events[^1]["response"]!["status"].Text().ShouldBe("incomplete");
        events[^1]["response"]!["incomplete_details"]!["reason"].Text().ShouldBe(reason);
        events[^1]["response"]!.ToJsonString().ShouldBe((await node.GetAsync($"/v1/responses/{events[^1]["response"]!["id"].Text()}")).ToJsonString());
    }

    [Fact]
    public async Task A_refusal_is_a_part_of_its_own()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-refusal")));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true}""");

        events.Select(shown => shown["type"].Text()).ShouldContain("response.refusal.delta");
        events[^1]["response"]!["output"]![0]!["content"]![0]!["type"].Text().ShouldBe("refusal");
    }

    [Fact]
    public async Task A_stream_that_breaks_ends_as_failed()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream").Before("metformin")));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true}""");

        events[^1]["type"].Text().ShouldBe("response.failed");
        events[^1]["response"]!["error"]!["code"].Text().ShouldBe("model-answer-cut");
        (await node.GetAsync($"/v1/responses/{events[^1]["response"]!["id"].Text()}"))["status"].Text().ShouldBe("failed");
    }

    [Fact]
    public async Task A_model_that_fails_at_once_is_an_error_with_a_status()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(400, "application/json", Scripts.Fixture("openai/error-context-length")));

        foreach (var stream in new[] { "true", "false" })
        {
            using var answer = await node.PostAsync("/v1/responses", $$"""{"model":"fast","input":"?","stream":{{stream}}}""");

            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await answer.ErrorOfAsync())["code"].Text().ShouldBe("context_length_exceeded");
        }
    }

    [Fact]
    public async Task Tokens_of_an_input_are_estimated_without_asking_a_model()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"How is she?"}"""));

        async Task<long> CountAsync(string body)
        {
            using var answer = await node.PostAsync("/v1/responses/input_tokens", body);
            var counted = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            counted["object"].Text().ShouldBe("response.input_tokens");
            return counted["input_tokens"]!.GetValue<long>();
        }

        var alone = await CountAsync("""{"model":"fast","input":"And now?"}""");
        (await CountAsync("""{"model":"fast","input":"And now? Six words more than before."}""")).ShouldBe(alone + 9);
        (await CountAsync($$"""{"model":"fast","input":"And now?","previous_response_id":"{{id}}"}""")).ShouldBeGreaterThan(alone + 20);
        node.Upstream.Calls.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"model":"nobody","input":"?"}""", "model_not_found", "model", 404)]
    [InlineData("""{"model":"vectors","input":"?"}""", "mode-forbidden", "model", 400)]
    [InlineData("""{"model":"fast"}""", "input-invalid", "input", 400)]
    [InlineData("""{"model":"fast","input":[]}""", "input-invalid", "input", 400)]
    [InlineData("""{"model":"fast","input":[{"role":"user","content":"a"},{"role":"user","content":"b"},{"type":"computer_call"}]}""", "input-invalid", "input[2].type", 400)]
    [InlineData("""{"model":"fast","input":[{"type":"item_reference","id":"msg_1"}]}""", "input-invalid", "input[0].type", 400)]
    [InlineData("""{"model":"fast","input":[{"role":"robot","content":"a"}]}""", "input-invalid", "input[0].role", 400)]
    [InlineData("""{"model":"fast","input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","file_id":"f"}]}]}""", "file-unknown", "input[0].content[1].file_id", 404)]
    [InlineData("""{"model":"fast","input":[{"role":"user","content":[{"type":"input_file","file_id":7}]}]}""", "input-invalid", "input[0].content[0].file_id", 400)]
    [InlineData("""{"model":"fast","input":[{"role":"user","content":[{"type":"input_file","file_id":"f","file_data":"data:text/plain;base64,YQ=="}]}]}""", "input-invalid", "input[0].content[0].file_id", 400)]
    [InlineData("""{"model":"fast","input":[{"role":"user","content":[{"type":"input_file","file_url":"https://example.com/a.pdf"}]}]}""", "input-invalid", "input[0].content[0].file_url", 400)]
    [InlineData("""{"model":"fast","input":[{"role":"user","content":[{"type":"input_file"}]}]}""", "input-invalid", "input[0].content[0].file_data", 400)]
    [InlineData("""{"model":"note","input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]}""", "input-invalid", "input[0].content[0].file_id", 400)]
    [InlineData("""{"model":"fast","input":[{"role":"user","content":[{"type":"input_video"}]}]}""", "input-invalid", "input[0].content[0].type", 400)]
    [InlineData("""{"model":"fast","input":[{"type":"function_call","name":"f","arguments":"{}"}]}""", "input-invalid", "input[0].call_id", 400)]
    [InlineData("""{"model":"fast","input":"?","tools":[{"type":"web_search"}]}""", "input-invalid", "tools[0].type", 400)]
    [InlineData("""{"model":"fast","input":"?","tool_choice":"any"}""", "input-invalid", "tool_choice", 400)]
    [InlineData("""{"model":"fast","input":"?","text":{"format":{"type":"xml"}}}""", "input-invalid", "text.format.type", 400)]
    [InlineData("""{"model":"fast","input":"?","temperature":3}""", "input-invalid", "temperature", 400)]
    [InlineData("""{"model":"fast","input":"?","max_output_tokens":"many"}""", "input-invalid", "max_output_tokens", 400)]
    [InlineData("""{"model":"fast","input":"?","store":"yes"}""", "input-invalid", "store", 400)]
    [InlineData("""{"model":"fast","input":"?","truncation":"some"}""", "input-invalid", "truncation", 400)]
    [InlineData("""{"model":"note","input":"?","truncation":"auto"}""", "input-invalid", "truncation", 400)]
    [InlineData("""{"model":"fast","input":"?","include":["everything"]}""", "input-invalid", "include", 400)]
    [InlineData("""{"model":"fast","input":"?","metadata":{"a":1}}""", "input-invalid", "metadata", 400)]
    [InlineData("""{"model":"fast","input":"?","conversation":"conv_1"}""", "input-invalid", "conversation", 400)]
    [InlineData("""{"model":"fast","input":"?","background":true,"store":false}""", "input-invalid", "store", 400)]
    [InlineData("""{"model":"fast","input":"?","input":"!"}""", "json-malformed", null, 400)]
    [InlineData("""{"model":"note","input":"?","background":true}""", "input-invalid", "background", 400)]
    [InlineData("""{"model":"later","input":"?","store":false}""", "input-invalid", "store", 400)]
    [InlineData("""{"model":"note","input":"?","tools":[{"type":"function","name":"f"}]}""", "input-invalid", "tools", 400)]
    [InlineData("""{"model":"note","input":"?","text":{"format":{"type":"json_object"}}}""", "input-invalid", "text.format", 400)]
    [InlineData("""{"model":"note","input":[{"role":"assistant","content":"?"}]}""", "input-invalid", "input", 400)]
    [InlineData("""{"model":"fast","input":"?","previous_response_id":"resp_00000000000000000000000000000000"}""", "previous_response_not_found", "previous_response_id", 400)]
    public async Task What_cannot_be_kept_is_refused_by_its_place(string body, string code, string? param, int status)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        using var answer = await node.PostAsync("/v1/responses", body);

        var error = await answer.ErrorOfAsync();
        ((int)answer.StatusCode).ShouldBe(status);
        error.Select(member => member.Key).ShouldBe(["message", "type", "param", "code"]);
        error["code"].Text().ShouldBe(code);
        error["param"]?.Text().ShouldBe(param);
        node.Upstream.Calls.ShouldBeEmpty();
    }
}
