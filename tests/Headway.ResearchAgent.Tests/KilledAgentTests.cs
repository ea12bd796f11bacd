using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Headway.Upstream;

namespace Headway.ResearchAgent.Tests;

/// <summary>
/// The agent's process killed with -9 at random steps and started again until its report is there. What is promised: what its journal holds is neither done nor
/// paid again. A call of a model whose answer was under way when the process died may be paid again, once for each kill.
/// </summary>
public sealed partial class KilledAgentTests(ITestOutputHelper output)
{
    // Journal lines of the report's own workflow between which it is killed: about the plan, in the searches, among the sub-agents, at the end.
    private static readonly (int From, int To)[] Stretches = [(0, 2), (2, 6), (6, 10), (10, 12)];

    [Fact]
    public async Task A_report_is_the_same_however_often_its_process_is_killed()
    {
        var seed = Environment.GetEnvironmentVariable("HEADWAY_TEST_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"HEADWAY_TEST_SEED={seed}");
        var (expected, lines, calls) = await UninterruptedAsync();
        await using var model = await ScriptedModel.StartAsync();
        using var folder = new AgentFolder();
        var killed = new KilledAgent(folder, model, new Random(seed), output);

        foreach (var (from, to) in Stretches) await killed.LiveUntilAsync(from, to);
        await killed.LiveUntilPersonAsync();
        await killed.DecideAndDieAsync();
        await using var last = await killed.StartAsync();
        var ended = await last.EndsAsync(killed.Job);

        ended.GetProperty("state").GetString().ShouldBe("succeeded", $"seed {seed}: {ended}");
        (await last.Http.GetStringAsync($"/v1/jobs/{killed.Job}/result")).ShouldBe(expected, $"seed {seed}");
        folder.Reports.ShouldBe([$"{killed.Job}.md"], $"seed {seed}");
        folder.ReadReport($"{killed.Job}.md").ShouldBe(expected, $"seed {seed}");
        (await LinesAsync(last, killed.Job)).ShouldBe(lines, $"seed {seed}");
        // No step, no sub-agent and no prompt was begun as another job.
        foreach (var (feature, jobs) in new[] { ("research", 1), ("plan", 1), ("investigate", 4), ("choose", 4), ("summarise", 1) })
            (await last.GetAsync($"/v1/jobs?feature={feature}")).GetProperty("jobs").GetArrayLength().ShouldBe(jobs, $"seed {seed}: {feature}");
        CheckBill(model, killed, calls, seed);
    }

    private static void CheckBill(ScriptedModel model, KilledAgent killed, int calls, int seed)
    {
        var asked = model.Calls;
        // Nothing that was recorded when a process died is asked for by a later one.
        asked.Where(call => killed.Recorded.TryGetValue(call.Job, out var life) && call.Life > life).ShouldBeEmpty($"seed {seed}: recorded, and paid again");
        // No process asks for a thing twice, so a call is repeated for a kill only.
        asked.Distinct().Count().ShouldBe(asked.Count, $"seed {seed}: paid twice by one process");
        asked.Select(call => call.Job).Distinct().Count().ShouldBe(calls, $"seed {seed}");
    }

    /// <summary>What an agent that nobody kills comes to.</summary>
    private static async Task<(string Report, string[] Lines, int Calls)> UninterruptedAsync()
    {
        await using var model = await ScriptedModel.StartAsync();
        using var folder = new AgentFolder();
        await using var agent = await folder.StartAsync(model.Setting);
        var job = await agent.AcceptedAsync("research", AgentFolder.Input("storms"));
        await agent.RestsAsync(job);
        (await agent.DecideAsync(job, "editor", granted: true, KilledAgent.Reason)).ShouldBe(HttpStatusCode.Accepted);
        (await agent.EndsAsync(job)).GetProperty("state").GetString().ShouldBe("succeeded", agent.Output);
        var calls = model.Calls.Count;
        calls.ShouldBe(6);
        return (await agent.Http.GetStringAsync($"/v1/jobs/{job}/result"), await LinesAsync(agent, job), calls);
    }

    /// <summary>The journal without what chance decides: which place won a race (a second that ended in the same moment has a line, too), and the order of what was done side by side.</summary>
    private static async Task<string[]> LinesAsync(SampleProcess agent, string job)
    {
        var lines = new List<string>();
        foreach (var step in await agent.StepsAsync(job))
        {
            var line = Place().Replace($"{step.Name()}#{step.GetProperty("occurrence")} {step.GetProperty("state")}", "search: an answer");
            if (!line.Contains("/search: ", StringComparison.Ordinal) || !lines.Contains(line)) lines.Add(line);
            if (!step.Name().EndsWith("/investigate", StringComparison.Ordinal)) continue;
            foreach (var inner in await agent.StepsAsync(step.GetProperty("job").GetString()!)) lines.Add($"{step.Name()}: {inner.Name()}#{inner.GetProperty("occurrence")} {inner.GetProperty("state")}");
        }
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"search\[\d\]/[a-z ]+")]
    private static partial Regex Place();
}
