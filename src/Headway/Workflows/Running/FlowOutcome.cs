using Headway.Handlers;
using Headway.Workflows.History;

namespace Headway.Workflows.Running;

/// <summary>What the end of a workflow's code means for its attempt.</summary>
internal static class FlowOutcome
{
    /// <returns>Also the line of the journal that the code died of; null: of none.</returns>
    public static async Task<(Outcome Outcome, JournalEntry? Line)> OfAsync(StartedWorkflow started, CancellationToken stop)
    {
        try
        {
            return (await started.Answer().ConfigureAwait(false), null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (WorkflowContinuesException next)
        {
            return (new Renewal(next.Input), null);
        }
        catch (WorkflowFailedException failed)
        {
            return (Dead(failed.Code, failed.Message), failed.Line);
        }
        catch (Exception error) when (error is not JournalMismatchException)
        {
            return (new Outcome.Failed(Failure.Bug(error)), null);
        }
    }

    public static Outcome.DeadLetter Dead(string code, string message) =>
        new(new Failure { Code = code, Message = message, Kind = FailureKind.Permanent, Fingerprint = Failure.Print(code, "workflow") });
}

/// <summary>The run ends well, and the job goes on as another. Known within this room only.</summary>
internal sealed record Renewal(byte[] Input) : Outcome;
