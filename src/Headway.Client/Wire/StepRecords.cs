namespace Headway.Client;

/// <summary>One thing that a workflow asked for.</summary>
/// <param name="Kind">`step`, `signal`, `approval`, `call`, `start`, `delay` or `patch`.</param>
/// <param name="Name">With the branches it lies in before it, such as `search[3]/fetch`.</param>
/// <param name="State">`succeeded`, `failed` or `timed-out`; `waiting`, or `retrying` between two tries of a step.</param>
/// <param name="Began">When it was asked for.</param>
/// <param name="Number">In the order in which the workflow learned of it. Absent: it is waited for.</param>
/// <param name="Occurrence">How often the name had been used, this time included.</param>
/// <param name="Ended">When it was there. Absent: it is waited for.</param>
/// <param name="Tries">Of a step: how often it was tried.</param>
/// <param name="Until">When it is waited for no longer, or tried again. Absent: as long as it takes.</param>
/// <param name="Job">The child.</param>
/// <param name="Attempt">The attempt at the job that learned of it.</param>
public sealed record StepRecord(
    string Kind, string Name, string State, DateTimeOffset Began, long? Number = null, int Occurrence = 1, DateTimeOffset? Ended = null, int? Tries = null, DateTimeOffset? Until = null, string? Job = null, int? Attempt = null);

/// <summary>How far a workflow is.</summary>
/// <param name="Steps">What it got, in its order, and on the last page what it waits for.</param>
/// <param name="Next">Cursor of the next page. Absent on the last.</param>
public sealed record StepListRecord(IReadOnlyList<StepRecord> Steps, string? Next = null);

/// <summary>What became of a signal.</summary>
/// <param name="State">`delivered`: the workflow waited for it. `kept`: until it asks for it. `repeated`: it was sent before.</param>
public sealed record SignalRecord(string Name, string State);
