using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenApi;

/// <summary>The listing in docs/openai.md of what differs from OpenAI's document, held against ours. OpenAI's is not here: tests/openai-openapi compares both.</summary>
public sealed class OpenAiDifferencesTests
{
    private const string Again = "The document has changed: run OPENAI_OPENAPI=… tests/openai-openapi --write, and say there why it differs.";

    [Fact]
    public async Task The_listing_was_made_of_the_document_as_it_is_now()
    {
        var places = (await PlacesAsync()).All();
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', places))))[..16];

        Listing()[0].ShouldContain(string.Create(CultureInfo.InvariantCulture, $"{places.Count} places ({digest})"), customMessage: Again);
    }

    [Fact]
    public async Task It_says_of_each_place_rightly_who_has_it()
    {
        var (places, told) = ((await PlacesAsync()).All(), 0);
        foreach (var (sign, place) in Differences())
        {
            places.Contains(place).ShouldBe(sign != '-', $"{sign} {place}. {Again}");
            told++;
        }

        told.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Every_difference_stands_below_a_reason()
    {
        var (lines, reason) = (Listing(), "");
        foreach (var line in lines.Skip(1).Where(line => line.Length > 0))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) continue;
            if (line[0] is '-' or '+' or '~') reason.ShouldNotBeEmpty(line);
            else reason = line;
        }
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"fast","messages":[{"role":"user","content":"?"}]}""", "openai/whole")]
    [InlineData("/v1/chat/completions", """{"model":"claude","messages":[{"role":"user","content":"?"}]}""", "anthropic/whole-tools")]
    [InlineData("/v1/chat/completions", """{"model":"fast","messages":[{"role":"user","content":"?"}]}""", "openai/whole-refusal")]
    [InlineData("/v1/chat/completions", """{"model":"claude","messages":[{"role":"user","content":"?"}]}""", "anthropic/whole-thinking")]
    [InlineData("/v1/chat/completions", """{"model":"note","messages":[{"role":"user","content":"?"}]}""", "openai/stream")]
    [InlineData("/v1/embeddings", """{"model":"vectors","input":"?"}""", "openai/embeddings")]
    [InlineData("/v1/embeddings", """{"model":"vectors","input":"?"}""", "openai/embeddings-base64")]
    [InlineData("/v1/responses", """{"model":"fast","input":"?","metadata":{"a":"b"},"truncation":"auto"}""", "openai/whole")]
    [InlineData("/v1/responses", """{"model":"fast","input":"?","tools":[{"type":"function","name":"find_drug","parameters":{"type":"object"}}],"tool_choice":{"type":"function","name":"find_drug"}}""", "openai/whole-tools")]
    [InlineData("/v1/responses", """{"model":"fast","input":"?","text":{"format":{"type":"json_schema","name":"a","schema":{}}}}""", "openai/whole-refusal")]
    [InlineData("/v1/responses", """{"model":"claude","input":"?","include":["reasoning.encrypted_content"],"reasoning":{"effort":"low"}}""", "anthropic/whole-thinking")]
    [InlineData("/v1/responses", """{"model":"fast","input":"?","background":true}""", "openai/whole")]
    [InlineData("/v1/responses/compact", """{"model":"fast","input":"?"}""", "openai/whole")]
    [InlineData("/v1/responses/input_tokens", """{"model":"fast","input":"?"}""", "openai/whole")]
    public async Task What_is_answered_is_told_of_by_the_document(string path, string body, string fixture)
    {
        var said = Scripts.Fixture(fixture);
        await using var node = await OpenAi.OpenAiHost.StartAsync(fixture.EndsWith("stream") ? Scripts.Events(said) : Scripts.Whole(200, "application/json", said));
        var places = await PlacesAsync(node.Http);

        using var answer = await node.PostAsync(path, body);

        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        places.Untold(await answer.JsonAsync(), places.SchemaOf(path, "post", "application/json")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"fast","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"?"}]}""", "openai/stream-tools")]
    [InlineData("/v1/chat/completions", """{"model":"fast","stream":true,"messages":[{"role":"user","content":"?"}]}""", "openai/stream-refusal")]
    [InlineData("/v1/chat/completions", """{"model":"talk","stream":true,"messages":[{"role":"user","content":"?"}]}""", "openai/stream")]
    [InlineData("/v1/responses", """{"model":"fast","stream":true,"input":"?"}""", "openai/stream-tools")]
    [InlineData("/v1/responses", """{"model":"fast","stream":true,"input":"?"}""", "openai/stream-refusal")]
    [InlineData("/v1/responses", """{"model":"fast","stream":true,"input":"?"}""", "openai/stream-reasoning")]
    [InlineData("/v1/responses", """{"model":"fast","stream":true,"background":true,"input":"?"}""", "openai/stream-length")]
    [InlineData("/v1/responses", """{"model":"claude","stream":true,"input":"?"}""", "anthropic/stream-thinking")]
    public async Task Each_event_is_told_of_by_the_document(string path, string body, string fixture)
    {
        await using var node = await OpenAi.OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture(fixture)));
        var places = await PlacesAsync(node.Http);

        using var answer = await node.PostAsync(path, body, streams: true);
        var events = (await answer.Content.ReadAsStringAsync()).Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).ToList();

        events.Count.ShouldBeGreaterThan(2);
        foreach (var data in events) places.Untold(System.Text.Json.JsonElement.Parse(data["data: ".Length..]), places.SchemaOf(path, "post", "text/event-stream")).ShouldBeEmpty(data);
    }

    [Fact]
    public async Task So_are_models_files_input_items_and_errors()
    {
        await using var node = await OpenAi.OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var places = await PlacesAsync(node.Http);
        using var created = await node.PostAsync("/v1/responses", """
            {"model":"fast","input":[{"role":"user","content":[{"type":"input_text","text":"?"},{"type":"input_image","image_url":"data:image/png;base64,iVBORw==","detail":"low"},{"type":"input_file","file_data":"data:application/pdf;base64,JVBERi0=","filename":"a.pdf"}]},
            {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"1"},{"type":"reasoning","summary":[]},{"role":"assistant","content":"!"},{"role":"user","content":"?"}]}
            """);
        var id = (await created.JsonAsync()).GetProperty("id").GetString();
        using var kept = await node.Http.PostAsync("/v1/files", OpenAi.Files.FileForms.Form());
        var uploaded = await kept.JsonAsync();
        var file = uploaded.GetProperty("id").GetString();

        async Task CheckAsync(string path, string route, HttpMethod method, string status = "200")
        {
            using var answer = await node.Http.SendAsync(new HttpRequestMessage(method, path));
            places.Untold(await answer.JsonAsync(), places.SchemaOf(route, method.Method.ToLowerInvariant(), "application/json", status)).ShouldBeEmpty(path);
        }

        places.Untold(uploaded, places.SchemaOf("/v1/files", "post", "application/json")).ShouldBeEmpty();
        await CheckAsync("/v1/models", "/v1/models", HttpMethod.Get);
        await CheckAsync("/v1/models/fast", "/v1/models/{id}", HttpMethod.Get);
        await CheckAsync($"/v1/responses/{id}", "/v1/responses/{id}", HttpMethod.Get);
        await CheckAsync($"/v1/responses/{id}/input_items", "/v1/responses/{id}/input_items", HttpMethod.Get);
        await CheckAsync("/v1/files", "/v1/files", HttpMethod.Get);
        await CheckAsync($"/v1/files/{file}", "/v1/files/{id}", HttpMethod.Get);
        await CheckAsync($"/v1/files/{file}/audit", "/v1/files/{id}/audit", HttpMethod.Get);
        await CheckAsync($"/v1/files/{file}", "/v1/files/{id}", HttpMethod.Delete);
        await CheckAsync($"/v1/files/{file}", "/v1/files/{id}", HttpMethod.Delete, "404");
        await CheckAsync($"/v1/responses/{id}", "/v1/responses/{id}", HttpMethod.Delete);
        await CheckAsync($"/v1/responses/{id}", "/v1/responses/{id}", HttpMethod.Get, "404");
    }

    [Fact]
    public async Task A_place_that_is_not_told_of_is_found()
    {
        await using var node = await OpenAi.OpenAiHost.StartAsync(Scripts.Silence());
        var places = await PlacesAsync(node.Http);
        var schema = places.SchemaOf("/v1/models/{id}", "get", "application/json");

        places.Untold(System.Text.Json.JsonElement.Parse("""{"id":"a","object":"model","created":1,"owned_by":"b"}"""), schema).ShouldBeEmpty();
        places.Untold(System.Text.Json.JsonElement.Parse("""{"id":"a","object":"model","created":1,"owned_by":"b","color":1}"""), schema).ShouldBe([".color"]);
        places.Untold(System.Text.Json.JsonElement.Parse("""{"id":1,"object":"models","created":1}"""), schema).ShouldBe([".owned_by is missing", ".id: 1", ".object: \"models\""]);
    }

    private static async Task<DocumentPlaces> PlacesAsync()
    {
        await using var host = await HeadwayHost.StartAsync(OpenAi.Files.FileForms.Features);
        return await PlacesAsync(host.Http);
    }

    private static async Task<DocumentPlaces> PlacesAsync(HttpClient http)
    {
        using var answer = await http.GetAsync("/openapi/v1.json");
        return new DocumentPlaces(await answer.JsonAsync());
    }

    /// <summary>Each difference by itself: what stands below one place is on one line.</summary>
    private static IEnumerable<(char Sign, string Place)> Differences()
    {
        foreach (var line in Listing().Where(line => Regex.IsMatch(line, "^[-+~] ")))
        {
            if (line.IndexOf(": ", StringComparison.Ordinal) is not (> 0 and var at)) yield return (line[0], line[2..]);
            else foreach (var key in line[(at + 2)..].Split(' ')) yield return (line[0], Join(line[2..at], key));
        }
    }

    // The route and the kind of its body stand before the path, which begins without a dot.
    private static string Join(string parent, string key) => Regex.IsMatch(parent, @"(request|response|event)$") && parent.Split(' ').Length == 3 ? $"{parent} {key.TrimStart('.')}" : parent + key;

    private static string[] Listing([CallerFilePath] string here = "")
    {
        var text = File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "openai.md"));
        const string begin = "<!-- differences: begin -->\n";
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return text[from..text.IndexOf("\n<!-- differences: end -->", StringComparison.Ordinal)].Split('\n');
    }
}
