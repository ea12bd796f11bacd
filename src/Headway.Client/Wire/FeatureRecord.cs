namespace Headway.Client;

/// <summary>A feature and the versions in which it is served.</summary>
/// <param name="Name">Name, as in `/v1/features/{name}`.</param>
/// <param name="Summary">What it is for. Absent: not said.</param>
/// <param name="Versions">Ascending; the last is the latest.</param>
public sealed record FeatureRecord(string Name, string? Summary, IReadOnlyList<FeatureVersionRecord> Versions);

/// <summary>One version of a feature, and the contract it is served under.</summary>
public sealed record FeatureVersionRecord
{
    /// <summary>1 is the first.</summary>
    public required int Version { get; init; }

    /// <summary>What this version is for. Absent: not said.</summary>
    public string? Summary { get; init; }

    /// <summary>The contract's mode.</summary>
    public required Mode Mode { get; init; }

    /// <summary>A path of its own, such as `/v1/generate`. Absent: none.</summary>
    public string? Route { get; init; }

    /// <summary>Seconds a hybrid call may be held open. Absent in other modes.</summary>
    public double? WaitSeconds { get; init; }

    /// <summary>Seconds from acceptance within which the result is promised. Absent: no promise.</summary>
    public double? DeliverWithinSeconds { get; init; }

    /// <summary>The hard limit of one attempt, in seconds.</summary>
    public required double TimeoutSeconds { get; init; }

    /// <summary>From when on it is deprecated. Absent: it is not.</summary>
    public DateOnly? Deprecated { get; init; }

    /// <summary>When it ends. Absent: no date was set.</summary>
    public DateOnly? Sunset { get; init; }
}

/// <summary>The features of a server.</summary>
/// <param name="Features">In the order of the feature file.</param>
public sealed record FeatureListRecord(IReadOnlyList<FeatureRecord> Features);
