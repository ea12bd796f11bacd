using Headway.Features;
using Headway.Handlers.Prompt.Tools;
using Headway.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Models;

/// <summary>Catalogs of a few models, as a feature file would give them.</summary>
internal static class Catalogs
{
    public static ModelCatalog Of(TimeProvider time, params ModelDefinition[] models)
    {
        var named = models.ToDictionary(model => model.Name);
        return new ModelCatalog(() => named, time, new Random(1), NullLoggerFactory.Instance);
    }

    public static ToolServers NoTools { get; } = new(static () => new Dictionary<string, ToolServerDefinition>(), TimeProvider.System);

    /// <summary>Answers at once and never fails, unless told otherwise.</summary>
    public static ModelDefinition Rehearsal(string name = "practice", RehearsalOptions? options = null) => new()
    {
        Name = name,
        Provider = "rehearsal",
        Rehearsal = options ?? Instant,
    };

    public static RehearsalOptions Instant { get; } = new() { FirstTokenP50 = TimeSpan.Zero, FirstTokenP99 = TimeSpan.Zero, TokensPerSecond = 0 };

    public static RehearsalOptions Failing(string failure) => Instant with { Failures = new Dictionary<string, double> { [failure] = 1 } };
}
