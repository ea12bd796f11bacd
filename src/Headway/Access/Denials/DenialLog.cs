using Headway.Audit;
using Headway.Storage;

namespace Headway.Access;

/// <summary>Tells the audit trail of who was turned away at the door: without a key that counts, or without the role. By the number where there are many, see <see cref="Tellings{TKind, T}"/>.</summary>
internal sealed class DenialLog
{
    /// <summary>The actor of whom nothing is known, and the tenant of what belongs to none.</summary>
    public const string Unknown = "unknown", NoTenant = AuditTenants.Nobody;

    // Whoever holds a good token, or a key that is known, is one kind for each code. More of them than this are told as one.
    private const int MostKinds = 1_000;

    private readonly Tellings<Kind, Denial> _tellings;

    /// <param name="node">What the node is called.</param>
    public DenialLog(Database database, Func<string> node) => _tellings = new Tellings<Kind, Denial>(() => database.Now, (denial, count) => database.WriteAsync(new AppendAudit(
        new AuditEvent
        {
            Action = AuditActions.Denied,
            // There is no job: the event has an id of its own.
            Job = denial.Job ?? JobId.New(database.Time.GetUtcNow()),
            Tenant = denial.Caller?.Tenant ?? NoTenant,
            Actor = denial.Caller?.Actor ?? Unknown,
            Address = denial.Address,
            Purpose = denial.Route,
            Node = node(),
            Outcome = Tellings<Kind, Denial>.OutcomeOf(denial.Code, count),
        }, database.Now)));

    /// <summary>Returns at once; the event is written with the next group.</summary>
    public void Note(Denial denial)
    {
        var kind = new Kind(denial.Caller?.Tenant ?? NoTenant, denial.Caller?.Actor ?? Unknown, denial.Code);
        _tellings.Note(_tellings.Kinds < MostKinds ? kind : new Kind(NoTenant, Unknown, denial.Code), denial);
    }

    public Task CloseAsync() => _tellings.CloseAsync();

    public Task TellRestAsync() => _tellings.TellRestAsync();

    private readonly record struct Kind(string Tenant, string Actor, string Code);
}

/// <summary>Somebody was turned away.</summary>
/// <param name="Caller">Who it was, as far as that is proved; null: nobody knows.</param>
/// <param name="Code">Stable: `key-missing`, `key-invalid`, `role-missing`…</param>
/// <param name="Route">What was asked for, by the pattern of its route: free of content.</param>
internal sealed record Denial(Caller? Caller, string? Address, string Code, string Route)
{
    /// <summary>The job it was about, where it is this caller's to know of.</summary>
    public JobId? Job { get; init; }
}
