using System.Net;
using System.Text.Json;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Jobs;

public sealed class DeadLetterTests : IAsyncLifetime
{
    private const string File = """
        features:
          mended: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code, input: form.json, retry: { attempts: 1 } }
          other: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code, retry: { attempts: 1 } }
        """;

    private const string Schema = """{ "type": "object", "required": ["age"], "additionalProperties": false, "properties": { "age": { "type": "integer", "minimum": 0 } } }""";

    private HeadwayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(File, app =>
    {
        app.MapFeature<JsonElement, FeatureResult<int>>("mended", (input, _, _) => Task.FromResult<FeatureResult<int>>(
            input.GetProperty("age").GetInt32() is var age and >= 18 ? age : FeatureResult.DeadLetter("too-young", "Only adults.")));
        app.MapFeature<JsonElement, int>("other", Never);
    }, beside: ("form.json", Schema));

    private static Task<int> Never(JsonElement input, FeatureContext feature, CancellationToken stop) => throw new InvalidOperationException("never");

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task They_are_grouped_with_how_many_and_an_example()
    {
        await DieAsync("mended", """{"age":1}""");
        var newest = await DieAsync("mended", """{"age":2}""");
        await DieAsync("other", "{}");

        var groups = await GetAsync("/v1/dead-letters/groups");

        groups.GetProperty("more").GetBoolean().ShouldBeFalse();
        var first = groups.GetProperty("groups")[0];
        first.GetProperty("feature").GetString().ShouldBe("mended");
        first.GetProperty("reason").GetString().ShouldBe("too-young");
        first.GetProperty("class").GetString().ShouldBe("permanent");
        first.GetProperty("count").GetInt32().ShouldBe(2);
        first.GetProperty("example").GetString().ShouldBe(newest);
        groups.GetProperty("groups")[1].GetProperty("class").GetString().ShouldBe("bug");
        (await GetAsync("/v1/dead-letters/groups?limit=1")).GetProperty("more").GetBoolean().ShouldBeTrue();
        var print = Uri.EscapeDataString(first.GetProperty("fingerprint").GetString()!);
        var list = (await GetAsync($"/v1/dead-letters?version=1&fingerprint={print}")).GetProperty("jobs");
        list.GetArrayLength().ShouldBe(2);
        list[0].GetProperty("error").GetProperty("fingerprint").GetString().ShouldBe(first.GetProperty("fingerprint").GetString());
        (await GetAsync("/v1/dead-letters?version=2")).GetProperty("jobs").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task One_is_replayed_with_another_input_that_fits_its_schema()
    {
        var job = await DieAsync("mended", """{"age":1}""");

        await (await PostAsync($"/v1/jobs/{job}/replay", """{"input":{"age":"old"}}""")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "input-invalid");
        await (await PostAsync($"/v1/jobs/{job}/replay", """{"inputs":{}}""")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "replay-invalid");
        await (await PostAsync($"/v1/jobs/{job}/replay", """{"model":"strong"}""")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "replay-model-forbidden");
        await (await PostAsync($"/v1/jobs/{job}/replay", "[1]")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "replay-invalid");
        (await PostAsync($"/v1/jobs/{job}/replay", """{"input":{"age":20}}""")).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        (await EndAsync(job)).GetProperty("state").GetString().ShouldBe("succeeded");
        var inputs = (await GetAsync($"/v1/jobs/{job}/inputs")).GetProperty("inputs");
        inputs.GetArrayLength().ShouldBe(2);
        inputs[0].GetProperty("attempt").GetInt32().ShouldBe(1);
        (await (await _host.Http.GetAsync($"/v1/jobs/{job}/inputs/1")).Content.ReadAsStringAsync()).ShouldBe("""{"age":1}""");
        (await (await _host.Http.GetAsync($"/v1/jobs/{job}/inputs/2")).Content.ReadAsStringAsync()).ShouldBe("""{"age":20}""");
        await (await _host.Http.GetAsync($"/v1/jobs/{job}/inputs/3")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "input-unknown");
        (await PostAsync($"/v1/jobs/{job}/replay", null)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Many_are_told_of_first_and_replayed_once_under_a_key()
    {
        for (var i = 0; i < 3; i++) await DieAsync("other", "{}");

        var dry = await (await PostAsync("/v1/dead-letters/replay?feature=other&dryRun=true", null)).JsonAsync();
        var first = await (await PostAsync("/v1/dead-letters/replay?feature=other&atMost=2", null, "k")).JsonAsync();
        var again = await (await PostAsync("/v1/dead-letters/replay?feature=other&atMost=2", null, "k")).JsonAsync();

        (dry.GetProperty("count").GetInt32(), dry.GetProperty("dryRun").GetBoolean(), dry.GetProperty("more").GetBoolean()).ShouldBe((3, true, false));
        (first.GetProperty("count").GetInt32(), first.GetProperty("matched").GetInt32(), first.GetProperty("more").GetBoolean()).ShouldBe((2, 2, true));
        again.GetRawText().ShouldBe(first.GetRawText());
        await (await PostAsync("/v1/dead-letters/replay?feature=mended", null, "k")).ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency-mismatch");
    }

    [Theory]
    [InlineData("?atMost=0", null, "filter-invalid")]
    [InlineData("?limit=5", null, "filter-invalid")]
    [InlineData("?version=x", null, "filter-invalid")]
    [InlineData("?dryRun=yes", null, "filter-invalid")]
    [InlineData("", """{"input":{}}""", "replay-invalid")]
    [InlineData("", """{"model":"none"}""", "replay-model-unknown")]
    [InlineData("", "{", "json-malformed")]
    public async Task A_replay_that_cannot_be_read_does_nothing(string query, string? body, string code) =>
        await (await PostAsync("/v1/dead-letters/replay" + query, body)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, code);

    [Fact]
    public async Task Groups_have_no_pages()
    {
        await (await _host.Http.GetAsync("/v1/dead-letters/groups?cursor=x")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "cursor-invalid");
        await (await _host.Http.GetAsync("/v1/dead-letters/groups?state=queued")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "filter-invalid");
    }

    private async Task<string> DieAsync(string feature, string json)
    {
        var accepted = await _host.Http.SendAsync(Call(feature, json));
        var id = (await accepted.JsonAsync()).GetProperty("id").GetString()!;
        (await EndAsync(id)).GetProperty("state").GetString().ShouldBe("dead");
        return id;
    }

    private async Task<JsonElement> EndAsync(string job) =>
        await (await _host.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}"), ("Prefer", "wait=30")))).JsonAsync();

    private async Task<JsonElement> GetAsync(string path) => await (await _host.Http.GetAsync(path)).JsonAsync();

    private Task<HttpResponseMessage> PostAsync(string path, string? body, string? key = null)
    {
        var request = body is null ? new HttpRequestMessage(HttpMethod.Post, path) : Call(path, body);
        return _host.Http.SendAsync(key is null ? request : With(request, ("Idempotency-Key", key)));
    }
}
