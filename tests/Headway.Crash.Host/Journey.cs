namespace Headway.Crash.Host;

/// <summary>A workflow with everything that a kill can meet: steps side by side, a race, a child, a timer, a signal. Its answer holds what its steps drew by chance, so that it tells whether they were kept.</summary>
internal sealed class Journey(Effects effects, TimeProvider time) : Workflow<Order, string[]>
{
    protected override async Task<string[]> RunAsync(Order input, WorkflowContext flow)
    {
        effects.Add(flow.Job, flow.Attempt);
        var drawn = new List<string> { await Draw(flow, "first") };
        drawn.AddRange(await flow.All([Draw(flow, "left"), Draw(flow, "right")]));
        drawn.Add(await flow.Race("dash", a => Draw(a, "won"), b => Draw(b, "won")));
        drawn.Add((await flow.Call<Answer>("quick", new Order())).Job);
        await flow.Delay(TimeSpan.FromMilliseconds(20));
        drawn.Add(await flow.Signal<string>("word"));
        drawn.AddRange(await flow.Each("legs", Enumerable.Range(1, input.Count), (_, leg) => Draw(leg, "leg"), concurrency: 3));
        return [.. drawn];
    }

    private Task<string> Draw(WorkflowContext flow, string name) => flow.Step(name, async stop =>
    {
        await Task.Delay(TimeSpan.FromMilliseconds(5), time, stop);
        return $"{name} {Guid.CreateVersion7(time.GetUtcNow()):N}";
    });
}
