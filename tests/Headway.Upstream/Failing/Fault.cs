namespace Headway.Upstream.Failing;

/// <summary>One way in which a model can fail, under the name that the tables give it; a right answer is one, too.</summary>
/// <param name="Play">What is sent, and when.</param>
/// <param name="OfPieces">Only an answer that comes in pieces can fail so.</param>
public sealed record Fault(string Name, Func<Play, Task> Play, bool OfPieces = false)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Where a time limit is waited for, that on the body of a refusal among them, or the moment in which the caller has read what was sent.</summary>
public enum Wait { FirstToken, Idle, Total, Refusal, Read }

/// <summary>An upstream that waits. A test sees it, and moves its clock or lets it go on.</summary>
public sealed class Gate(Wait wait)
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Wait Wait { get; } = wait;

    internal Task Opened => _open.Task;

    /// <summary>Lets the upstream go on.</summary>
    public void Open() => _open.TrySetResult();
}

/// <summary>A call as the upstream knows it: what it did, and what it put on the bill.</summary>
public sealed class PlayedCall(string model, Fault fault, string body)
{
    public string Model { get; } = model;
    public Fault Fault { get; } = fault;
    public string Body { get; } = body;

    /// <summary>What it said that was used; null: it never said.</summary>
    public Tokens? Billed { get; internal set; }
}
