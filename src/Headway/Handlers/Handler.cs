using Headway.Access;
using Headway.Audit;
using Headway.Budgets;
using Headway.Features;
using Headway.Models.Limits;

namespace Headway.Handlers;

/// <summary>Does the work of a feature version. Never learns the mode; one instance serves many attempts at once.</summary>
internal abstract class Handler
{
    /// <summary>
    /// Runs one attempt. Cancellation means: the caller left, the job was cancelled, the timeout passed or the node lost its lease;
    /// the caller of this method knows which, the handler only stops.
    /// </summary>
    public abstract Task<Outcome> RunAsync(Attempt attempt, CancellationToken stop);
}

/// <summary>One try at a job, as a handler sees it.</summary>
internal sealed class Attempt
{
    public required JobId Job { get; init; }
    public required FeatureVersion Feature { get; init; }

    /// <summary>1 for the first. Also part of the fence.</summary>
    public required int Number { get; init; }

    /// <summary>The other part of the fence: the lease under which the attempt runs.</summary>
    public long Lease { get; init; }

    /// <summary>There may be something that attempts before this one, or the job that it is a rerun of, have left for it.</summary>
    public bool HasPast { get; init; }

    /// <summary>When it began, in milliseconds since 1970.</summary>
    public long Started { get; init; }

    /// <summary>How many nodes have died under the job since it came further.</summary>
    public int Crashes { get; init; }
    public required string Tenant { get; init; }

    /// <summary>Who called.</summary>
    public string Actor { get; init; } = Caller.Local.Actor;
    public required JobInput Input { get; init; }
    public string? Subject { get; init; }
    public DateTimeOffset? Deadline { get; init; }
    public string? TraceParent { get; init; }

    /// <summary>The attempt's own end: acceptance or start plus the timeout.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Index in the chain of models at which this attempt starts (`strongerFrom`).</summary>
    public int FirstModel { get; init; }

    /// <summary>Where deltas and progress go. For a mode that does not stream, deltas are dropped cheaply.</summary>
    public required Output Output { get; init; }

    /// <summary>Records every call that discloses data to a model or service: facts, append-only.</summary>
    public required DisclosureLog Disclosures { get; init; }

    /// <summary>What was spent on models so far: the one place where that is told, by whoever calls a model, as soon as it is known.</summary>
    public UsageMeter Spent { get; init; } = new();

    /// <summary>Asked before each call of a model whether it may be paid.</summary>
    public AttemptBudget Budget { get; init; } = AttemptBudget.Unlimited;

    /// <summary>Told what calls of models wait for, for whoever asks why nothing happens.</summary>
    public AttemptWaits Waits { get; init; } = new();

    /// <summary>The step of a workflow whose work this is; null: it is the work of the job.</summary>
    public string? Step { get; init; }

    /// <summary>By what services outside know this work on every attempt, and no other has it.</summary>
    public string Key => Step is null ? Job.ToString() : $"{Job}/{Step}";

    /// <summary>The work of one step, on the account of this attempt. Nobody watches it.</summary>
    /// <param name="feature">With the handler of the step.</param>
    /// <param name="number">The try of the step.</param>
    public Attempt Of(string step, FeatureVersion feature, JobInput input, int number, int firstModel, Output output) => new()
    {
        Job = Job,
        Feature = feature,
        Number = number,
        HasPast = HasPast,
        Lease = Lease,
        Started = Started,
        Crashes = Crashes,
        Tenant = Tenant,
        Actor = Actor,
        Input = input,
        Subject = Subject,
        Deadline = Deadline,
        TraceParent = TraceParent,
        Until = Until,
        FirstModel = firstModel,
        Output = output,
        Disclosures = Disclosures,
        Spent = Spent,
        Budget = Budget,
        Waits = Waits,
        Step = step,
    };
}

/// <summary>The output of an attempt while it runs.</summary>
internal abstract class Output
{
    /// <summary>True once anything was shown to the caller: from then on nothing may be spliced in, no failover, no retry of a stream.</summary>
    public abstract bool Shown { get; }

    /// <summary>Whether anybody can see deltas (stream, or a reader of the events): a handler may skip making them otherwise.</summary>
    public abstract bool Wanted { get; }

    /// <summary>Appends a piece of prose. Waits when the reader is slower than the bound of the log.</summary>
    public abstract ValueTask DeltaAsync(string text, CancellationToken stop);

    /// <summary>Appends one JSON value of a stream of values.</summary>
    public abstract ValueTask DeltaAsync(ReadOnlyMemory<byte> json, CancellationToken stop);

    /// <summary>What was shown counts no more: readers are told that the answer begins anew.</summary>
    public abstract ValueTask TakeBackAsync(CancellationToken stop);

    /// <summary>Appends something that is shown beside the answer, which is given whole in its own time: prose, or else one JSON value.</summary>
    public abstract ValueTask BesideAsync(string? text, ReadOnlyMemory<byte> json, CancellationToken stop);

    /// <summary>What this attempt shows comes after what the one before it has shown: readers are not told that the answer begins anew.</summary>
    public abstract void GoOn();

    public abstract ValueTask ProgressAsync(long done, long? total, string? note, CancellationToken stop);
}
