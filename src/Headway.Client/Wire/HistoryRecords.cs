namespace Headway.Client;

/// <summary>One try at a job.</summary>
public sealed record AttemptRecord
{
    /// <summary>1 for the first.</summary>
    public required int Number { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it ended. Absent while it runs.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>How it ended, as a stable word: `done`, `failed`, … ; `running` until then.</summary>
    public required string Outcome { get; init; }

    /// <summary>The node that ran it.</summary>
    public string? Node { get; init; }

    /// <summary>The model that answered, as the feature file calls it.</summary>
    public string? Model { get; init; }

    /// <summary>Tokens of this attempt. Absent: none.</summary>
    public UsageRecord? Usage { get; init; }

    /// <summary>US dollars. Absent: no model with a price was called.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Why it failed. Absent unless it did.</summary>
    public ErrorRecord? Error { get; init; }

    /// <summary>The calls of models that it made, failed ones too. Absent: none.</summary>
    public IReadOnlyList<ModelCallRecord>? Calls { get; init; }
}

/// <summary>All attempts at a job.</summary>
/// <param name="Attempts">Oldest first.</param>
public sealed record AttemptListRecord(IReadOnlyList<AttemptRecord> Attempts);

/// <summary>One audit event: who did what to which data, when, to what end.</summary>
public sealed record AuditRecord
{
    /// <summary>Identity of the event; sorts by time.</summary>
    public required string Id { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whose data it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The key or person who did it.</summary>
    public required string Actor { get; init; }

    /// <summary>What was done: `submitted`, `started`, `disclosed`, `completed`, `delivered`, …</summary>
    public required string Action { get; init; }

    /// <summary>Name of the feature.</summary>
    public required string Feature { get; init; }

    /// <summary>Version of the feature.</summary>
    public required int Version { get; init; }

    /// <summary>Id of the job. Absent: the call was refused or denied before there was one, or the event is about a file, a key, a hold, or the trail itself.</summary>
    public string? Job { get; init; }

    /// <summary>Id of the kept file. Absent: the event is about a job.</summary>
    public string? File { get; init; }

    /// <summary>Pseudonym of the subject, the same for equal subjects. Absent: the job has none.</summary>
    public string? Subject { get; init; }

    /// <summary>To what end. Absent: not stated.</summary>
    public string? Purpose { get; init; }

    /// <summary>Class of the data: `public`, `internal`, `personal` or `phi`.</summary>
    public required string Data { get; init; }

    /// <summary>The node that recorded it.</summary>
    public string? Node { get; init; }

    /// <summary>Network address the access came from.</summary>
    public string? Address { get; init; }

    /// <summary>To whom data was disclosed: a model or a service. Absent: to nobody.</summary>
    public string? Recipient { get; init; }

    /// <summary>How it ended, where the event closes something.</summary>
    public string? Outcome { get; init; }

    /// <summary>Joins the events of one call.</summary>
    public required string Correlation { get; init; }
}

/// <summary>The audit events of a job, or of a kept file.</summary>
/// <param name="Events">Oldest first.</param>
public sealed record AuditListRecord(IReadOnlyList<AuditRecord> Events);
