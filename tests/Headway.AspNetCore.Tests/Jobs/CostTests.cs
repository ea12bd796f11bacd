using System.Net;
using System.Text.Json;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Jobs;

public sealed class CostTests : IAsyncLifetime
{
    private const string File = """
        models:
          fast: { provider: rehearsal, firstToken: { p50: 1ms, p99: 1ms }, tokensPerSecond: 1000000, price: { input: 10, output: 100 }, failures: { cutStream: 100% } }
          strong: { provider: rehearsal, firstToken: { p50: 1ms, p99: 1ms }, tokensPerSecond: 1000000, price: { input: 20, output: 200 } }
        features:
          ask: { contract: { mode: sync, caller: waits }, handler: { prompt: ask.hbs, models: [fast, strong], maxTokens: 200 }, timeout: 20s, budget: { usdPerDay: 1 } }
          dear: { contract: { mode: sync, caller: waits }, handler: { prompt: ask.hbs, models: [strong], maxTokens: 100000 }, fallback: none, timeout: 20s, budget: { usdPerDay: 1 } }
        """;

    private HeadwayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(File, beside: ("ask.hbs", "Answer: {{q}}"));

    [Fact]
    public async Task Each_call_of_a_model_is_shown_with_its_cost_and_all_sums_agree()
    {
        var answer = await _host.Http.SendAsync(Call("ask", """{"q":"Where does it hurt?"}"""));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var job = answer.Header("Headway-Job")!;

        var calls = (await GetAsync($"/v1/jobs/{job}/attempts")).GetProperty("attempts")[0].GetProperty("calls").EnumerateArray().ToArray();
        calls.Select(call => call.GetProperty("model").GetString()).ShouldBe(["fast", "strong"]);
        calls[0].GetProperty("error").GetString().ShouldBe("model-answer-cut");
        calls[1].TryGetProperty("error", out _).ShouldBeFalse();
        var cost = calls.Sum(call => call.GetProperty("cost").GetDecimal());
        cost.ShouldBeGreaterThan(0);

        (await GetAsync($"/v1/jobs/{job}")).GetProperty("cost").GetDecimal().ShouldBe(cost);
        (await CostsAsync("feature")).ShouldBe([("ask", 2, cost)]);
        (await CostsAsync("key")).ShouldBe([("local", 2, cost)]);
        (await CostsAsync("model")).Select(row => row.Name).ShouldBe(["strong", "fast"]);
        (await CostsAsync("feature&since=2999-01-01T00:00:00Z")).ShouldBeEmpty();
        var budget = (await GetAsync("/v1/budgets")).GetProperty("budgets").EnumerateArray().Single(budget => budget.GetProperty("scope").GetString() == "feature:ask/day");
        (budget.GetProperty("spent").GetDecimal(), budget.GetProperty("reserved").GetDecimal(), budget.GetProperty("limit").GetDecimal()).ShouldBe((cost, 0, 1));
    }

    [Fact]
    public async Task What_could_cost_more_than_is_left_is_refused_before_it_is_asked()
    {
        var answer = await _host.Http.SendAsync(Call("dear", """{"q":"?"}"""));

        var problem = await answer.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, "budget-exhausted");
        problem.GetProperty("detail").GetString()!.ShouldContain("feature:dear/day");
        answer.Headers.RetryAfter.ShouldNotBeNull();
        (await CostsAsync("model")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("by=colour", "feature, key, model")]
    [InlineData("since=lately", "RFC 3339")]
    public async Task A_question_that_cannot_be_answered_is_told_why(string query, string cure) =>
        (await (await _host.Http.GetAsync($"/v1/costs?{query}")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "filter-invalid")).GetProperty("detail").GetString()!.ShouldContain(cure);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task<(string Name, int Calls, decimal Cost)[]> CostsAsync(string by) =>
        [.. (await GetAsync($"/v1/costs?by={by}")).GetProperty("costs").EnumerateArray().Select(row => (row.GetProperty("name").GetString()!, row.GetProperty("calls").GetInt32(), row.GetProperty("cost").GetDecimal()))];

    private async Task<JsonElement> GetAsync(string address) => await (await _host.Http.GetAsync(address)).JsonAsync();
}
