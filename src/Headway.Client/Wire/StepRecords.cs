using System.Text.Json;

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
    string Kind, string Name, string State, DateTimeOffset Began, long? Number = null, int Occurrence = 1, DateTimeOffset? Ended = null, int? Tries = null, DateTimeOffset? Until = null, string? Job = null, int? Attempt = null)
{
    /// <summary>Of an approval that is waited for: what is to be decided. Absent: it was not said.</summary>
    public string? Question { get; init; }

    /// <summary>Of an approval that is waited for: where that is shown. Absent: it was not said.</summary>
    public string? Link { get; init; }
}

/// <summary>One step, with what it gave and what it cost.</summary>
public sealed record StepDetailRecord(StepRecord Step)
{
    /// <summary>What it gave. Absent: nothing, or it failed.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>What it failed of. Absent: it did not.</summary>
    public StepErrorRecord? Error { get; init; }

    /// <summary>The models it asked, in the order in which they answered. Absent: none.</summary>
    public IReadOnlyList<ModelCallRecord>? Calls { get; init; }

    /// <summary>What these cost, in USD. Absent: there were none.</summary>
    public decimal? Cost { get; init; }
}

/// <summary>What a step failed of for good.</summary>
/// <param name="Code">Stable.</param>
/// <param name="Message">For people.</param>
public sealed record StepErrorRecord(string Code, string Message);

/// <summary>How far a workflow is.</summary>
/// <param name="Steps">What it got, in its order, and on the last page what it waits for.</param>
/// <param name="Next">Cursor of the next page. Absent on the last.</param>
public sealed record StepListRecord(IReadOnlyList<StepRecord> Steps, string? Next = null);

/// <summary>What became of a signal.</summary>
/// <param name="State">`delivered`: the workflow waited for it. `kept`: until it asks for it. `repeated`: it was sent before.</param>
public sealed record SignalRecord(string Name, string State);

/// <summary>What became of an answer to a callback.</summary>
/// <param name="State">`delivered`: the workflow waited for it. `kept`: until it asks for it. `repeated`: it was sent before.</param>
public sealed record CallbackRecord(string State);

/// <summary>One version of a workflow's code.</summary>
/// <param name="Here">Whether the node that was asked has it.</param>
/// <param name="Pinned">New jobs begin with it because somebody said so. Where none is pinned they begin with the highest.</param>
/// <param name="Jobs">How many are under way with it, by state.</param>
public sealed record WorkflowRecord(string Feature, int Version, bool Here, bool Pinned, IReadOnlyDictionary<string, int> Jobs);

/// <summary>The versions of workflows' code.</summary>
public sealed record WorkflowListRecord(IReadOnlyList<WorkflowRecord> Workflows);

/// <summary>How many jobs go on with another version, from their next attempt on.</summary>
public sealed record WorkflowMoveRecord(int Moved);

/// <summary>From where, and with what, a workflow is run again.</summary>
public sealed record RerunOptions
{
    /// <summary>The first step that is done anew, as the list of steps tells it. Default: the first.</summary>
    public string? From { get; init; }

    /// <summary>Which of the steps of that name, from 1. Default: 1.</summary>
    public int? Occurrence { get; init; }

    /// <summary>JSON text in the place of the job's input. Default: the job's own.</summary>
    public string? Input { get; init; }

    /// <summary>A repeat with the same key gets the same job. Default: none.</summary>
    public string? IdempotencyKey { get; init; }
}
