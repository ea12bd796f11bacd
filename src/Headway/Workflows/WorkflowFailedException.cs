using Headway.Workflows.History;

namespace Headway;

/// <summary>
/// A workflow cannot succeed. Thrown by its own code it ends the job as a dead letter with this code. Thrown by a verb, a step, a child or a wait has
/// failed for good; the workflow may catch it and go another way, and its code is then told the same thing whenever it is run again.
/// </summary>
public class WorkflowFailedException : Exception
{
    /// <param name="code">Stable, kebab-case: `contract-rejected`.</param>
    /// <param name="message">For people: what happened and the cure.</param>
    public WorkflowFailedException(string code, string message) : base(message)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(code);
        Code = code;
    }

    /// <summary>Stable and machine-readable. Of a step that failed: that of its last failure.</summary>
    public string Code { get; }

    /// <summary>What failed, as the journal has it; null: the code says so itself.</summary>
    internal JournalEntry? Line { get; private set; }

    internal WorkflowFailedException Of(JournalEntry line)
    {
        Line = line;
        return this;
    }
}

/// <summary>The job goes on as a new run: made by <see cref="WorkflowContext.ContinueAsNew"/>, and thrown by the workflow's body.</summary>
public sealed class WorkflowContinuesException : Exception
{
    internal WorkflowContinuesException(byte[] input) : base("The workflow goes on as a new run.") => Input = input;

    internal byte[] Input { get; }
}

/// <summary>A signal or an approval did not come in time.</summary>
public sealed class WorkflowTimeoutException : WorkflowFailedException
{
    internal WorkflowTimeoutException(string name) : base("signal-timeout", $"{name} did not come in time.")
    {
    }
}
