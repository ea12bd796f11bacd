using Headway.Budgets;
using Headway.Features;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>A job as it is first written. Times are milliseconds since 1970; bytes are sealed.</summary>
internal sealed record NewJob
{
    public required JobOrigin Origin { get; init; }
    public required long Pool { get; init; }
    public required Mode Mode { get; init; }
    public required int Priority { get; init; }
    public required long Created { get; init; }
    public long? Due { get; init; }
    public long? Deadline { get; init; }
    public long? DeliverBy { get; init; }
    public string? TraceParent { get; init; }
    public byte[]? About { get; init; }
    public string? Searchable { get; init; }

    /// <summary>The key of its subject that it is sealed with; null: it has no subject, and a key that nobody destroys.</summary>
    public long? Key { get; init; }

    /// <summary>Null for a call that is recorded without its payload.</summary>
    public byte[]? Input { get; init; }

    /// <summary>Null: application/json.</summary>
    public string? InputType { get; init; }
    public IdempotencyClaim? Idempotency { get; init; }

    /// <summary>The key under which it is the only one under way; null: none.</summary>
    public HeldKey? Hold { get; init; }

    /// <summary>See <see cref="Running.Work.CacheInput"/>.</summary>
    public byte[]? CacheInput { get; init; }
    public bool MadeAnew { get; init; }

    /// <summary>What must be held back for it; null: no budget counts.</summary>
    public Reservation? Reservation { get; init; }

    /// <summary>What its turn costs its tenant (<see cref="Turns"/>); 0: it takes none now, because it waits for its time or does not queue.</summary>
    public long Charge { get; init; }

    /// <summary>The tenant, if its jobs are counted against limits.</summary>
    public string? Gate { get; init; }

    /// <summary>The tenant, if the work is done by workers: some ask for its jobs alone.</summary>
    public string? Pulled { get; init; }

    /// <summary>What its acceptance decides about.</summary>
    public IReadOnlyList<Claim> Claims => (Idempotency, Hold) switch
    {
        (null, null) => [],
        ({ } key, null) => [ClaimOn(key)],
        (null, { } held) => [held.Claim],
        ({ } key, { } held) => [ClaimOn(key), held.Claim],
    };

    private Claim ClaimOn(IdempotencyClaim key) => new("idempotency key", (Pool, Origin.Tenant, Convert.ToHexString(key.Key)));
}

/// <summary>An idempotency key as it is kept: keyed MACs of the key and of the payload it came with.</summary>
/// <param name="Scope">See <see cref="RegisteredVersion.Scope"/>.</param>
internal sealed record IdempotencyClaim(long Scope, byte[] Key, byte[] Fingerprint, long Expires);

/// <summary>What is held back at acceptance: the most that one call of the dearest model can cost, in every budget that counts.</summary>
internal sealed record Reservation(IReadOnlyList<BudgetLimit> Limits, long Nano);
