namespace Headway.Workflows.History;

/// <summary>What a workflow waits for by name. The numbers are stored.</summary>
/// <remarks>Origin: the first line of a run that began with something behind it (a rerun, a new run of the same job); what its time, ids and chance come from.</remarks>
internal enum EntryKind { Step = 1, Signal = 2, Approval = 3, Call = 4, Start = 5, Timer = 6, Marker = 7, Undo = 8, Origin = 9 }

/// <summary>How the waiting ended. The numbers are stored.</summary>
internal enum EntryOutcome { Done, Failed, TimedOut }

/// <summary>A name as it was used for the nth time.</summary>
/// <param name="Name">With the branches it lies in before it: `search[3]/fetch`.</param>
/// <param name="Occurrence">1 for the first.</param>
internal readonly record struct StepKey(string Name, int Occurrence)
{
    public override string ToString() => Occurrence == 1 ? Name : $"{Name} (number {Occurrence})";
}

/// <summary>Something a workflow waited for and got: one line of its journal.</summary>
/// <param name="Fingerprint">Of what was asked with it; null: the name says all.</param>
/// <param name="Body">JSON: the result, or what failed; empty: nothing.</param>
/// <param name="Began">When it was asked for, in milliseconds since 1970.</param>
/// <param name="Ended">When it was there; the workflow's own time from then on.</param>
/// <param name="Tries">How often it was tried, the last included.</param>
internal sealed record JournalEntry(
    long Number, EntryKind Kind, StepKey Key, byte[]? Fingerprint, EntryOutcome Outcome, ReadOnlyMemory<byte> Body, JobId? Child, long Began, long Ended, int Tries)
{
    /// <summary>The signal it is, which is taken with it.</summary>
    public long? Signal { get; init; }

    /// <summary>The first line of a run that does not begin with its job.</summary>
    /// <param name="seed">The job whose ids and chance it has.</param>
    /// <param name="round">1 for the first of a job, 2 for what it went on as.</param>
    public static JournalEntry OfOrigin(JobId seed, int round, long began) => new(1, EntryKind.Origin, new StepKey("origin", round), null, EntryOutcome.Done, default, seed, began, began, 1);
}
