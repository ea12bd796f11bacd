using System.Net;
using System.Text.Json;
using Headway.Upstream;

namespace Headway.ResearchAgent.Tests;

/// <summary>The agent as it is when nobody names a model.</summary>
public sealed class ResearchTests : IDisposable
{
    private readonly AgentFolder _folder = new();

    [Theory]
    [InlineData("storms", "storms-", "costs-2-repair")]
    [InlineData("kelp", "ecology-2-kelp-forest", "building-3-kelp")]
    public async Task A_question_becomes_a_report_that_cites_its_sources(string input, string source, string another)
    {
        await using var agent = await _folder.StartAsync();
        var job = await agent.AcceptedAsync("research", AgentFolder.Input(input));

        SampleProcess.WaitsForPerson(await agent.RestsAsync(job)).ShouldBeTrue(agent.Output);
        var draft = await agent.Http.GetStringAsync($"/reports/{job}");
        draft.ShouldContain("This is a rehearsal: no model was asked");
        draft.ShouldContain(source);
        draft.ShouldContain(another);
        draft.ShouldContain(" [1]");
        draft.ShouldNotContain("Not looked into");
        draft.ShouldNotContain("Approved");
        _folder.Reports.ShouldBe([$"{job}.draft.md"]);

        (await agent.DecideAsync(job, "editor", granted: true, "Well founded.")).ShouldBe(HttpStatusCode.Accepted);
        (await agent.EndsAsync(job)).GetProperty("state").GetString().ShouldBe("succeeded");
        var report = await agent.Http.GetStringAsync($"/v1/jobs/{job}/result");
        report.ShouldStartWith(draft);
        report.ShouldEndWith("Approved by local: Well founded.\n");
        _folder.Reports.ShouldBe([$"{job}.md"]);
        _folder.ReadReport($"{job}.md").ShouldBe(report);
    }

    [Fact]
    public async Task Sub_agents_are_jobs_with_steps_of_their_own()
    {
        await using var agent = await _folder.StartAsync();
        var job = await agent.AcceptedAsync("research", AgentFolder.Input("storms"));
        await agent.RestsAsync(job);

        var steps = await agent.StepsAsync(job);
        // Of each race the place that was fastest.
        steps.Where(step => step.Name().Contains("/search[", StringComparison.Ordinal)).Select(step => step.Name().Split('/')[0]).Distinct().Count().ShouldBe(4);
        var agents = steps.Where(step => step.Name().EndsWith("/investigate", StringComparison.Ordinal)).ToList();
        agents.Count.ShouldBe(4);
        foreach (var sub in agents)
            (await agent.StepsAsync(sub.GetProperty("job").GetString()!)).Select(step => step.Name()).ShouldBe(["read around", "choose", "check quotations"]);
    }

    [Fact]
    public async Task A_report_that_is_rejected_is_withdrawn()
    {
        await using var agent = await _folder.StartAsync();
        var job = await agent.AcceptedAsync("research", AgentFolder.Input("storms"));
        await agent.RestsAsync(job);

        await agent.DecideAsync(job, "editor", granted: false, "It does not say what Cora cost.");

        var ended = await agent.EndsAsync(job);
        ended.GetProperty("state").GetString().ShouldBe("dead");
        ended.GetProperty("error").GetProperty("code").GetString().ShouldBe("report-rejected");
        ended.GetProperty("error").GetProperty("message").GetString().ShouldBe("It does not say what Cora cost.");
        _folder.Reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_topic_that_the_budget_does_not_cover_is_named_in_the_report()
    {
        // A call of `choose` may cost 0.0037 dollars and costs 0.0008: there is room for one at a time, and for two in a row.
        await using var agent = await _folder.StartAsync(("RESEARCH_USD_PER_DAY", "0.005"));
        var job = await agent.AcceptedAsync("research", AgentFolder.Input("storms"));

        SampleProcess.WaitsForPerson(await agent.RestsAsync(job)).ShouldBeTrue(agent.Output);
        var draft = await agent.Http.GetStringAsync($"/reports/{job}");
        draft.ShouldContain("## Not looked into");
        draft.ShouldContain("`budget-exhausted`");
        draft.ShouldContain("[1]");
        var budgets = (await agent.GetAsync("/v1/budgets")).GetProperty("budgets").EnumerateArray();
        var choose = budgets.Single(budget => budget.GetProperty("scope").GetString() == "feature:choose/day");
        choose.GetProperty("spent").GetDecimal().ShouldBeInRange(0.0001m, choose.GetProperty("limit").GetDecimal());
    }

    [Fact]
    public async Task A_question_that_the_library_holds_nothing_on_ends_at_once()
    {
        await using var agent = await _folder.StartAsync();
        var job = await agent.AcceptedAsync("research", """{"question":"Quantum chromodynamics?"}""");

        var ended = await agent.EndsAsync(job);
        ended.GetProperty("error").GetProperty("code").GetString().ShouldBe("nothing-held");
        (await agent.StepsAsync(job)).ShouldHaveSingleItem();
    }

    public void Dispose() => _folder.Dispose();
}

internal static class Steps
{
    public static string Name(this JsonElement step) => step.GetProperty("name").GetString()!;
}
