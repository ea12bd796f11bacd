using Headway.Access;
using Headway.Audit;
using Headway.Budgets;
using Headway.Features;
using Headway.Jobs.Waiting;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>A job and its place in the queue, as SelectJob.sql reads it. Bytes are sealed.</summary>
internal sealed record JobRow
{
    public required JobId Id { get; init; }
    public required string Tenant { get; init; }
    public required string Actor { get; init; }
    public required string Feature { get; init; }
    public required int Version { get; init; }
    public required long Pool { get; init; }
    public required Mode Mode { get; init; }
    public required JobState State { get; init; }
    public required int Priority { get; init; }
    public required DateTimeOffset Created { get; init; }
    public DateTimeOffset? Started { get; init; }
    public DateTimeOffset? Finished { get; init; }
    public DateTimeOffset? Deadline { get; init; }
    public DateTimeOffset? DeliverBy { get; init; }
    public string? TraceParent { get; init; }
    public byte[]? About { get; init; }
    public string? Endpoint { get; init; }
    public int Attempt { get; init; }
    public long? Queued { get; init; }
    public long? Result { get; init; }
    public string? ResultType { get; init; }
    public SealedFailure? Failure { get; init; }
    public string? Model { get; init; }
    public Usage Usage { get; init; }
    public string? Node { get; init; }
    public long? LastEvent { get; init; }
    public bool Shown { get; init; }
    public long? Rank { get; init; }
    public DateTimeOffset? Due { get; init; }
    public string? Why { get; init; }
    public byte[]? Progress { get; init; }
    public long Definition { get; init; }
    public byte[]? Subject { get; init; }
    public long? Input { get; init; }
    public JobId? CachedFrom { get; init; }

    /// <summary>The tenant, if its limits counted when the job was accepted and the job is under way.</summary>
    public string? Gate { get; init; }

    /// <summary>Null: application/json.</summary>
    public string? InputType { get; init; }

    /// <summary>The job whose child it is.</summary>
    public JobId? Parent { get; init; }

    /// <summary>What people asked of it, and it has not done yet.</summary>
    public Asked Asked { get; init; }

    /// <summary>The job whose journal it began with.</summary>
    public JobId? RerunOf { get; init; }

    public bool IsFinished => State >= JobState.Succeeded;

    /// <summary>What somebody did to the job, or got of it.</summary>
    public AuditEvent Audit(Caller caller, string action, DataClass data, string node) => new()
    {
        Action = action,
        Job = Id,
        Tenant = Tenant,
        Actor = caller.Actor,
        Address = caller.Address,
        Definition = Definition,
        Data = data,
        Subject = Subject,
        Node = node,
    };

    public static JobRow Read(Statement row) => new()
    {
        Id = row.JobId(0),
        Tenant = row.Text(1)!,
        Actor = row.Text(2)!,
        Feature = row.Text(3)!,
        Version = row.Int32(4),
        Pool = row.Int64(5),
        Mode = (Mode)row.Int64(6),
        State = (JobState)row.Int64(7),
        Priority = row.Int32(8),
        Created = row.Time(9),
        Started = row.TimeOrNull(10),
        Finished = row.TimeOrNull(11),
        Deadline = row.TimeOrNull(12),
        DeliverBy = row.TimeOrNull(13),
        TraceParent = row.Text(14),
        About = row.Blob(15),
        Endpoint = row.Text(16),
        Attempt = row.Int32(17),
        Queued = row.Int64OrNull(18),
        Result = row.Int64OrNull(19),
        ResultType = row.Text(20),
        Failure = row.IsNull(21) ? null : new SealedFailure(row.Text(21)!, (FailureKind)row.Int64(22), row.Text(23) ?? "", row.Blob(24)),
        Model = row.Text(25),
        Usage = new Usage(row.Int64(26), row.Int64(27), Money.ToUsd(row.Int64(28))),
        Node = row.Text(29),
        LastEvent = row.Int64OrNull(30),
        Shown = row.Int64(31) == 1,
        Rank = row.Int64OrNull(32),
        Due = row.TimeOrNull(33),
        Why = row.Text(34),
        Progress = row.Blob(35),
        Definition = row.Int64(36),
        Subject = row.Blob(37),
        Input = row.Int64OrNull(38),
        CachedFrom = row.IsNull(39) ? null : row.JobId(39),
        Gate = row.Text(40),
        InputType = row.Text(41),
        Parent = row.IsNull(42) ? null : row.JobId(42),
        Asked = (Asked)(row.Int64OrNull(43) ?? 0),
        RerunOf = row.IsNull(44) ? null : row.JobId(44),
    };
}
