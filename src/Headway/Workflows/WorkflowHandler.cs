using Headway.Handlers;
using Headway.Streams;
using Headway.Workflows.Running;
using Microsoft.Extensions.Logging;

namespace Headway.Workflows;

/// <summary>Runs a workflow from its top as far as it comes now.</summary>
internal sealed class WorkflowHandler(WorkflowVersions versions, Func<WorkflowHost> host) : Handler
{
    public override async Task<Outcome> RunAsync(Attempt attempt, CancellationToken stop)
    {
        // As with all code: the caller's thread is not the work's.
        await Task.Yield();
        var logger = host().Logs.CreateLogger($"Headway.Features.{attempt.Feature.Feature}");
        using var scope = logger.BeginScope("{Job} attempt {Attempt}", attempt.Job, attempt.Number);
        try
        {
            // Disposed of last: what still runs holds the slot.
            await using var steps = new FlowSteps(host(), attempt, stop);
            return await new FlowDriver(host(), attempt, versions, steps, logger).RunAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (exception is not OutputFullException)
        {
            return new Outcome.Failed(Failure.Bug(exception));
        }
    }
}
