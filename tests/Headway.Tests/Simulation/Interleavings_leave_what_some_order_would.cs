using System.Globalization;
using Headway.Tests.Storage;

namespace Headway.Tests.Simulation;

/// <summary>Many short stories of nodes that die, come back too late, lose answers and disagree about the time, each from a seed and beside a model of the rules.</summary>
public sealed class Interleavings_leave_what_some_order_would
{
    /// <summary>One story only.</summary>
    private static readonly int? Seed = Number("HEADWAY_SIMULATION_SEED");

    /// <summary>So many from fresh seeds, as long as that takes.</summary>
    private static readonly int? Runs = Number("HEADWAY_SIMULATION_RUNS");

    /// <summary>How many fixed seeds each of the two halves has.</summary>
    internal static int Fixed => TestDatabase.IsPostgres ? 60 : 700;

    private const int Fresh = 20;

    [Fact]
    public async Task Whatever_comes_when()
    {
        var troubles = await Task.WhenAll(Enumerable.Range(0, 2).Select(half => Task.Run(() => PlayAsync(half))));
        if (troubles.FirstOrDefault(trouble => trouble is not null) is { } trouble) Assert.Fail(trouble);
    }

    private static async Task<string?> PlayAsync(int half)
    {
        await using var world = await World.OpenAsync();
        foreach (var seed in Seeds(half))
        {
            if (await Telling.HoldsAsync(world, Story.Of(seed)) is { } trouble) return trouble;
        }
        return null;
    }

    private static IEnumerable<int> Seeds(int half)
    {
        if (Seed is { } one) return half == 0 ? [one] : [];
        var chance = new Random();
        if (Runs is { } runs) return Enumerable.Range(0, runs / 2).Select(_ => chance.Next());
        return Enumerable.Range(half * Fixed, Fixed).Concat(Enumerable.Range(0, Fresh / 2).Select(_ => chance.Next()));
    }

    private static int? Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
