using Headway.Audit;
using Headway.Features;

namespace Headway.Jobs.Storage;

/// <summary>Whose job it is and of what: what every later write and audit event about it repeats.</summary>
/// <param name="Definition">Number of the pinned definition.</param>
/// <param name="Subject">Keyed MAC; null when the call named none.</param>
/// <param name="Address">Where the call came from.</param>
internal sealed record JobOrigin(JobId Id, string Tenant, string Actor, string? Address, long Definition, DataClass Data, byte[]? Subject)
{
    /// <summary>The job whose child it is; null: it was called from outside.</summary>
    public JobId? Parent { get; init; }

    /// <summary>The job whose journal it began with; null: it began with none.</summary>
    public JobId? RerunOf { get; init; }

    /// <summary>The endpoints that are told of its end (<see cref="Outbox.Of"/>); null: none.</summary>
    public string? Endpoints { get; init; }

    public Addressees? Addressees => Endpoints is null ? null : new Addressees(Tenant, Endpoints);

    public AuditEvent Audit(string action, string? outcome = null, string? node = null, string? recipient = null) => new()
    {
        Action = action,
        Job = Id,
        Tenant = Tenant,
        Actor = Actor,
        Address = Address,
        Definition = Definition,
        Data = Data,
        Subject = Subject,
        Outcome = outcome,
        Node = node,
        Recipient = recipient,
    };
}

/// <summary>What every write to a job under way must carry: the number of the lease (node and epoch) and the attempt.</summary>
internal readonly record struct Fence(JobId Job, long Lease, int Attempt);
