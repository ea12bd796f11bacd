using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Storage;
using Headway.Payloads;

namespace Headway.Jobs.Running;

/// <summary>A job as it is run: what acceptance had in its hands, or what a claim has read back.</summary>
internal sealed record Work
{
    public required JobOrigin Origin { get; init; }
    public required FeatureVersion Version { get; init; }
    public required Mode Mode { get; init; }
    public required JobInput Input { get; init; }

    /// <summary>Seals what the job produces.</summary>
    public required DataKey Key { get; init; }
    public string? Subject { get; init; }

    /// <summary>What of the call decides the answer (<see cref="Caching.CacheKey"/>). Null: it is given no answer of another call, and leaves none.</summary>
    public byte[]? CacheInput { get; init; }

    /// <summary>Its answer is kept, and it is given none once it is accepted.</summary>
    public bool MadeAnew { get; init; }

    /// <summary>The key under which its answer may be given again; null: it may not. Known when the work is over.</summary>
    public byte[]? KeepUnder { get; init; }

    /// <summary>When it was accepted, in milliseconds since 1970.</summary>
    public required long Created { get; init; }
    public string? TraceParent { get; init; }
    public DateTimeOffset? Deadline { get; init; }

    public bool IsStream => Mode is Mode.Stream;

    /// <summary>Sync and stream get one shot: the caller is told, and nothing is tried again.</summary>
    public bool OneShot => Mode is Mode.Sync or Mode.Stream;
}
