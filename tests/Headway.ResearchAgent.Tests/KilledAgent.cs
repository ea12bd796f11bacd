using System.Net;
using Headway.Upstream;

namespace Headway.ResearchAgent.Tests;

/// <summary>An agent that lives in one process after the other, each killed when its job has come so far.</summary>
internal sealed class KilledAgent(AgentFolder folder, ScriptedModel model, Random random, ITestOutputHelper output)
{
    public const string Reason = "Well founded.";

    // As long as some steps and a call of a model.
    private const int LongestRest = 150;

    /// <summary>The report's job.</summary>
    public string Job { get; private set; } = "";

    /// <summary>Prompts whose answers were recorded, and in which life that was seen.</summary>
    public Dictionary<string, int> Recorded { get; } = [];

    public Task<SampleProcess> StartAsync()
    {
        model.Life++;
        return folder.StartAsync(model.Setting);
    }

    /// <summary>Lives until the journal has so many lines, drawn between the two, and then a moment more.</summary>
    public async Task LiveUntilAsync(int from, int to)
    {
        var lines = random.Next(from, to) + 1;
        await using var agent = await StartAsync();
        if (Job.Length == 0) Job = await agent.AcceptedAsync("research", AgentFolder.Input("storms"));
        await agent.UntilAsync(async () => await LinesAsync(agent) >= lines);
        await RestAsync();
        await DieAsync(agent);
    }

    /// <summary>Dies while it waits for the editor.</summary>
    public async Task LiveUntilPersonAsync()
    {
        await using var agent = await StartAsync();
        SampleProcess.WaitsForPerson(await agent.RestsAsync(Job)).ShouldBeTrue(agent.Output);
        await DieAsync(agent);
    }

    /// <summary>Dies as soon as it has said that it took the decision.</summary>
    public async Task DecideAndDieAsync()
    {
        await using var agent = await StartAsync();
        SampleProcess.WaitsForPerson(await agent.GetAsync($"/v1/jobs/{Job}")).ShouldBeTrue("it waits for the editor no more");
        (await agent.DecideAsync(Job, "editor", granted: true, Reason)).ShouldBe(HttpStatusCode.Accepted);
        await agent.KillAsync();
    }

    private async Task DieAsync(SampleProcess agent)
    {
        foreach (var feature in new[] { "plan", "choose", "summarise" })
        {
            foreach (var job in (await agent.GetAsync($"/v1/jobs?feature={feature}&state=succeeded")).GetProperty("jobs").EnumerateArray()) Recorded.TryAdd(job.GetProperty("id").GetString()!, model.Life);
        }
        await agent.KillAsync();
        output.WriteLine($"Life {model.Life} ended with {Recorded.Count} answers recorded and {model.Calls.Count} calls paid.");
    }

    private async Task<int> LinesAsync(SampleProcess agent) => (await agent.StepsAsync(Job)).Count(step => step.GetProperty("state").GetString() == "succeeded");

    private async Task RestAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(1, LongestRest)));
        await timer.WaitForNextTickAsync();
    }
}
