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

    /// <summary>Under which its answer may be given again; null: it may not.</summary>
    public byte[]? CacheKey { get; init; }
    public string? TraceParent { get; init; }
    public DateTimeOffset? Deadline { get; init; }

    public bool IsStream => Mode is Mode.Stream;

    /// <summary>Sync and stream get one shot: the caller is told, and nothing is tried again.</summary>
    public bool OneShot => Mode is Mode.Sync or Mode.Stream;
}
