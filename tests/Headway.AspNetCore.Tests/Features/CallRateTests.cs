using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Headway.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

/// <summary>Calls a minute that a tenant may make.</summary>
public sealed class CallRateTests
{
    private static string FileOf(int most) => $$"""
        features:
          echo:  { contract: { mode: sync, caller: waits }, handler: code }
          later: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code }
        tenants:
          default: { limits: { requestsPerMinute: {{most}} } }
        """;

    private int _ran;

    private void Map(WebApplication app)
    {
        app.MapFeature("echo", (JsonElement _, FeatureContext _, CancellationToken _) => Task.FromResult(Interlocked.Increment(ref _ran)));
        app.MapFeature("later", (JsonElement _, FeatureContext _, CancellationToken _) => Task.FromResult(1));
    }

    [Fact]
    public async Task Those_beyond_it_are_refused_in_every_mode_and_nothing_of_them_is_kept()
    {
        await using var host = await HeadwayHost.StartAsync(FileOf(3), Map);
        var first = await host.Http.SendAsync(Call("echo", "{}"));
        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        (first.Header("RateLimit-Policy"), first.Header("RateLimit")![..13]).ShouldBe(("\"tenant\";q=3;w=60", "\"tenant\";r=2;"));
        (await host.Http.SendAsync(Call("later", "{}"))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await host.Http.SendAsync(Call("echo", "{}"))).Header("RateLimit")!.ShouldStartWith("\"tenant\";r=0;");

        foreach (var feature in new[] { "echo", "later" })
        {
            var refused = await host.Http.SendAsync(Call(feature, "{}"));
            await refused.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, "tenant-rate-limit");
            int.Parse(refused.Header("Retry-After")!, null).ShouldBeInRange(50, 63);
            refused.Header("RateLimit")!.ShouldStartWith("\"tenant\";r=0;t=");
        }

        _ran.ShouldBe(2);
        (await (await host.Http.GetAsync("/v1/jobs")).JsonAsync()).GetProperty("jobs").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task A_call_that_is_repeated_with_its_key_is_no_further_call()
    {
        await using var host = await HeadwayHost.StartAsync(FileOf(2), Map);
        for (var i = 0; i < 6; i++)
        {
            var answer = await host.Http.SendAsync(Call("echo", "{}", ("Idempotency-Key", "a")));
            (answer.StatusCode, await answer.Content.ReadAsStringAsync()).ShouldBe((HttpStatusCode.OK, "1"));
        }
        (await host.Http.SendAsync(Call("later", "{}", ("Idempotency-Key", "b")))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await (await host.Http.SendAsync(Call("later", "{}", ("Idempotency-Key", "c")))).ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, "tenant-rate-limit");

        (await host.Http.SendAsync(Call("echo", "{}", ("Idempotency-Key", "a")))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.Http.SendAsync(Call("later", "{}", ("Idempotency-Key", "b")))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await (await host.Http.SendAsync(Call("later", "[]", ("Idempotency-Key", "b")))).ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency-mismatch");
    }

    [Fact]
    public async Task Each_line_of_a_submission_is_a_call()
    {
        await using var host = await HeadwayHost.StartAsync(FileOf(5), Map);
        var lines = string.Concat(Enumerable.Repeat("{\"input\":{}}\n", 9));
        var answer = await host.Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/features/later/jobs") { Content = Content(Encoding.UTF8.GetBytes(lines), "application/x-ndjson") });

        var end = JsonElement.Parse((await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        (end.GetProperty("accepted").GetInt32(), end.GetProperty("refused").GetInt32()).ShouldBe((5, 4));
        (await answer.Content.ReadAsStringAsync()).ShouldContain("tenant-rate-limit");
    }

    [PostgresFact]
    public async Task The_nodes_of_a_database_let_no_more_through_together()
    {
        await using var one = await HeadwayHost.StartAsync(FileOf(20), Map);
        await using var two = await one.StartBesideAsync(Map);

        var answers = await Task.WhenAll(Enumerable.Range(0, 80).Select(i => (i % 2 == 0 ? one : two).Http.SendAsync(Call("echo", "{}"))));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBeLessThanOrEqualTo(20);
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK || answer.StatusCode == HttpStatusCode.TooManyRequests);
        // What one node held ready and did not use goes back, and the other may use it.
        var passed = answers.Count(answer => answer.StatusCode == HttpStatusCode.OK);
        var began = Stopwatch.StartNew();
        for (var tries = 0; passed < 20 && began.Elapsed < TimeSpan.FromSeconds(30); tries++)
        {
            if ((await (tries % 2 == 0 ? one : two).Http.SendAsync(Call("echo", "{}"))).StatusCode == HttpStatusCode.OK) passed++;
        }
        passed.ShouldBe(20);
        _ran.ShouldBe(20);
        await (await two.Http.SendAsync(Call("echo", "{}"))).ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, "tenant-rate-limit");
    }
}
