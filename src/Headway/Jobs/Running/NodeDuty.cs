using Headway.Features;

namespace Headway.Jobs.Running;

/// <summary>What a node does of the whole: take calls, carry out what is queued, or both; and of which pools.</summary>
/// <remarks>
/// Sync and stream calls run where they come in, because their caller is there: that is no work of the queue. A hybrid call runs at once only where its
/// pool is worked for. Upkeep is every node's.
/// </remarks>
internal sealed record NodeDuty
{
    private const string ApiWord = "api", WorkerWord = "worker";

    public static readonly NodeDuty Both = new();

    public bool Api { get; init; } = true;

    public bool Worker { get; init; } = true;

    /// <summary>Features, or versions of them as `name@2`, whose queued jobs this node claims. Empty: all.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    /// <summary>Whether this node claims queued jobs of the version.</summary>
    public bool Claims(FeatureVersion version) =>
        Worker && (Pools.Count == 0 || Pools.Contains(version.Feature, StringComparer.Ordinal) || Pools.Contains(version.FullName, StringComparer.Ordinal));

    /// <param name="duty">`api`, `worker` or `api,worker`; null: both.</param>
    /// <param name="pools">Names with commas between them; null: all.</param>
    /// <exception cref="FormatException">A word is not known, with those that are.</exception>
    public static NodeDuty Parse(string? duty, string? pools)
    {
        var words = Split(duty);
        if (words.FirstOrDefault(word => word is not (ApiWord or WorkerWord)) is { } unknown) throw new FormatException($"'{unknown}' is no duty of a node. Say api, worker, or api,worker.");
        var all = words.Count == 0;
        var chosen = new NodeDuty { Api = all || words.Contains(ApiWord), Worker = all || words.Contains(WorkerWord), Pools = Split(pools) };
        if (!chosen.Worker && chosen.Pools.Count > 0) throw new FormatException("Pools are for a node that works: give it the duty worker, too, or name no pools.");
        return chosen;
    }

    /// <summary>What keeps a node from having this duty, in words.</summary>
    /// <param name="shared">Whether other nodes use its database, too.</param>
    public IEnumerable<string> Problems(FeatureFile file, bool shared)
    {
        if (!shared && !(Api && Worker)) yield return "A database that is a file has one node, which takes calls and works: leave out the duty, or give the nodes a PostgreSQL database.";
        var known = file.Features.Values.SelectMany(feature => feature.Versions).ToList();
        foreach (var pool in Pools.Where(pool => !known.Exists(version => pool == version.Feature || pool == version.FullName)))
        {
            yield return $"There is no pool '{pool}': {file.Path} has {string.Join(", ", known.Select(version => version.Feature).Distinct(StringComparer.Ordinal))}.";
        }
    }

    private static List<string> Split(string? words) => [.. (words ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}
