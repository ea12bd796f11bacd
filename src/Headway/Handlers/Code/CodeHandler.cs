using Headway.Streams;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Headway.Handlers.Code;

/// <summary>Runs the host's code for a feature and turns what it throws into outcomes.</summary>
internal sealed class CodeHandler(CodeWork work, Func<string, Attempt, IChatClient> models, ILogger logger) : Handler
{
    public override async Task<Outcome> RunAsync(Attempt attempt, CancellationToken stop)
    {
        // Code that works without awaiting must not hold the caller's thread: wait, timeout and cancel begin once this has returned.
        await Task.Yield();
        using var scope = logger.BeginScope("{Job} attempt {Attempt}", attempt.Job, attempt.Number);
        try
        {
            return await work.RunAsync(new FeatureContext(attempt, models, logger), attempt, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (ModelFailedException failed)
        {
            return new Outcome.Failed(failed.Failure);
        }
        catch (Exception exception) when (exception is not OutputFullException)
        {
            return new Outcome.Failed(Failure.Bug(exception));
        }
    }
}
