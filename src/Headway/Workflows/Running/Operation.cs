using System.Text.Json;
using Headway.Handlers.Code;
using Headway.Jobs.Running;
using Headway.Workflows.History;

namespace Headway.Workflows.Running;

/// <summary>Something that the code of a workflow has asked for and waits for.</summary>
internal abstract class Operation
{
    public required StepKey Key { get; init; }
    public required EntryKind Kind { get; init; }
    public required Branch Branch { get; init; }

    /// <summary>The how-manyth thing that the code asked for.</summary>
    public int Number { get; set; }

    /// <summary>Of what is asked with the name; null: the name says all.</summary>
    public byte[]? Fingerprint { get; init; }

    /// <summary>When it was asked for: the workflow's own time, in milliseconds since 1970.</summary>
    public long Began { get; set; }

    /// <summary>When it is waited for no longer; of a timer: when it is there.</summary>
    public long? Due { get; set; }

    /// <summary>Of an approval: what is asked, as JSON.</summary>
    public byte[]? Question { get; init; }

    /// <summary>Of a step: the work, and its result as JSON.</summary>
    public Func<CancellationToken, Task<byte[]>>? Work { get; init; }
    public StepOptions? Options { get; init; }

    /// <summary>Of a step: how its tries ended so far.</summary>
    public Tally Tally { get; set; }

    /// <summary>Of a step that failed: when it is tried again.</summary>
    public long? Again { get; set; }

    /// <summary>Of a child: the feature and its input.</summary>
    public ChildCall? Called { get; init; }

    public JobId? Child { get; set; }

    /// <summary>The database knows that it is waited for.</summary>
    public bool IsNoted { get; set; }

    public int Tries { get; set; }

    /// <summary>Gives it to the code that waits, in its turn.</summary>
    public abstract void Complete(JournalEntry entry);

    /// <summary>Nobody wants it any more: the code that waits for it is told so.</summary>
    public abstract void Drop();
}

/// <inheritdoc cref="Operation"/>
/// <param name="read">Makes the answer of what is journaled.</param>
internal sealed class Operation<T>(Func<JournalEntry, T> read) : Operation
{
    // The code goes on within the turn that gives it the answer.
    private readonly TaskCompletionSource<T> _given = new();

    public Task<T> Given => _given.Task;

    public override void Complete(JournalEntry entry)
    {
        switch (entry.Outcome)
        {
            case EntryOutcome.Failed:
                _given.TrySetException(FailedEntry.Read(entry.Body).Of(entry));
                break;
            case EntryOutcome.TimedOut:
                _given.TrySetException(new WorkflowTimeoutException(entry.Key.ToString()).Of(entry));
                break;
            default:
                Answer(entry);
                break;
        }
    }

    // What somebody sent is no fault of the code: it is told, and may wait for another.
    private void Answer(JournalEntry entry)
    {
        T answer;
        try
        {
            answer = read(entry);
        }
#pragma warning disable CA1031 // What somebody else made may break the code that reads it in any way.
        catch (Exception error) when (entry.Kind is EntryKind.Signal or EntryKind.Approval or EntryKind.Call)
#pragma warning restore CA1031
        {
            var code = entry.Kind is EntryKind.Call ? "child-answer-invalid" : "signal-invalid";
            _given.TrySetException(new WorkflowFailedException(code, $"What came as {entry.Key} does not fit {typeof(T).Name}: {error.Message}").Of(entry));
            return;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new JournalMismatchException("journal-unreadable",
                $"What is journaled for {entry.Key} cannot be read as {typeof(T).Name}: {error.Message} The code has changed since; give the changed step another name, or run the code that began this workflow.");
        }
        _given.TrySetResult(answer);
    }

    public override void Drop() => _given.TrySetCanceled();
}

/// <summary>A job of another feature, as a workflow asks for it.</summary>
internal sealed record ChildCall(string Feature, byte[] Input);

/// <summary>What failed, as the journal keeps it.</summary>
internal sealed record FailedEntry(string Code, string Message)
{
    public static byte[] Write(string code, string message) => JsonSerializer.SerializeToUtf8Bytes(new FailedEntry(code, message), CodeJson.Options);

    public static WorkflowFailedException Read(ReadOnlyMemory<byte> body) =>
        JsonSerializer.Deserialize<FailedEntry>(body.Span, CodeJson.Options) is { } failed ? new WorkflowFailedException(failed.Code, failed.Message) : new WorkflowFailedException("unknown", "No words were kept.");
}

/// <summary>The code does not ask for what the journal holds: it is not the code that wrote it, or it does not come to the same questions again.</summary>
internal sealed class JournalMismatchException(string code, string message) : Exception(message)
{
    public string Code => code;
}
