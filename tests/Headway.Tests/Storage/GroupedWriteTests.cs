using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Storage;

/// <summary>What every database promises to whoever writes.</summary>
public sealed class GroupedWriteTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private readonly string _address;
    private Database _database = null!;

    public GroupedWriteTests() => _address = TestDatabase.At(Path.Combine(_folder, "group.db"));

    public async ValueTask InitializeAsync()
    {
        _database = Database.Open(_address, TimeProvider.System, NullLogger.Instance);
        await _database.WriteAsync(new Words("CREATE TABLE marks (n INTEGER PRIMARY KEY)"));
    }

    [Fact]
    public async Task One_bad_operation_among_a_hundred_hurts_only_itself()
    {
        var writes = await TogetherAsync(Enumerable.Range(0, 100).Select(n => n == 37 ? "INSERT INTO nowhere VALUES (1)" : $"INSERT INTO marks VALUES ({n})"));

        (await Should.ThrowAsync<StorageException>(writes[37])).Message.ShouldContain("nowhere");
        foreach (var write in writes.Where(write => write != writes[37])) await write;

        Count("SELECT count(*) FROM marks").ShouldBe(99);
    }

    [Fact]
    public async Task An_empty_text_is_a_text_and_empty_bytes_are_bytes()
    {
        await _database.WriteAsync(new Words($"CREATE TABLE kept (text TEXT NOT NULL, bytes {(TestDatabase.IsPostgres ? "bytea" : "BLOB")} NOT NULL)"));

        await _database.WriteAsync(new Keeping("", []));
        await _database.WriteAsync(new Keeping("a", [1]));
        await _database.WriteAsync(new Keeping("", []));

        Count("SELECT count(*) FROM kept WHERE text = '' AND length(bytes) = 0").ShouldBe(2);
    }

    [Fact]
    public async Task A_group_shares_a_transaction_and_each_gets_its_own_verdict()
    {
        var writes = await TogetherAsync(Enumerable.Repeat("INSERT INTO marks VALUES (1) ON CONFLICT DO NOTHING", 2));

        (await Task.WhenAll(writes)).ShouldBe([1, 0]);
    }

    [Fact]
    public async Task A_breach_of_a_rule_of_the_database_is_a_conflict_and_undoes_all_of_its_operation()
    {
        var writes = await TogetherAsync(["INSERT INTO marks VALUES (1)", "INSERT INTO marks VALUES (2); INSERT INTO marks VALUES (2)", "INSERT INTO marks VALUES (3)"]);

        var refused = await Should.ThrowAsync<StorageException>(writes[1]);
        (refused.Code, refused.MayPass).ShouldBe(("storage-conflict", false));
        await Task.WhenAll(writes[0], writes[2]);
        Count("SELECT sum(n) FROM marks").ShouldBe(4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(50)]
    public async Task An_operation_that_waits_for_no_answer_is_told_when_it_is_refused(int together)
    {
        using var gate = new ManualResetEventSlim();
        var blocker = _database.WriteAsync(new Blocking(gate));
        var writes = Enumerable.Range(0, together).Select(n => _database.WriteAsync(new Sending(n == 0 ? "INSERT INTO nowhere VALUES (1)" : $"INSERT INTO marks VALUES ({n})"))).ToList();
        gate.Set();
        await blocker;

        await Should.ThrowAsync<StorageException>(writes[0]);
        await Task.WhenAll(writes.Skip(1));
        Count("SELECT count(*) FROM marks").ShouldBe(together - 1);
    }

    [Fact]
    public async Task An_operation_that_throws_for_itself_undoes_itself_alone()
    {
        var failing = _database.WriteAsync(new Throwing());
        var other = _database.WriteAsync(new Words("INSERT INTO marks VALUES (2)"));

        await Should.ThrowAsync<InvalidDataException>(failing);
        await other;
        Count("SELECT sum(n) FROM marks").ShouldBe(2);
    }

    [Fact]
    public async Task A_row_that_is_bad_is_undone_apart_from_the_others_with_all_that_was_done_for_it()
    {
        var bad = await _database.WriteAsync(new EachApart(10, bad: 4));

        bad.ShouldBe([4]);
        Count("SELECT count(*) FROM marks").ShouldBe(18);
        Count("SELECT count(*) FROM marks WHERE n IN (4, 104)").ShouldBe(0);
    }

    [Fact]
    public async Task Text_that_is_none_is_kept_as_far_as_it_is_one()
    {
        (await _database.WriteAsync(new Echo("half \ud83d of a pair"))).ShouldBe("half \ufffd of a pair");
        (await _database.WriteAsync(new Echo("a whole \ud83d\ude00 pair"))).ShouldBe("a whole \ud83d\ude00 pair");
        (await _database.WriteAsync(new Echo("a zero \0 inside"))).ShouldStartWith("a zero");
    }

    [Fact]
    public async Task Numbers_of_payloads_are_given_once_whoever_asks_and_after_a_restart()
    {
        var numbers = new List<long>();
        for (var start = 0; start < 3; start++)
        {
            foreach (var some in await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => _database.WriteAsync(new Numbers(7)))))) numbers.AddRange(some);
            await _database.DisposeAsync();
            _database = Database.Open(_address, TimeProvider.System, NullLogger.Instance);
        }

        numbers.Count.ShouldBe(4_200);
        numbers.ShouldBeUnique();
    }

    [Fact]
    public async Task What_was_waiting_when_the_database_closes_is_written_and_what_comes_later_is_refused()
    {
        var last = _database.WriteAsync(new Words("INSERT INTO marks VALUES (7)"));
        await _database.DisposeAsync();

        (await last).ShouldBe(1);
        (await Should.ThrowAsync<StorageException>(_database.WriteAsync(new Words("INSERT INTO marks VALUES (8)")))).Code.ShouldBe("storage-unavailable");
    }

    [SqliteFact]
    public async Task Parameters_out_of_order_are_noticed_when_the_statement_is_first_used()
    {
        var swapped = Sql.Of("swapped", "INSERT INTO marks SELECT $2 WHERE $1");

        (await Should.ThrowAsync<InvalidOperationException>(_database.WriteAsync(new Using(swapped)))).Message.ShouldContain("swapped");
    }

    /// <summary>In one group: the writer is held until all of it has come.</summary>
    private async Task<List<Task<int>>> TogetherAsync(IEnumerable<string> statements)
    {
        using var gate = new ManualResetEventSlim();
        var blocker = _database.WriteAsync(new Blocking(gate));
        var writes = statements.Select(text => _database.WriteAsync(new Words(text))).ToList();
        gate.Set();
        await blocker;
        return writes;
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

    private sealed class Words(string text) : Write<int>
    {
        protected override ValueTask<int> ApplyAsync(Session session) => session.RunAsync(text);
    }

    private sealed class Sending(string text) : Write<bool>
    {
        protected override ValueTask<bool> ApplyAsync(Session session)
        {
            session.Prepare(text).Send();
            return ValueTask.FromResult(true);
        }
    }

    private sealed class Echo(string text) : Write<string>
    {
        protected override async ValueTask<string> ApplyAsync(Session session)
        {
            await session.RunAsync("CREATE TABLE IF NOT EXISTS texts (t text); DELETE FROM texts");
            await session.Prepare("INSERT INTO texts VALUES ($1)").Bind(1, text).ExecuteAsync();
            using var read = session.Prepare("SELECT t FROM texts");
            await read.StepAsync();
            return read.Text(0)!;
        }
    }

    private sealed class Throwing : Write<bool>
    {
        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            await session.RunAsync("INSERT INTO marks VALUES (1)");
            throw new InvalidDataException("no");
        }
    }

    /// <summary>Two rows for each number, and for one of them a third that cannot be.</summary>
    private sealed class EachApart(int rows, int bad) : Write<List<int>>
    {
        internal override Writer Writer => Writer.Upkeep;

        protected override async ValueTask<List<int>> ApplyAsync(Session session)
        {
            var refused = new List<int>();
            for (var n = 0; n < rows; n++)
            {
                var error = await session.ApartAsync(async () =>
                {
                    session.Prepare($"INSERT INTO marks VALUES ({n})").Send();
                    await session.RunAsync($"INSERT INTO marks VALUES ({n + 100})");
                    if (n == bad) session.Prepare($"INSERT INTO marks VALUES ({n})").Send();
                });
                if (error is not null) refused.Add(n);
            }
            return refused;
        }
    }

    private sealed class Numbers(int count) : Write<List<long>>
    {
        protected override async ValueTask<List<long>> ApplyAsync(Session session)
        {
            var numbers = new List<long>();
            for (var i = 0; i < count; i++) numbers.Add(await session.NewPayloadAsync());
            session.Prepare($"INSERT INTO payloads (id, body) VALUES ({numbers[^1]}, {TestDatabase.Bytes([1])})").Send();
            return numbers;
        }
    }

    private sealed class Keeping(string text, byte[] bytes) : Write<int>
    {
        protected override async ValueTask<int> ApplyAsync(Session session)
        {
            using var statement = session.Prepare("INSERT INTO kept VALUES ($1, $2)");
            return await statement.Bind(1, text).Bind(2, bytes).ExecuteAsync();
        }
    }

    /// <summary>Holds the writer until the test has lined up the rest of the group.</summary>
    private sealed class Blocking(ManualResetEventSlim gate) : Write<bool>
    {
        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            gate.Wait();
            return true;
        }
    }

    private sealed class Using(Sql sql) : Write<int>
    {
        protected override ValueTask<int> ApplyAsync(Session session) => session.Use(sql).ExecuteAsync();
    }
}
