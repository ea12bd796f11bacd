using System.Globalization;
using System.Net;
using System.Text.Json;
using Headway.AspNetCore.Features;
using Headway.Jobs.Accepting;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

public sealed class CacheTests
{
    private const string Ask = "features: { ask: { contract: { mode: sync, caller: waits }, handler: code, cache: { for: 10m } } }";
    private int _made;

    [Fact]
    public async Task A_hit_says_how_old_it_is_and_the_caller_says_whether_it_wants_one()
    {
        await using var host = await StartAsync(Ask);

        var first = await host.Http.SendAsync(Call("ask", """{"a":1,"b":2}"""));
        var second = await host.Http.SendAsync(Call("ask", """{ "b":2, "a":1 }"""));
        var third = await host.Http.SendAsync(Call("ask", """{"a":1,"b":2}""", ("Cache-Control", "no-store")));
        var fourth = await host.Http.SendAsync(Call("ask", """{"a":1,"b":2}""", ("Cache-Control", "no-cache")));
        var fifth = await host.Http.SendAsync(Call("ask", """{"a":1,"b":2}""", ("Cache-Control", "only-if-cached, max-age=600")));

        (first.Header("Age"), first.Header("Cache-Status")).ShouldBe((null, "headway; fwd=miss; stored"));
        int.Parse(second.Header("Age")!, CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(0);
        second.Header("Cache-Status")!.ShouldStartWith("headway; hit; ttl=");
        (await second.Content.ReadAsStringAsync()).ShouldBe("1");
        second.Header("Headway-Job").ShouldNotBe(first.Header("Headway-Job"));
        (await third.Content.ReadAsStringAsync(), third.Header("Cache-Status")).ShouldBe(("2", "headway; fwd=bypass"));
        (await fourth.Content.ReadAsStringAsync(), fourth.Header("Cache-Status")).ShouldBe(("3", "headway; fwd=request; stored"));
        (await fifth.Content.ReadAsStringAsync()).ShouldBe("3");
    }

    [Theory]
    [InlineData(Ask)]
    [InlineData("features: { ask: { contract: { mode: hybrid, wait: 1s, caller: waits, deliverWithin: 1m }, handler: code, cache: { for: 10m } } }")]
    [InlineData("features: { ask: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code } }")]
    [InlineData("features: { ask: { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none, cache: { for: 10m } } }")]
    public async Task Who_wants_only_what_is_kept_is_told_that_nothing_is(string file)
    {
        await using var host = await StartAsync(file);

        var problem = await (await host.Http.SendAsync(Call("ask", "{}", ("Cache-Control", "only-if-cached")))).ShouldBeProblemAsync(HttpStatusCode.GatewayTimeout, "not-cached");

        problem.GetProperty("detail").GetString()!.ShouldContain("only-if-cached");
        _made.ShouldBe(0);
        (await (await host.Http.GetAsync("/v1/jobs")).JsonAsync()).GetProperty("jobs").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_hybrid_call_gets_200_with_its_age()
    {
        await using var host = await StartAsync("features: { ask: { contract: { mode: hybrid, wait: 30s, caller: waits, deliverWithin: 1m }, handler: code, timeout: 30s, cache: { for: 10m } } }");
        var first = await host.Http.SendAsync(Call("ask", "{}"));
        var second = await host.Http.SendAsync(Call("ask", "{}", ("Prefer", "respond-async")));

        second.Header("Preference-Applied").ShouldBeNull();
        (first.StatusCode, first.Header("Age"), first.Header("Cache-Status")).ShouldBe((HttpStatusCode.OK, null, "headway; fwd=miss; stored"));
        (second.StatusCode, second.Header("Age")).ShouldBe((HttpStatusCode.OK, "0"));
        second.Header("Cache-Status")!.ShouldStartWith("headway; hit; ttl=");
        (await JobAsync(host, second)).GetProperty("cachedFrom").GetString().ShouldBe(first.Header("Headway-Job"));
    }

    [Fact]
    public async Task An_async_call_gets_202_with_a_job_that_has_ended()
    {
        await using var host = await StartAsync("features: { ask: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, cache: { for: 10m } } }");
        var first = await host.Http.SendAsync(Call("ask", "{}"));
        await host.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, first.Headers.Location), ("Prefer", "wait=30")));
        var second = await host.Http.SendAsync(Call("ask", "{}"));

