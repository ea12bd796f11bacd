namespace Headway.Audit.Search;

/// <summary>Which events to list, newest first. Every filter is optional and all must hold.</summary>
internal sealed record AuditFilter
{
    /// <summary>The thing that results belong to, as callers name it.</summary>
    public string? Subject { get; init; }
    public string? Actor { get; init; }
    public string? Action { get; init; }
    public string? Feature { get; init; }
    public JobId? Job { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>The event after which the page begins (keyset).</summary>
    public (long Id, JobId Job)? After { get; init; }

    /// <summary>Events that one page looks at where no index finds those that match. Some tenths of a second of reading.</summary>
    public int MostLooked { get; init; } = 100_000;

    /// <summary>1 to 200.</summary>
    public int Limit { get; init; } = 50;
}

/// <param name="Next">The event after which the next page begins; null on the last. A page may be short, or empty, and not be the last: what it looked at is bounded.</param>
internal sealed record AuditPage(IReadOnlyList<FoundEvent> Events, (long Id, JobId Job)? Next);

/// <summary>One event, as a listing shows it.</summary>
/// <param name="Subject">The keyed MAC.</param>
internal sealed record FoundEvent(long Id, string Tenant, string Actor, string Action, string? Feature, int? Version, JobId Job, byte[]? Subject, string? Purpose,
    Features.DataClass Data, string? Node, string? Address, string? Recipient, string? Outcome, string? Correlation)
{
    /// <summary>It tells of somebody who was turned away and of no job: <see cref="Job"/> is an id of its own.</summary>
    public bool HasOwnId { get; init; }

    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(Id / 1_000).AddMicroseconds(Id % 1_000);
}

/// <summary>Somebody who has seen something of a subject.</summary>
/// <param name="Who">A model, a service, a worker, or the key or person who called.</param>
/// <param name="IsRecipient">It was disclosed to them; else they asked for it.</param>
/// <param name="Count">How often.</param>
internal sealed record DisclosureGroup(string Who, bool IsRecipient, string Action, string Feature, long Count, DateTimeOffset First, DateTimeOffset Last);
