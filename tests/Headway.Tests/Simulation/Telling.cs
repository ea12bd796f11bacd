using System.Globalization;

namespace Headway.Tests.Simulation;

/// <summary>Plays a story, and tells of one that goes wrong by the fewest steps that still do.</summary>
internal static class Telling
{
    // A story is some fifty steps: this is enough to leave out most of what does not matter.
    private const int Tries = 150;

    /// <summary>Null: all is well.</summary>
    public static async Task<string?> HoldsAsync(World world, Story story)
    {
        if (await Player.PlayAsync(world, story) is not { } trouble) return null;
        var (shorter, least) = await ShortenAsync(world, story, trouble);
        var lines = least.Script.Select((line, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1,3}. {line}"));
        return $"""
            {least.What}
            Seed {story.Seed}, {shorter.Steps.Count} of {story.Steps.Count} steps, {story.Terms}:
            {string.Join('\n', lines)}
            Again, whole: HEADWAY_SIMULATION_SEED={story.Seed}
            Whole, it was: {trouble.What}
            """;
    }

    private static async Task<(Story Story, Trouble Trouble)> ShortenAsync(World world, Story story, Trouble trouble)
    {
        var tries = 0;
        for (var piece = Math.Max(1, story.Steps.Count / 2); piece > 0 && tries < Tries; piece /= 2)
        {
            for (var from = 0; from < story.Steps.Count && tries < Tries; tries++)
            {
                var shorter = story with { Steps = [.. story.Steps.Take(from), .. story.Steps.Skip(from + piece)] };
                if (await Player.PlayAsync(world, shorter) is { } still) (story, trouble) = (shorter, still);
                else from += piece;
            }
        }
        return (story, trouble);
    }
}
