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
            return WithCost(await work.RunAsync(new FeatureContext(attempt, models, logger), attempt, stop).ConfigureAwait(false), attempt);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (ModelFailedException failed)
        {
            return WithCost(new Outcome.Failed(failed.Failure), attempt);
        }
        catch (Exception exception)
        {
            return WithCost(new Outcome.Failed(Failure.Bug(exception)), attempt);
        }
    }

    /// <summary>What the code's calls of models cost, however it ended.</summary>
    private static Outcome WithCost(Outcome outcome, Attempt attempt) => outcome switch
    {
        Outcome.Done done => new Outcome.Done(done.Result with { Usage = done.Result.Usage + attempt.Spent.Total }),
        Outcome.Failed failed => failed with { Usage = failed.Usage + attempt.Spent.Total },
        Outcome.DeadLetter dead => dead with { Usage = dead.Usage + attempt.Spent.Total },
        Outcome.Snooze snooze => snooze with { Usage = snooze.Usage + attempt.Spent.Total },
        _ => outcome,
    };
}
