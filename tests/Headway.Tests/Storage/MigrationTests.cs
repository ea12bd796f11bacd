using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Storage;

/// <summary>How a database comes to its schema, and which it refuses to touch.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private readonly string _address;

    public MigrationTests() => _address = TestDatabase.At(Path.Combine(_folder, "schema.db"));

    [Fact]
    public async Task Each_is_applied_once_however_often_the_database_is_opened()
    {
        for (var opening = 0; opening < 3; opening++)
        {
            await using var database = Open();
            Applied(database).ShouldBe(Migration.All(TestDatabase.IsPostgres ? SqlDialect.Postgres : SqlDialect.Sqlite).Select(migration => (long)migration.Number));
        }
    }

    [Fact]
    public async Task Of_five_that_open_it_at_once_each_finds_it_whole_or_is_told_that_it_is_in_use()
    {
        var opened = new List<Database>();
        var refused = new List<StorageException>();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() =>
        {
            try
            {
                var database = Open();
                lock (opened) opened.Add(database);
            }
            catch (StorageException error)
            {
                lock (refused) refused.Add(error);
            }
        })));

        opened.Count.ShouldBe(TestDatabase.IsPostgres ? 5 : 1);
        refused.ShouldAllBe(error => error.Code == "storage-in-use");
        foreach (var database in opened)
        {
            Applied(database).Count.ShouldBe(Migration.All(SqlDialect.Postgres).Count);
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_that_a_newer_program_has_migrated_is_refused()
    {
        await ChangeAsync($"INSERT INTO migrations (number, name, hash, applied) VALUES (9999, 'later', 'x', {(TestDatabase.IsPostgres ? "now()" : "0")})");

        var refused = Should.Throw<StorageException>(Open);
        refused.Code.ShouldBe("storage-newer");
        refused.Message.ShouldContain("9999");
        refused.Message.ShouldContain("Start the newer program");
    }

    [Fact]
    public async Task One_that_was_migrated_in_another_form_is_refused()
    {
        await ChangeAsync("UPDATE migrations SET hash = 'other' WHERE number = 2");

        var refused = Should.Throw<StorageException>(Open);
        refused.Code.ShouldBe("storage-newer");
        refused.Message.ShouldContain("0002_payloads");
    }

    [SqliteFact]
    public async Task A_second_process_on_the_same_file_is_refused()
    {
        await using var first = Open();

        Should.Throw<StorageException>(Open).Code.ShouldBe("storage-in-use");
    }

    private Database Open() => Database.Open(_address, TimeProvider.System, NullLogger.Instance);

    private static List<long> Applied(Database database) => database.Read(session =>
    {
        var numbers = new List<long>();
        using var read = session.Prepare("SELECT number FROM migrations ORDER BY number");
        while (read.Step()) numbers.Add(read.Int64(0));
        return numbers;
    });

    private async Task ChangeAsync(string text)
    {
        await using var database = Open();
        await database.WriteAsync(new Jobs.Change(text));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
