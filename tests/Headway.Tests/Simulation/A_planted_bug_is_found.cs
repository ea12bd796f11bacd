using Headway.Tests.Storage;

namespace Headway.Tests.Simulation;

/// <summary>A simulation that finds nothing shows nothing, unless it finds what was put there.</summary>
[Collection(Alone.Name)]
public sealed class A_planted_bug_is_found(A_planted_bug_is_found.Worlds worlds) : IClassFixture<A_planted_bug_is_found.Worlds>
{
    public static TheoryData<string> Bugs => [.. PlantedBug.All];

    [Theory]
    [MemberData(nameof(Bugs))]
    public async Task Within_the_stories_that_each_run_tells(string bug)
    {
        using var planted = new PlantedBug(bug);
        var world = await worlds.OpenAsync();
        for (var seed = 0; seed < 2 * Interleavings_leave_what_some_order_would.Fixed; seed++)
        {
            if (await Player.PlayAsync(world, Story.Of(seed)) is not { } trouble) continue;
            TestContext.Current.TestOutputHelper?.WriteLine($"{seed + 1} stories: {trouble.What}");
            return;
        }
        Assert.Fail($"No story showed that {bug}.");
    }

    /// <summary>A file for each bug, because its statements were prepared without it; on a server one database does, and making many takes long.</summary>
    public sealed class Worlds : IAsyncLifetime
    {
        private World? _world;

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        internal async Task<World> OpenAsync()
        {
            if (TestDatabase.IsSqlite) await DisposeAsync();
            return _world ??= await World.OpenAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (_world is not null) await _world.DisposeAsync();
            _world = null;
        }
    }
}
