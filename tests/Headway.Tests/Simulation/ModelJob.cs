using System.Globalization;
using Headway.Features;
using Headway.Jobs;

namespace Headway.Tests.Simulation;

/// <summary>A job as it must be: its record, and while it is under way its place in the queue.</summary>
internal sealed class ModelJob
{
    public required JobId Id { get; init; }
    public required int Number { get; init; }
    public required string Tenant { get; init; }
    public required Mode Mode { get; init; }
    public required long Charge { get; init; }

    // The record.
    public JobState State { get; set; }
    public int Attempt { get; set; }
    public int Failures { get; set; }
    public long? Started { get; set; }
    public long? Finished { get; set; }
    public long? Deadline { get; set; }
    public long Nano { get; set; }
    public string? Code { get; set; }
    public long? Prune { get; set; }
    public bool HasInput { get; set; } = true;
    public bool HasResult { get; set; }
    public int FormerInputs { get; set; }

    // Its place in the queue.
    public long? Lease { get; set; }
    public int Tries { get; set; }
    public int Failed { get; set; }
    public int Crashes { get; set; }
    public long? Since { get; set; }
    public long? Due { get; set; }
    public long? QueueDeadline { get; set; }
    public string? Hold { get; set; }
    public long? HoldUntil { get; set; }
    public string? Why { get; set; }
    public string? Gate { get; set; }

    /// <summary>When the attempt of a pull worker is cut off.</summary>
    public long? Until { get; set; }

    /// <summary>Null: it was given one, which the model learns from the database and holds it to from then on.</summary>
    public long? Rank { get; set; }

    /// <summary>Which ranks may be right, where that is known without the rule of turns.</summary>
    public Func<long, bool>? MayRank { get; set; }

    /// <summary>Held back for it; null: nothing, not even nothing.</summary>
    public long? Held { get; set; }

    public List<string> Attempts { get; private set; } = [];

    /// <summary>Attempts whose workers have told what they spent.</summary>
    public SortedSet<int> Told { get; private set; } = [];

    public bool IsOneShot => Mode is Mode.Sync or Mode.Stream;
    public bool IsUnderWay => State < JobState.Succeeded;
    public bool Waits => State is JobState.Queued or JobState.Scheduled;

    public ModelJob Clone()
    {
        var copy = (ModelJob)MemberwiseClone();
        (copy.Attempts, copy.Told) = ([.. Attempts], [.. Told]);
        return copy;
    }

    public void LeaveQueue() => (Lease, Tries, Failed, Crashes, Since, Due, QueueDeadline, Hold, HoldUntil, Why, Gate, Until, Rank) = (null, 0, 0, 0, null, null, null, null, null, null, null, null, null);

    public string Record => string.Create(CultureInfo.InvariantCulture,
        $"record {(IsUnderWay ? 0 : (int)State)} attempt {Attempt} failures {Failures} started {Started} finished {Finished} deadline {Deadline} nano {Nano} code {Code} prune {Prune} input {(HasInput ? 1 : 0)} result {(HasResult ? 1 : 0)}");

    public string? Place => !IsUnderWay ? null : string.Create(CultureInfo.InvariantCulture,
        $"queue {(int)State} lease {Lease} attempt {Tries} failures {Failed} crashes {Crashes} started {Since} due {Due} deadline {QueueDeadline} hold {Hold} until {HoldUntil} why {Why} gate {Gate}{(State is JobState.Running ? $" cut off {Until}" : "")}");
}
