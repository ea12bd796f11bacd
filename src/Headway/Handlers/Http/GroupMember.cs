namespace Headway.Handlers.Http;

/// <summary>One attempt that goes to its service in a group. It ends once: with its own part of the answer, or because it left.</summary>
internal sealed class GroupMember(Attempt attempt, CancellationToken stop)
{
    // Asynchronously: who ends a member may hold the lock of the groups, or have other members to end.
    private readonly TaskCompletionSource<Outcome> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Attempt Attempt => attempt;

    /// <summary>The attempt's own: its caller left, its job was cancelled, its timeout passed.</summary>
    public CancellationToken Stop => stop;

    public Task<Outcome> End => _end.Task;
    public bool HasEnded => _end.Task.IsCompleted;

    /// <summary>So much it adds to the body of its group.</summary>
    public int Bytes => attempt.Input.Json.Length;

    /// <summary>What comes after it left is dropped.</summary>
    public void EndWith(Outcome outcome) => _end.TrySetResult(outcome);

    public void Fail(Exception exception) => _end.TrySetException(exception);

    public void Leave() => _end.TrySetCanceled(stop);
}