        (first.StatusCode, first.Header("Cache-Status")).ShouldBe((HttpStatusCode.Accepted, "headway; fwd=miss"));
        (second.StatusCode, second.Header("Age")).ShouldBe((HttpStatusCode.Accepted, null));
        second.Header("Cache-Status")!.ShouldStartWith("headway; hit; ttl=");
        var job = await second.JsonAsync();
        (job.GetProperty("state").GetString(), job.GetProperty("cachedFrom").GetString()).ShouldBe(("succeeded", first.Header("Headway-Job")));
        job.TryGetProperty("cost", out _).ShouldBeFalse();
        (await host.Http.GetStringAsync(new Uri(second.Headers.Location + "/result", UriKind.Relative))).ShouldBe("1");
    }

    [Fact]
    public async Task A_stream_gets_its_events_with_their_age_and_can_come_back_for_them()
    {
        await using var host = await HeadwayHost.StartAsync(
            "features: { ask: { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none, cache: { for: 10m } } }",
            app => app.MapFeature("ask", (JsonElement _, FeatureContext _, CancellationToken _) => Words()));
        var first = await host.Http.SendAsync(Call("ask", "{}"));
        await first.Content.ReadAsStringAsync();
        var second = await host.Http.SendAsync(Call("ask", "{}"));
        var shown = await second.Content.ReadAsStringAsync();

        first.Header("Cache-Status").ShouldBe("headway; fwd=miss");
        (second.Header("Age"), second.Content.Headers.ContentType!.MediaType).ShouldBe(("0", "text/event-stream"));
        second.Header("Cache-Status")!.ShouldStartWith("headway; hit; ttl=");
        shown.ShouldStartWith("id: 1000001\nevent: delta\ndata: {\"text\":\"one two\"}\n\nid: 1000002\nevent: end\n");
        var rest = await host.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{second.Header("Headway-Job")}/events"), ("Last-Event-ID", "1000001")));
        (await rest.Content.ReadAsStringAsync()).ShouldStartWith("id: 1000002\nevent: end\n");
    }

    [Theory]
    [InlineData(CacheUseKind.Joined, false, "headway; fwd=miss; collapsed")]
    [InlineData(CacheUseKind.Miss, false, "headway; fwd=miss")]
    [InlineData(CacheUseKind.Miss, true, "headway; fwd=miss; stored")]
    [InlineData(CacheUseKind.AskedAnew, true, "headway; fwd=request; stored")]
    [InlineData(CacheUseKind.Bypassed, false, "headway; fwd=bypass")]
    [InlineData(CacheUseKind.Hit, false, "headway; hit; ttl=599")]
    internal void What_it_did_has_one_spelling_each(CacheUseKind kind, bool stored, string text)
        => CacheStatus.Of(new CacheUse(kind) { Stored = stored, Left = TimeSpan.FromSeconds(599.9) }).ShouldBe(text);

    [Fact]
    public async Task Files_are_part_of_what_is_compared()
    {
        await using var host = await HeadwayHost.StartAsync(Ask, app => app.MapFeature("ask", (JsonElement _, FeatureContext _, CancellationToken _) => Task.FromResult(++_made)));
        async Task<string> SendAsync(byte[] file, string name)
        {
            var form = new MultipartFormDataContent { { Content(file, "application/pdf"), "letter", name }, { new StringContent("8812"), "encounter" } };
            return await (await host.Http.PostAsync(new Uri("/v1/features/ask", UriKind.Relative), form)).Content.ReadAsStringAsync();
        }

        (await SendAsync("%PDF-1.7 one"u8.ToArray(), "letter.pdf")).ShouldBe("1");
        (await SendAsync("%PDF-1.7 one"u8.ToArray(), "letter.pdf")).ShouldBe("1");
        (await SendAsync("%PDF-1.7 two"u8.ToArray(), "letter.pdf")).ShouldBe("2");
        (await SendAsync("%PDF-1.7 one"u8.ToArray(), "other.pdf")).ShouldBe("3");
        (await SendAsync("%PDF-1.7 two"u8.ToArray(), "letter.pdf")).ShouldBe("2");
    }

    private Task<HeadwayHost> StartAsync(string file) => HeadwayHost.StartAsync(file, app => app.MapFeature("ask", (JsonElement _, FeatureContext _, CancellationToken _) => Task.FromResult(++_made)));

    private static async Task<JsonElement> JobAsync(HeadwayHost host, HttpResponseMessage answer) =>
        await (await host.Http.GetAsync(new Uri($"/v1/jobs/{answer.Header("Headway-Job")}", UriKind.Relative))).JsonAsync();

    private static async IAsyncEnumerable<string> Words()
    {
        yield return "one ";
        await Task.Yield();
        yield return "two";
    }
}
