namespace Headway.Client;

/// <summary>Dead letters of a feature version that died of the same thing in the same place.</summary>
public sealed record DeadLetterGroupRecord
{
    /// <summary>Name of the feature.</summary>
    public required string Feature { get; init; }

    /// <summary>Version of the feature.</summary>
    public required int Version { get; init; }

    /// <summary>The error code that they carry.</summary>
    public required string Reason { get; init; }

    /// <summary>The class of the failure: `rate-limited`, `unavailable`, `timeout`, `invalid-output`, `bug` or `permanent`.</summary>
    public required string Class { get; init; }

    /// <summary>Made of code and place, never of text: the same on every machine. A filter of lists and replays.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>How many there are.</summary>
    public required long Count { get; init; }

    /// <summary>When the first of them died.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>When the last of them died.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>Id of the newest job among them.</summary>
    public required string Example { get; init; }
}

/// <summary>Groups of dead letters.</summary>
/// <param name="Groups">The largest first.</param>
/// <param name="More">True: there are more groups than were asked for.</param>
public sealed record DeadLetterGroupsRecord(IReadOnlyList<DeadLetterGroupRecord> Groups, bool More);

/// <summary>What a replay of dead letters did, or would do.</summary>
/// <param name="Count">Dead letters that were replayed, or would be.</param>
/// <param name="DryRun">True: nothing was done.</param>
public sealed record ReplayRecord(int Count, bool DryRun)
{
    /// <summary>Dead letters that matched and were decided about.</summary>
    public int Matched { get; init; }

    /// <summary>How many of them were not replayed, by the code of the reason. Absent: all were.</summary>
    public IReadOnlyDictionary<string, int>? NotReplayed { get; init; }

    /// <summary>The first hundred of these. Absent: all were replayed.</summary>
    public IReadOnlyList<NotReplayedRecord>? Jobs { get; init; }

    /// <summary>True: more match than one request replays. A further one goes on with them.</summary>
    public bool More { get; init; }
}

/// <summary>A dead letter that was not replayed.</summary>
/// <param name="Job">Its id.</param>
/// <param name="Code">Why: `input-expired`, `queue-full`, `replay-model-data`, …</param>
public sealed record NotReplayedRecord(string Job, string Code);

/// <summary>What a replay changes. Nothing of it: the job is tried again as it was.</summary>
public sealed record ReplayOptions
{
    /// <summary>The model of the feature file that is asked, of this replay alone. Default: those that the feature names.</summary>
    public string? Model { get; init; }

    /// <summary>JSON text in the place of the job's input; the former one is kept. For one job only. Default: the input stays.</summary>
    public string? Input { get; init; }
}

/// <summary>An input that a job had, or has.</summary>
/// <param name="Number">1 is what was accepted; the highest is the present one.</param>
/// <param name="Attempt">The last attempt that had it. Absent: it is the present one.</param>
/// <param name="Replaced">When another one took its place. Absent: it is the present one.</param>
/// <param name="Actor">Who replaced it. Absent: it is the present one.</param>
public sealed record InputRecord(int Number, int? Attempt = null, DateTimeOffset? Replaced = null, string? Actor = null);

/// <summary>The inputs that a job had.</summary>
/// <param name="Inputs">Oldest first, the present one last; none once retention took them.</param>
public sealed record InputListRecord(IReadOnlyList<InputRecord> Inputs);
