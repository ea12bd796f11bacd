using System.Net;
using System.Text.Json;
using Headway.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

public sealed class SubmissionTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task A_job_that_is_unique_is_given_to_whoever_calls_with_its_key()
    {
        var first = await edge.Http.SendAsync(Call("later", """{"gate":"unique"}""", ("Headway-Unique", "run-1")));
        var second = await edge.Http.SendAsync(Call("later", "{}", ("Headway-Unique", "\"run-1\"; for=1h")));

        first.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        first.Header("Headway-Submission").ShouldBeNull();
        second.Header("Headway-Submission").ShouldBe("existing");
        second.Headers.Location.ShouldBe(first.Headers.Location);
        edge.Open("unique");
    }

    [Fact]
    public async Task A_debounced_call_takes_the_place_of_the_one_that_waits()
    {
        var first = await edge.Http.SendAsync(Call("later", "{}", ("Headway-Debounce", "chart-1; for=1h; max=2h"), ("Headway-Subject", "a")));
        var second = await edge.Http.SendAsync(Call("later", "{}", ("Headway-Debounce", "chart-1; for=1h"), ("Headway-Subject", "b")));

        second.Header("Headway-Submission").ShouldBe("replaced");
        second.Headers.Location.ShouldBe(first.Headers.Location);
        var job = await second.JsonAsync();
        (job.GetProperty("state").GetString(), job.GetProperty("subject").GetString(), job.GetProperty("waitingFor").GetProperty("code").GetString()).ShouldBe(("scheduled", "b", "debounce"));
    }

    [Theory]
    [InlineData("later", "Headway-Unique", "k; until=1h", "unique-invalid")]
    [InlineData("later", "Headway-Unique", "k; for=90d", "unique-invalid")]
    [InlineData("echo", "Headway-Unique", "k", "unique-forbidden")]
    [InlineData("later", "Headway-Debounce", "k", "debounce-invalid")]
    [InlineData("later", "Headway-Debounce", "k; for=2d", "debounce-invalid")]
    [InlineData("later", "Headway-Debounce", "k; for=1h; max=1m", "debounce-invalid")]
    [InlineData("either", "Headway-Debounce", "k; for=1s", "debounce-forbidden")]
    public async Task A_key_that_cannot_be_held_is_refused_by_name(string feature, string header, string value, string code)
        => await (await edge.Http.SendAsync(Call(feature, "{}", (header, value)))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, code);

    [PostgresFact]
    public async Task Of_a_hundred_identical_calls_at_two_nodes_of_one_database_one_job_is_made_and_all_get_its_answer()
    {
        const string File = """
            features:
              once: { contract: { mode: hybrid, wait: 30s, caller: waits, deliverWithin: 10m }, handler: code, pool: { concurrency: 8, queued: 1000 } }
            """;
        var ran = 0;
        void Map(WebApplication app) => app.MapFeature("once", (JsonElement _, FeatureContext _, CancellationToken _) => Task.FromResult($"answer {Interlocked.Increment(ref ran)}"));
        await using var one = await HeadwayHost.StartAsync(File, Map);
        await using var two = await one.StartBesideAsync(Map);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? one : two).Http.SendAsync(Call("once", """{"n":1}""", ("Idempotency-Key", "same")))));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        answers.Select(answer => answer.Header("Headway-Job")).Distinct().ShouldHaveSingleItem();
        (await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsStringAsync()))).Distinct().ShouldBe(["answer 1"]);
        ran.ShouldBe(1);
    }
}
