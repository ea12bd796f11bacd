using System.Net;
using System.Text.Json;
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
        // A job under which the process died three times is dead, as `poison`: what has met two kills is let through.
        await agent.UntilAsync(async () => !(await PromptsAsync(agent)).Any(MayNotDieAgain));
        foreach (var job in (await PromptsAsync(agent)).Where(job => State(job) == "succeeded")) Recorded.TryAdd(job.GetProperty("id").GetString()!, model.Life);
        await agent.KillAsync();
        output.WriteLine($"Life {model.Life} ended with {Recorded.Count} answers recorded and {model.Calls.Count} calls paid.");
    }

    private static async Task<JsonElement[]> PromptsAsync(SampleProcess agent)
    {
        var jobs = new List<JsonElement>();
        foreach (var feature in new[] { "plan", "choose", "summarise" }) jobs.AddRange((await agent.GetAsync($"/v1/jobs?feature={feature}")).GetProperty("jobs").EnumerateArray());
        return [.. jobs];
    }

    private static bool MayNotDieAgain(JsonElement job) =>
        !job.TryGetProperty("finished", out _) && job.TryGetProperty("attempt", out var attempt) && attempt.GetInt32() is var tries && (tries > 2 || (tries == 2 && State(job) != "running"));

    private static string State(JsonElement job) => job.GetProperty("state").GetString()!;

    private async Task<int> LinesAsync(SampleProcess agent) => (await agent.StepsAsync(Job)).Count(step => step.GetProperty("state").GetString() == "succeeded");

    private async Task RestAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(1, LongestRest)));
        await timer.WaitForNextTickAsync();
    }
}
