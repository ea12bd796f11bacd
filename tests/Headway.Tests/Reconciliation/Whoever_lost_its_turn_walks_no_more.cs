using Headway.Reconciliation;
using Headway.Storage;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Reconciliation;

/// <summary>A node that was slow does not set back the walk that another has taken over.</summary>
public sealed class Whoever_lost_its_turn_walks_no_more : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-turns-").FullName;
    private readonly Database _database;

    public Whoever_lost_its_turn_walks_no_more() => _database = Database.Open(TestDatabase.At(Path.Combine(_folder, "turns.db")), TimeProvider.System, NullLogger.Instance);

    [Fact]
    public async Task And_what_it_tells_counts_for_nothing()
    {
        var (late, now) = (new WalkTurn(_database, () => 1_001), new WalkTurn(_database, () => 1_002));
        (await late.TakeAsync()).ShouldBe(RecordWalk.First);
        (await now.TakeAsync()).ShouldBeNull();
        await _database.WriteAsync(new Change("UPDATE walks SET until = 1"));
        (await now.TakeAsync()).ShouldBe(RecordWalk.First);
        var reached = JobId.New(TimeProvider.System.GetUtcNow());
        await now.KeepAsync(reached);

        await late.KeepAsync(JobId.New(TimeProvider.System.GetUtcNow()));
        await late.KeepAsync(null);

        (await late.TakeAsync()).ShouldBeNull("it is another's turn");
        (await now.TakeAsync()).ShouldBe(reached);
        await now.KeepAsync(null);
        (await now.TakeAsync()).ShouldBeNull("the hour is not over");
        await _database.WriteAsync(new Change("UPDATE walks SET next = 1"));
        (await late.TakeAsync()).ShouldBe(RecordWalk.First);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
