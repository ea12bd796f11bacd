using Headway.Storage;
using Headway.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Storage;

public sealed class GroupedWriteTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private Database _database = null!;

    private string Address => "sqlite:" + Path.Combine(_folder, "group.db");

    public async ValueTask InitializeAsync()
    {
        _database = Database.Open(Address, TimeProvider.System, NullLogger.Instance);
        await _database.WriteAsync(new Statement("CREATE TABLE marks (n INTEGER PRIMARY KEY)"));
    }

    [Fact]
    public async Task One_bad_operation_among_a_hundred_hurts_only_itself()
    {
        using var gate = new ManualResetEventSlim();
        var blocker = _database.WriteAsync(new Blocking(gate));
        var writes = Enumerable.Range(0, 100)
            .Select(n => _database.WriteAsync(new Statement(n == 37 ? "INSERT INTO nowhere VALUES (1)" : $"INSERT INTO marks VALUES ({n})")))
            .ToList();
        gate.Set();
        await blocker;

        (await Should.ThrowAsync<StorageException>(writes[37])).Message.ShouldContain("nowhere");
        foreach (var write in writes.Where(write => write != writes[37])) await write;

        Count("SELECT count(*) FROM marks").ShouldBe(99);
    }

    [Fact]
    public async Task A_group_shares_a_transaction_and_each_gets_its_own_verdict()
    {
        using var gate = new ManualResetEventSlim();
        var blocker = _database.WriteAsync(new Blocking(gate));
        var first = _database.WriteAsync(new Statement("INSERT INTO marks VALUES (1) ON CONFLICT DO NOTHING"));
        var second = _database.WriteAsync(new Statement("INSERT INTO marks VALUES (1) ON CONFLICT DO NOTHING"));
        gate.Set();
        await blocker;

        (await first).ShouldBe(1);
        (await second).ShouldBe(0);
    }

    [Fact]
    public async Task What_was_waiting_when_the_database_closes_is_written_and_what_comes_later_is_refused()
    {
        var last = _database.WriteAsync(new Statement("INSERT INTO marks VALUES (7)"));
        await _database.DisposeAsync();

        (await last).ShouldBe(1);
        (await Should.ThrowAsync<StorageException>(_database.WriteAsync(new Statement("INSERT INTO marks VALUES (8)")))).Code.ShouldBe("storage-unavailable");
    }

    [Fact]
    public void A_second_process_on_the_same_file_is_refused() =>
        Should.Throw<StorageException>(() => Database.Open(Address, TimeProvider.System, NullLogger.Instance)).Code.ShouldBe("storage-in-use");

    [Fact]
    public async Task A_database_that_a_newer_program_has_migrated_is_refused()
    {
        await _database.WriteAsync(new Statement("INSERT INTO migrations VALUES (9999, 'later', 'x', 0)"));
        await _database.DisposeAsync();

        var refused = Should.Throw<StorageException>(() => Database.Open(Address, TimeProvider.System, NullLogger.Instance));
        refused.Code.ShouldBe("storage-newer");
        refused.Message.ShouldContain("9999");
    }

    [Fact]
    public async Task Parameters_out_of_order_are_noticed_when_the_statement_is_first_used()
    {
        var swapped = Sql.Of("swapped", "INSERT INTO marks SELECT $2 WHERE $1");

        (await Should.ThrowAsync<InvalidOperationException>(_database.WriteAsync(new Using(swapped)))).Message.ShouldContain("swapped");
    }

    private long Count(string text) => _database.Read(session =>
    {
        using var count = session.Prepare(text);
        count.Step();
        return count.Int64(0);
    });

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Statement(string text) : Write<int>
    {
        protected override int Apply(SqliteSession session)
        {
            using var statement = session.Prepare(text);
            return statement.Execute();
        }
    }

    /// <summary>Holds the writer until the test has lined up the rest of the group.</summary>
    private sealed class Blocking(ManualResetEventSlim gate) : Write<bool>
    {
        protected override bool Apply(SqliteSession session)
        {
            gate.Wait();
            return true;
        }
    }

    private sealed class Using(Sql sql) : Write<int>
    {
        protected override int Apply(SqliteSession session) => session.Use(sql).Execute();
    }
}
