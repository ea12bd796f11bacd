using System.Net;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi;

/// <summary>Features, called as if they were models.</summary>
public sealed class FeatureChatTests
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    [Theory]
    [InlineData("note")]
    [InlineData("talk")]
    public async Task Whatever_its_contract_it_answers_whole_where_that_is_asked(string feature)
    {
        await using var node = await StartAsync();

        using var answer = await node.PostAsync("/v1/chat/completions", $$"""{"model":"{{feature}}","messages":[{"role":"user","content":"She sleeps."}],"temperature":0.1}""");

        var completion = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        completion["object"]!.GetValue<string>().ShouldBe("chat.completion");
        completion["id"]!.GetValue<string>().ShouldBe($"chatcmpl-{answer.Headers.GetValues("Headway-Job").Single()}");
        completion["model"]!.GetValue<string>().ShouldBe("fast");
        completion["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldBe(Text);
        completion["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("stop");
        completion["usage"]!["total_tokens"]!.GetValue<int>().ShouldBeGreaterThan(0);
        JsonNode.Parse(node.Upstream.Calls.ShouldHaveSingleItem().Body)!["messages"]![0]!["content"]!.GetValue<string>().ShouldBe("Summarise: She sleeps.");
    }

    [Theory]
    [InlineData("note")]
    [InlineData("talk")]
    public async Task Whatever_its_contract_it_answers_in_chunks_where_those_are_asked(string feature)
    {
        await using var node = await StartAsync();

        var events = await node.EventsAsync($$$"""{"model":"{{{feature}}}","messages":[{"role":"user","content":"She sleeps."}],"stream":true,"stream_options":{"include_usage":true}}""");

        events[^1].ShouldBe("[DONE]");
        var chunks = events.SkipLast(1).Select(entry => JsonNode.Parse(entry)!).ToList();
        chunks.ShouldAllBe(chunk => chunk["object"]!.GetValue<string>() == "chat.completion.chunk");
        chunks[0]["choices"]![0]!["delta"]!["role"]!.GetValue<string>().ShouldBe("assistant");
        string.Concat(chunks.SkipLast(1).Select(chunk => chunk["choices"]![0]!["delta"]!["content"]?.GetValue<string>())).ShouldBe(Text);
        chunks[^2]["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("stop");
        chunks[^1]["choices"]!.AsArray().ShouldBeEmpty();
        chunks[^1]["usage"]!["completion_tokens"]!.GetValue<int>().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_JSON_object_is_the_input_itself()
    {
        await using var node = await StartAsync();

        using var answer = await node.PostAsync("/v1/chat/completions", """{"model":"note@1","messages":[{"role":"user","content":[{"type":"text","text":"{\"note\":\"She sleeps.\"}"}]}]}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode.Parse(node.Upstream.Calls.ShouldHaveSingleItem().Body)!["messages"]![0]!["content"]!.GetValue<string>().ShouldBe("Summarise: She sleeps.");
    }

    [Theory]
    [InlineData("""{"model":"later","messages":[{"role":"user","content":"?"}]}""", "mode-forbidden", "model", "later@1 is async")]
    [InlineData("""{"model":"note","messages":[]}""", "input-invalid", "messages", "at least one turn")]
    [InlineData("""{"model":"note","messages":[{"role":"assistant","content":"?"}]}""", "input-invalid", "messages", "the user's")]
    [InlineData("""{"model":"note","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:"}}]}]}""", "input-invalid", "messages", "multipart/form-data")]
    [InlineData("""{"model":"note","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"{\"note\":1}"}]}""", "input-invalid", "messages", "the only turn")]
    [InlineData("""{"model":"note","messages":[{"role":"user","content":"?"}],"tools":[{"type":"function","function":{"name":"f"}}]}""", "input-invalid", "tools", "`tools`")]
    [InlineData("""{"model":"note","messages":[{"role":"user","content":"?"}],"response_format":{"type":"json_object"}}""", "input-invalid", "response_format", "a form of its own")]
    [InlineData("""{"model":"note","messages":[{"role":"user","content":"?"}],"n":2}""", "input-invalid", "n", "`n`")]
    [InlineData("""{"model":"note","messages":[{"role":"user","content":"?"}],"stream":"yes"}""", "input-invalid", "stream", "true or false")]
    [InlineData("""{"model":"nota","messages":[]}""", "model_not_found", "model", "note")]
    [InlineData("""{"model":"note@7","messages":[]}""", "model_not_found", "model", "no version")]
    [InlineData("""{"model":7,"messages":[]}""", "input-invalid", "model", "must name")]
    [InlineData("""{"messages":[]}""", "input-invalid", "model", "must name")]
    [InlineData("""[]""", "input-invalid", null, "JSON object")]
    [InlineData("""{"model":""", "json-malformed", null, "Line 1")]
    public async Task What_cannot_be_kept_is_refused_by_name(string body, string code, string? param, string says)
    {
        await using var node = await StartAsync();

        using var answer = await node.PostAsync("/v1/chat/completions", body);

        ((int)answer.StatusCode).ShouldBe(code == "model_not_found" ? 404 : 400);
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]!.AsObject();
        error["code"]!.GetValue<string>().ShouldBe(code);
        error["param"]?.GetValue<string>().ShouldBe(param);
        error["message"]!.GetValue<string>().ShouldContain(says);
        error["type"]!.GetValue<string>().ShouldBe("invalid_request_error");
        answer.Headers.GetValues("x-should-retry").Single().ShouldBe("false");
        node.Upstream.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Models_and_features_are_listed_alike()
    {
        await using var node = await StartAsync();

        var list = JsonNode.Parse(await node.Http.GetStringAsync("/v1/models"))!;
        var one = JsonNode.Parse(await node.Http.GetStringAsync("/v1/models/note@1"))!;
        using var none = await node.Http.GetAsync("/v1/models/nobody");

        list["object"]!.GetValue<string>().ShouldBe("list");
        list["data"]!.AsArray().Select(model => model!["id"]!.GetValue<string>()).Order().ShouldBe(["claude", "fast", "kept", "later", "note", "talk", "vectors"]);
        one["object"]!.GetValue<string>().ShouldBe("model");
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        JsonNode.Parse(await none.Content.ReadAsStringAsync())!["error"]!["code"]!.GetValue<string>().ShouldBe("model_not_found");
    }

    [Fact]
    public async Task A_wrong_method_is_told_in_the_same_form()
    {
        await using var node = await StartAsync();

        using var answer = await node.Http.GetAsync("/v1/chat/completions");

        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]!["code"]!.GetValue<string>().ShouldBe("method-not-allowed");
    }

    [Fact]
    public async Task A_feature_makes_no_embeddings()
    {
        await using var node = await StartAsync();

        using var answer = await node.PostAsync("/v1/embeddings", """{"model":"note","input":"heart"}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("makes no embeddings");
    }

    private static Task<OpenAiHost> StartAsync() => OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
}
