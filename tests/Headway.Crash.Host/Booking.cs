namespace Headway.Crash.Host;

/// <summary>A workflow that has something to undo when it is cancelled.</summary>
internal sealed class Booking(Effects effects, TimeProvider time) : Workflow<Order, bool>
{
    protected override async Task<bool> RunAsync(Order input, WorkflowContext flow)
    {
        effects.Add(flow.Job, flow.Attempt);
        foreach (var name in new[] { "flight", "hotel" })
        {
            await flow.Step(name, stop => Task.Delay(TimeSpan.FromMilliseconds(5), time, stop));
            flow.OnFailure(name, stop => Task.Delay(TimeSpan.FromMilliseconds(5), time, stop));
        }
        return await flow.Signal<bool>("never");
    }
}
