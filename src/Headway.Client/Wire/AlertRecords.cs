namespace Headway.Client;

/// <summary>A page of alerts.</summary>
/// <param name="Alerts">Newest first.</param>
/// <param name="Next">The cursor of the next page; null: this is the last.</param>
public sealed record AlertListRecord(IReadOnlyList<AlertRecord> Alerts, string? Next);

/// <summary>Something that operators are told of, from when it is there until it is over.</summary>
public sealed record AlertRecord
{
    /// <summary>`alt_` and 32 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>`dead-letters`, `queue-age`, `gaps`, `webhook-failures` or `no-worker`.</summary>
    public required string Kind { get; init; }

    /// <summary>Of what: a feature, a version of one, an endpoint, a kind of gap.</summary>
    public required string What { get; init; }

    /// <summary>The feature it is about. Absent: none, or all.</summary>
    public string? Feature { get; init; }

    /// <summary>The endpoint it is about. Absent: none.</summary>
    public string? Endpoint { get; init; }

    /// <summary>`open`, `acknowledged` or `over`.</summary>
    public required string State { get; init; }

    /// <summary>What it means, in words.</summary>
    public required string Summary { get; init; }

    /// <summary>How much of it there is, or was, in <see cref="Unit"/>.</summary>
    public required double Amount { get; init; }

    /// <summary>From how much on it is an alert.</summary>
    public required double Threshold { get; init; }

    /// <summary>`jobs`, `seconds`, `gaps`, `percent` or `versions`.</summary>
    public required string Unit { get; init; }

    /// <summary>When it opened.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it was over. Absent: it is not.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How often it came back within minutes of its end.</summary>
    public int Returned { get; init; }

    /// <summary>When it was acknowledged. Absent: it is not.</summary>
    public DateTimeOffset? Acknowledged { get; init; }

    /// <summary>Who acknowledged it.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>What that one wrote beside it.</summary>
    public string? Note { get; init; }

    /// <summary>When receivers were last told of it. Absent: nobody was.</summary>
    public DateTimeOffset? Told { get; init; }
}
