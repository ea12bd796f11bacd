using System.Diagnostics.CodeAnalysis;

namespace Headway;

/// <summary>
/// Durable work in plain C#. Its code is run from the top again whenever it goes on (after a crash, a wait, a new version of the node), and is given what it
/// got before in the same order; so it must come to the same questions again: whatever touches the world, time or chance goes through
/// <see cref="WorkflowContext"/>.
/// </summary>
/// <typeparam name="TIn">What the input is read as.</typeparam>
/// <typeparam name="TOut">What the answer is written from; text is answered as text/plain, anything else as JSON.</typeparam>
public abstract class Workflow<TIn, TOut>
{
    /// <summary>The work. Await nothing but what the verbs of <paramref name="flow"/> give, and what is made of that.</summary>
    protected abstract Task<TOut> RunAsync(TIn input, WorkflowContext flow);

    [SuppressMessage("Naming", "CA1716", Justification = "Internal.")]
    internal Task<TOut> StartAsync(TIn input, WorkflowContext flow) => RunAsync(input, flow);
}
