namespace Headway.Client;

/// <summary>A page of gaps.</summary>
/// <param name="Gaps">Newest first.</param>
/// <param name="Next">The cursor of the next page; null: this is the last.</param>
public sealed record GapListRecord(IReadOnlyList<GapRecord> Gaps, string? Next);

/// <summary>Something that was promised and is not so.</summary>
/// <param name="Kind">`overdue`, `undelivered`, `unclosed`, `misplaced`, `stray`, `lost-lease`, `unsettled`, `unwoken`, `no-worker`, `no-version` or `unaudited`.</param>
/// <param name="What">Of what: the id of a job, a version of a feature, a lease.</param>
/// <param name="Text">What it means, in words.</param>
/// <param name="Amount">How many jobs it stands for.</param>
/// <param name="Found">When it was found.</param>
/// <param name="Seen">When it was last there.</param>
/// <param name="Ended">When it was over; null: it is there.</param>
/// <param name="Did">`mended`, `retried`, or `waiting` for a person.</param>
/// <param name="WaitingFor">Of a job that is late: why it does not go on.</param>
public sealed record GapRecord(
    string Id, string Kind, string What, string Text, string? Feature, string? Job, long Amount, DateTimeOffset Found, DateTimeOffset Seen, DateTimeOffset? Ended, string Did, WaitingForRecord? WaitingFor);
