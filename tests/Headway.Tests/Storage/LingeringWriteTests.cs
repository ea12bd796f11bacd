using System.Collections.Concurrent;
using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Storage;

/// <summary>Writes that nobody waits for: they share a transaction where they can, and are never forgotten.</summary>
public sealed class LingeringWriteTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private readonly ConcurrentQueue<string> _boundaries = new();
    private Database _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = Database.Open(TestDatabase.At(Path.Combine(_folder, "linger.db")), TimeProvider.System, NullLogger.Instance, boundary => _boundaries.Enqueue(boundary.Split(':')[1]));
        await _database.WriteAsync(new Mark($"CREATE TABLE marks (at {(TestDatabase.IsPostgres ? "bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY" : "INTEGER PRIMARY KEY AUTOINCREMENT")}, n INTEGER UNIQUE)"));
        _boundaries.Clear();
    }

    [Fact]
    public async Task It_is_written_although_nothing_else_comes() =>
        (await _database.WriteSoonAsync(Mark.Of(1))).ShouldBe(1);

    [Fact]
    public async Task It_is_in_the_transaction_of_the_next_one_that_is_waited_for()
    {
        var lingering = Enumerable.Range(0, 20).Select(n => _database.WriteSoonAsync(Mark.Of(n))).ToList();
        await _database.WriteAsync(Mark.Of(20));

        Kept().ShouldBe(Enumerable.Range(0, 21));
        await Task.WhenAll(lingering);
    }

    [Fact]
    public async Task Those_that_come_close_together_share_a_transaction()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => _database.WriteSoonAsync(Mark.Of(n))));

        // Each transaction tells of all that it holds before and then after its commit.
        Transactions().ShouldBeLessThan(20);
    }

    [Fact]
    public async Task Who_comes_to_wait_for_it_brings_it_forward()
    {
        for (var n = 0; n < 50; n++)
        {
            var lingering = _database.WriteSoonAsync(Mark.Of(n));
            _database.Hurry();
            await lingering;
        }

        Kept().ShouldBe(Enumerable.Range(0, 50));
    }

    [Fact]
    public async Task It_is_written_when_the_database_closes()
    {
        var lingering = _database.WriteSoonAsync(Mark.Of(1));
        await _database.DisposeAsync();

        (await lingering).ShouldBe(1);
    }

    [Fact]
    public async Task Who_writes_or_hurries_while_it_closes_is_served_or_refused_and_meets_nothing_else()
    {
        var refused = 0;
        for (var round = 0; round < 20; round++)
        {
            var database = Database.Open(TestDatabase.At(Path.Combine(_folder, $"closing{round}.db")), TimeProvider.System, NullLogger.Instance);
            var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                while (true)
                {
                    database.Hurry();
                    try
                    {
                        await database.WriteSoonAsync(new Mark("SELECT 1"));
                    }
                    catch (StorageException stopping) when (stopping.Code == "storage-unavailable")
                    {
                        Interlocked.Increment(ref refused);
                        return;
                    }
                }
            })).ToArray();
            await database.DisposeAsync();
            database.Hurry();
            await Task.WhenAll(callers);
        }

        refused.ShouldBe(80);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_mixed_with_it_each_is_written_once(int seed)
    {
        const int Callers = 8, Each = 300;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random((seed * Callers) + caller);
            var open = new List<Task<int>>();
            for (var i = 0; i < Each; i++)
            {
                var mark = Mark.Of((caller * Each) + i);
                if (random.Next(3) == 0) (await _database.WriteAsync(mark)).ShouldBe(1);
                else open.Add(_database.WriteSoonAsync(mark));
                if (random.Next(20) == 0) _database.Hurry();
                if (random.Next(10) == 0) await Task.WhenAll(open);
            }
            foreach (var write in open) (await write).ShouldBe(1);
        })));

        Kept().Order().ShouldBe(Enumerable.Range(0, Callers * Each));
        _database.Backlog.ShouldBe(0);
    }

    private int Transactions()
    {
        var seen = _boundaries.ToArray();
        return seen.Where((boundary, i) => boundary == "before-commit" && (i == 0 || seen[i - 1] == "after-commit")).Count();
    }

    /// <summary>In the order in which they were written.</summary>
    private List<int> Kept() => _database.Read(session =>
    {
        var kept = new List<int>();
        using var rows = session.Prepare("SELECT n FROM marks ORDER BY at");
        while (rows.Step()) kept.Add((int)rows.Int64(0));
        return kept;
    });

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Mark(string sql) : Write<int>
    {
        public static Mark Of(int n) => new($"INSERT INTO marks (n) VALUES ({n})");

        protected override async ValueTask<int> ApplyAsync(Session session)
        {
            using var statement = session.Prepare(sql);
            return await statement.ExecuteAsync();
        }
    }
}
