using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.Anthropic;

public sealed class RequestTests
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v1")]
    [InlineData("/v1/")]
    public async Task The_server_is_found_with_and_without_v1(string end)
    {
        await using var asking = await AskingClaude.StreamAsync("stream");
        asking.Change(model => model with { BaseUrl = new Uri($"http://{model.BaseUrl!.Authority}{end}") });

        await asking.AnswerAsync(AskingClaude.Request());

        var call = asking.Upstream.Calls.ShouldHaveSingleItem();
        call.Path.ShouldBe("/v1/messages");
        call.Headers["x-api-key"].ShouldBe(Asking.Key);
        call.Headers["anthropic-version"].ShouldBe("2023-06-01");
        call.Headers["X-Team"].ShouldBe("triage");
        call.Headers["Content-Type"].ShouldBe("application/json");
        call.Headers.Keys.ShouldNotContain("Authorization");
    }

    [Fact]
    public async Task A_header_of_the_model_stands_in_place_of_the_usual_one()
    {
        await using var asking = await AskingClaude.StreamAsync("stream");
        asking.Change(model => model with { Headers = new Dictionary<string, string> { ["anthropic-version"] = "2027-01-01", ["anthropic-beta"] = "context-1m-2025-08-07" } });

        await asking.AnswerAsync(AskingClaude.Request());

        asking.Upstream.Calls[0].Headers["anthropic-version"].ShouldBe("2027-01-01");
        asking.Upstream.Calls[0].Headers["anthropic-beta"].ShouldBe("context-1m-2025-08-07");
    }

    [Fact]
    public async Task A_question_is_sent_with_its_limit_or_the_usual_one()
    {
        (await AskingClaude.SentAsync(AskingClaude.Request())).ToJsonString().ShouldBe("""{"model":"claude-sonnet-5","max_tokens":16384,"messages":[{"role":"user","content":[{"type":"text","text":"What does she take?"}]}],"stream":true}""");
        (await AskingClaude.SentAsync(AskingClaude.Request() with { MaxTokens = 99 }))["max_tokens"]!.GetValue<int>().ShouldBe(99);
        (await AskingClaude.SentAsync(AskingClaude.Request("\"max_tokens\":7")))["max_tokens"]!.GetValue<int>().ShouldBe(7);
        (await AskingClaude.SentAsync(AskingClaude.Request("\"max_completion_tokens\":8")))["max_tokens"]!.GetValue<int>().ShouldBe(8);
    }

    [Fact]
    public async Task Images_become_sources() => await ShouldSendAsync("request-image", $$$"""
        [{"role":"user","content":[
          {"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Png}}}","detail":"high"}},
          {"type":"image_url","image_url":{"url":"https://upload.wikimedia.org/wikipedia/commons/a/a7/Camponotus_flavomarginatus_ant.jpg"}},
          {"type":"text","text":"Describe these images."}]}]
        """, "\"max_tokens\":1024");

    [Fact]
    public async Task A_pdf_becomes_a_document() => await ShouldSendAsync("request-document", """
        [{"role":"user","content":[
          {"type":"file","file":{"filename":"letter.pdf","file_data":"data:application/pdf;base64,JVBERi0xLjQKJSVFT0YK"}},
          {"type":"text","text":"What are the key findings in this document?"}]}]
        """, "\"max_tokens\":1024");

    [Fact]
    public async Task Tools_their_calls_and_their_results_make_the_trip() => await ShouldSendAsync("request-tools", """
        [{"role":"system","content":"Be brief."},{"role":"user","content":"Are they known?"},
         {"role":"assistant","content":"I'll look.","tool_calls":[
           {"id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","type":"function","function":{"name":"find_drug","arguments":"{\"name\":\"metformin\"}"}},
           {"id":"toolu_01A09q90qw90lq917835lq9","type":"function","function":{"name":"find_drug","arguments":"{\"name\":\"ramipril\"}"}}]},
         {"role":"tool","tool_call_id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","content":"known"},
         {"role":"tool","tool_call_id":"toolu_01A09q90qw90lq917835lq9","content":"unknown"},
         {"role":"user","content":"Well?"}]
        """, """
        "max_tokens":1024,"tool_choice":"required","parallel_tool_calls":false,
        "tools":[{"type":"function","function":{"name":"find_drug","description":"Finds a drug","parameters":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}}]
        """);

    [Fact]
    public async Task Neighbours_of_one_role_are_one_turn_and_what_says_nothing_is_left_out()
    {
        var sent = await AskingClaude.SentAsync(AskingClaude.Request(messages: """
            [{"role":"user","content":"a"},{"role":"developer","content":[{"type":"text","text":"x"}]},{"role":"user","content":[{"type":"text","text":"b"},{"type":"text","text":" "}]},
             {"role":"assistant","content":null},{"role":"user","content":"c"},{"role":"system","content":"y"}]
            """));

        sent["system"]!.ToJsonString().ShouldBe("""[{"type":"text","text":"x"},{"type":"text","text":"y"}]""");
        sent["messages"]!.ToJsonString().ShouldBe("""[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"text","text":"c"}]}]""");
    }

    [Fact]
    public async Task A_last_turn_of_the_assistant_is_sent_as_the_API_takes_it()
    {
        var sent = await AskingClaude.SentAsync(AskingClaude.Request(messages: """[{"role":"user","content":"a"},{"role":"assistant","content":"The best answer is: "}]"""));

        sent["messages"]![1]!.ToJsonString().ShouldBe("""{"role":"assistant","content":[{"type":"text","text":"The best answer is:"}]}""");
    }

    [Fact]
    public async Task Ids_of_other_providers_are_made_fit_on_both_sides()
    {
        var sent = await AskingClaude.SentAsync(AskingClaude.Request(messages: """
            [{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"functions.find:0","function":{"name":"find","arguments":""}}]},{"role":"tool","tool_call_id":"functions.find:0","content":[{"type":"text","text":"r"}]}]
            """));

        sent["messages"]![1]!["content"]![0]!.ToJsonString().ShouldBe("""{"type":"tool_use","id":"functions_find_0","name":"find","input":{}}""");
        sent["messages"]![2]!["content"]![0]!.ToJsonString().ShouldBe("""{"type":"tool_result","tool_use_id":"functions_find_0","content":[{"type":"text","text":"r"}]}""");
    }

    [Fact]
    public async Task What_is_to_be_cached_is_said_where_it_was_said()
    {
        var sent = await AskingClaude.SentAsync(AskingClaude.Request(messages: """[{"role":"system","content":[{"type":"text","text":"long","cache_control":{"type":"ephemeral"}}]},{"role":"user","content":"a"}]"""));

        sent["system"]![0]!["cache_control"]!["type"]!.GetValue<string>().ShouldBe("ephemeral");
    }

    [Theory]
    [InlineData("""[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}]}]""", "messages[0].content[0]: it does not hear")]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://example.com/a.png"}}]}]""", "messages[0].content[0].image_url.url: it must be a data: URL")]
    [InlineData("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/tiff;base64,AAAA"}}]}]""", "it does not see image/tiff")]
    [InlineData("""[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]""", "messages[0].content[0].file: file_data must be")]
    [InlineData("""[{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/zip;base64,AAAA"}}]}]""", "it does not read application/zip")]
    [InlineData("""[{"role":"user","content":[{"type":"video_url"}]}]""", "a part of the type 'video_url' has no counterpart")]
    [InlineData("""[{"role":"user","content":5}]""", "messages[0].content: it must be a text or a list")]
    [InlineData("""[{"role":"system","content":[{"type":"image_url"}]},{"role":"user","content":"a"}]""", "messages[0].content[0]: only text may stand here")]
    [InlineData("""[{"role":"function","name":"a","content":"b"}]""", "messages[0].role: 'function' has no counterpart")]
    [InlineData("""[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"a\":"}}]}]""", "messages[1].tool_calls[0].function.arguments: they must be the text of a JSON object")]
    [InlineData("""[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"a","type":"custom","custom":{"name":"f"}}]}]""", "messages[1].tool_calls[0]: only calls of functions")]
    [InlineData("""[{"role":"system","content":"a"}]""", "messages: there is no turn")]
    [InlineData("\"a\"", "messages: they must be a list")]
    public async Task A_turn_without_a_counterpart_is_refused_with_its_place_before_anything_is_sent(string messages, string why) =>
        (await AskingClaude.RefusedAsync(AskingClaude.Request(messages: messages))).ShouldContain(why);

    [Fact]
    public async Task One_server_can_speak_both_APIs()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.ByPath(Scripts.Events(Scripts.Fixture("openai/stream")), Scripts.Events(AskingClaude.Fixture("stream"))));
        ModelDefinition[] models = [Asking.Define("one", upstream.BaseUrl), AskingClaude.Define("two", upstream.BaseUrl)];
        using var catalog = Catalogs.Of(new ManualTime(), models);

        foreach (var model in models)
            (await catalog.ProviderOf(model)!.AskAsync(model, AskingClaude.Request(), null, CancellationToken.None)).ShouldBeOfType<Headway.Models.ModelReply.Answered>();

        upstream.Calls.Select(call => call.Path).ShouldBe(["/v1/chat/completions", "/v1/messages"]);
    }

    private static async Task ShouldSendAsync(string fixture, string messages, string fields)
    {
        var sent = await AskingClaude.SentAsync(AskingClaude.Request(fields, messages: messages));

        JsonNode.DeepEquals(sent, JsonNode.Parse(AskingClaude.Fixture(fixture))).ShouldBeTrue(sent.ToJsonString());
    }
}
