using System.Collections.Concurrent;

namespace Headway.Workflows.Running;

/// <summary>Runs the code of one workflow, a turn at a time: what was awaited is given to it, and it runs until it waits again.</summary>
/// <remarks>
/// Invariant: nothing of the workflow's code runs outside a turn, and no two turns at once; so the order in which it asks depends on what it was given, and
/// on nothing else. Code that leaves (ConfigureAwait(false), Task.Run) is found out by its next question, and code that awaits what no verb gave as soon as that is there.
/// </remarks>
internal sealed class FlowPump : SynchronizationContext
{
    private readonly ConcurrentQueue<(SendOrPostCallback Call, object? State)> _posted = new();
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the caller is the workflow's code in its turn.</summary>
    public bool IsTurn => Current == this;

    /// <summary>Told when the code awaited something that no verb gave.</summary>
    public Action? Left { get; set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        // What the verbs give goes on within a turn. Whoever posts from elsewhere was awaited beside them: a timer, a call, a thread.
        if (!IsTurn) Left?.Invoke();
        _posted.Enqueue((d, state));
        Volatile.Read(ref _arrived).TrySetResult();
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("The code of a workflow is never run while another waits for it.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs this, and whatever follows from it, until the code waits.</summary>
    public void Turn(Action act)
    {
        var outside = Current;
        SetSynchronizationContext(this);
        try
        {
            act();
            while (_posted.TryDequeue(out var posted)) posted.Call(posted.State);
        }
        finally
        {
            SetSynchronizationContext(outside);
        }
    }

    /// <summary>Completes when code that awaited something else can go on; the next turn lets it.</summary>
    public Task ArrivedAsync()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _arrived, arrived);
        // What came in before is not told again.
        if (!_posted.IsEmpty) arrived.TrySetResult();
        return arrived.Task;
    }
}
