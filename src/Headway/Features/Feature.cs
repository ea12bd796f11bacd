namespace Headway.Features;

/// <summary>A named AI capability of the product, with its versions in ascending order.</summary>
internal sealed record Feature
{
    public required string Name { get; init; }
    public string? Summary { get; init; }
    public required IReadOnlyList<FeatureVersion> Versions { get; init; }

    /// <summary>Of all versions together; read when a call comes, so that a raise counts at once.</summary>
    public BudgetOptions? Budget { get; init; }
    public FeatureVersion Latest => Versions[^1];

    /// <summary>An exposed model answers its caller as it is asked: this is it for a caller who wants pieces. Null for any other feature.</summary>
    public FeatureVersion? Streamed { get; init; }

    /// <summary>The same for a caller who comes back for the answer.</summary>
    public FeatureVersion? Background { get; init; }

    /// <summary>Every version of which jobs can be queued, or that has a pool: <see cref="Streamed"/> shares that of its version.</summary>
    public IEnumerable<FeatureVersion> Pooled => Background is null ? Versions : Versions.Append(Background);
}

/// <summary>
/// One version of a feature with everything that a job of it needs: nothing here changes under a job, because acceptance pins
/// <see cref="DefinitionHash"/> and the definition is stored under it.
/// </summary>
internal sealed record FeatureVersion
{
    public required string Feature { get; init; }

    /// <summary>1 unless the file says otherwise.</summary>
    public required int Number { get; init; }

    public string? Summary { get; init; }

    /// <summary>A path of its own, such as /v1/generate.</summary>
    public string? Route { get; init; }
    public DateOnly? Deprecated { get; init; }
    public DateOnly? Sunset { get; init; }

    public required Contract Contract { get; init; }
    public required HandlerDefinition Handler { get; init; }

    /// <summary>The hard limit of one attempt.</summary>
    public required TimeSpan Timeout { get; init; }
    public PoolOptions Pool { get; init; } = new();
    public CacheOptions? Cache { get; init; }
    public RetryOptions Retry { get; init; } = new();
    public RetentionOptions Retention { get; init; } = new();
    public IReadOnlyList<DeliveryChannel> Delivery { get; init; } = [DeliveryChannel.Poll];

    /// <summary>`fallback: none`: one model is meant.</summary>
    public bool NoFallback { get; init; }

    /// <summary>Metadata keys that may be searched.</summary>
    public IReadOnlyList<string> SearchableMetadata { get; init; } = [];

    /// <summary>The largest input in bytes. Default 32 MiB.</summary>
    public long MaxInput { get; init; } = 32L * 1024 * 1024;

    /// <summary>Input schema (JSON Schema text), if the file names one.</summary>
    public string? InputSchema { get; init; }

    /// <summary>SHA-256 of <see cref="DefinitionJson"/>, 32 bytes.</summary>
    public byte[] DefinitionHash { get; init; } = [];

    /// <summary>The version as canonical JSON, templates and schemas included, secrets excluded: what the hash is of, and from which
    /// an equal version is made when a job under way outlives the file.</summary>
    public string DefinitionJson { get; init; } = "";

    /// <summary>Where the file declares it.</summary>
    public Place Place { get; init; }

    /// <summary>Where the file declares each of its values, by dotted path: `contract.mode`, `timeout`.</summary>
    public IReadOnlyDictionary<string, Place> Places { get; init; } = new Dictionary<string, Place>();

    /// <summary>The place of the first of these paths that is declared, else that of the version.</summary>
    public Place PlaceOf(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
            if (Places.TryGetValue(path, out var place))
                return place;
        return Place;
    }

    /// <summary>"name@number".</summary>
    public string FullName => $"{Feature}@{Number}";

    /// <summary>Whose work its jobs share their concurrency with. Callers of an exposed model who wait do not stand in line behind those who come back. What was
    /// accepted for workers waits for workers, and nothing else, whatever becomes of the handler.</summary>
    public string PoolName => Handler switch
    {
        ModelHandlerDefinition when Contract.Mode is Mode.Async => $"{FullName}/background",
        WorkerDefinition => $"{FullName}/workers",
        _ => FullName,
    };
}

/// <summary>The concurrency a feature version owns on each node, and how many calls may wait for it.</summary>
internal sealed record PoolOptions
{
    public int Concurrency { get; init; } = 16;

    /// <summary>How many jobs may run on all nodes together (async and hybrid). Null: as many as the nodes have slots.</summary>
    public int? Cluster { get; init; }

    /// <summary>Calls that may wait for a free slot (sync and stream). The wait is bounded by the timeout.</summary>
    public int Queue { get; init; } = 64;

    /// <summary>Jobs of this version that may be queued (async and hybrid); more are refused with 503 and Retry-After.</summary>
    public int Queued { get; init; } = 1_000_000;
}

internal sealed record CacheOptions
{
    public required TimeSpan For { get; init; }
}


/// <summary>How long things are kept after the job ended. Null: for ever.</summary>
internal sealed record RetentionOptions
{
    public TimeSpan? Payload { get; init; } = TimeSpan.FromDays(30);
    public TimeSpan? Record { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Dead letters have their own; the default keeps them.</summary>
    public TimeSpan? Dead { get; init; }
}

/// <summary>A required way for the result to reach its consumer: by being asked for, or by a named endpoint.</summary>
internal sealed record DeliveryChannel(string Kind, string? Endpoint)
{
    public static readonly DeliveryChannel Poll = new("poll", null);
}

/// <summary>A place in a file: 1-based line and column.</summary>
internal readonly record struct Place(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}
