using Headway.Features;
using Headway.Storage;

namespace Headway.Audit.Chain;

/// <summary>An event as it is stored, every column of it, with what its definition says.</summary>
internal sealed record ToldEvent
{
    public required JobId Job { get; init; }

    /// <summary>Microseconds since 1970, moved on past the job's event before.</summary>
    public required long Id { get; init; }
    public required string Tenant { get; init; }
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public long? Definition { get; init; }
    public string? Feature { get; init; }
    public long? Version { get; init; }
    public byte[]? Subject { get; init; }
    public string? Purpose { get; init; }
    public DataClass Data { get; init; }
    public string? Node { get; init; }
    public string? Address { get; init; }
    public string? Recipient { get; init; }
    public string? Outcome { get; init; }
    public byte[]? Payload { get; init; }
    public string? Correlation { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(Id / 1_000).AddMicroseconds(Id % 1_000);

    /// <summary>The columns from `tenant` on, in the order of the statements that read events. Null: there is no such event.</summary>
    public static ToldEvent? Read(Statement row, JobId job, long id, int from) => row.IsNull(from) ? null : new ToldEvent
    {
        Job = job,
        Id = id,
        Tenant = row.Text(from)!,
        Actor = row.Text(from + 1)!,
        Action = row.Text(from + 2)!,
        Definition = row.Int64OrNull(from + 3),
        Feature = row.Text(from + 4),
        Version = row.Int64OrNull(from + 5),
        Subject = row.Blob(from + 6),
        Purpose = row.Text(from + 7),
        Data = (DataClass)row.Int64(from + 8),
        Node = row.Text(from + 9),
        Address = row.Text(from + 10),
        Recipient = row.Text(from + 11),
        Outcome = row.Text(from + 12),
        Payload = row.Blob(from + 13),
        Correlation = row.Text(from + 14),
    };
}
