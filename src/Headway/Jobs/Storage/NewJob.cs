using Headway.Budgets;
using Headway.Features;

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
    public string? Endpoint { get; init; }

    /// <summary>Null for a call that is recorded without its payload.</summary>
    public byte[]? Input { get; init; }

    /// <summary>Null: application/json.</summary>
    public string? InputType { get; init; }
    public IdempotencyClaim? Idempotency { get; init; }

    /// <summary>See <see cref="Running.Work.CacheInput"/>.</summary>
    public byte[]? CacheInput { get; init; }
    public bool MadeAnew { get; init; }

    /// <summary>What must be held back for it; null: no budget counts.</summary>
    public Reservation? Reservation { get; init; }

    /// <summary>Acceptance in microseconds: those of one millisecond keep their order.</summary>
    public required long Arrived { get; init; }

    // One priority step is worth half a minute of waiting: a head start that is bounded, so that nothing starves.
    private const long HeadStart = 30_000_000;

    public long Rank => Arrived - ((Priority - 5) * HeadStart);
}

/// <summary>An idempotency key as it is kept: keyed MACs of the key and of the payload it came with.</summary>
internal sealed record IdempotencyClaim(byte[] Key, byte[] Fingerprint, long Expires);

/// <summary>What is held back at acceptance: the most that one call of the dearest model can cost, in every budget that counts.</summary>
internal sealed record Reservation(IReadOnlyList<BudgetLimit> Limits, long Nano);
