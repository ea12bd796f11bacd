using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Storage;

/// <summary>How the writes of a group go on in step on PostgreSQL without harm to each other.</summary>
public sealed class PostgresWriteTests : IAsyncLifetime
{
    private readonly string _address = TestDatabase.At("");
    private Database _database = null!;

    public async ValueTask InitializeAsync()
    {
        if (!TestDatabase.IsPostgres) return;
        _database = Database.Open(_address, TimeProvider.System, NullLogger.Instance);
        await _database.WriteAsync(new Jobs.Change("CREATE TABLE counters (name text PRIMARY KEY, n bigint NOT NULL); INSERT INTO counters VALUES ('a', 0), ('b', 0)"));
    }

    [PostgresFact]
    public async Task Of_those_that_claim_the_same_each_sees_what_the_one_before_it_did()
    {
        var counted = await TogetherAsync(Enumerable.Range(0, 100).Select(n => new Count(n % 2 == 0 ? "a" : "b")));

        counted.Order().ShouldBe(Enumerable.Range(1, 50).SelectMany(n => new[] { (long)n, n }));
    }

    [PostgresFact]
    public async Task One_that_finds_what_it_acts_on_begins_when_all_others_have_ended()
    {
        // Whatever the order they came in.
        Write<long>[] writes = [new Find(), .. Enumerable.Range(0, 20).Select(n => new Count(n % 2 == 0 ? "a" : "b")), new Find()];

        var counted = await TogetherAsync(writes);

        (counted[0], counted[^1]).ShouldBe((20, 20));
    }

    [PostgresFact]
    public async Task And_so_across_nodes_where_the_claim_is_on_every_node()
    {
        await using var other = Database.Open(_address, TimeProvider.System, NullLogger.Instance);

        var counted = await Task.WhenAll(new[] { _database, other }.SelectMany(node => Enumerable.Range(0, 50).Select(_ => Task.Run(() => node.WriteAsync(new Count("a", everywhere: true))))));

        counted.Order().ShouldBe(Enumerable.Range(1, 100).Select(n => (long)n));
    }

    [PostgresTheory]
    [InlineData(nameof(Writer.Acceptances))]
    [InlineData(nameof(Writer.Claims))]
    [InlineData(nameof(Writer.Upkeep))]
    public async Task New_jobs_claims_and_upkeep_wait_for_no_change_of_what_is_there(string writer)
    {
        using var held = PostgresCluster.Connect(_address);
        using var transaction = held.BeginTransaction();
        using (var lockRow = new Npgsql.NpgsqlCommand("SELECT 1 FROM counters WHERE name = 'a' FOR UPDATE", held, transaction)) lockRow.ExecuteNonQuery();
        var knows = _database.WriteAsync(new Count("a"));

        (await _database.WriteAsync(new Look(Enum.Parse<Writer>(writer))).WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0);

        knows.IsCompleted.ShouldBeFalse();
        transaction.Rollback();
        (await knows).ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_new_job_that_locks_what_changes_lock_is_written_while_none_is()
    {
        using var held = PostgresCluster.Connect(_address);
        using var transaction = held.BeginTransaction();
        using (var lockRow = new Npgsql.NpgsqlCommand("SELECT 1 FROM counters WHERE name = 'a' FOR UPDATE", held, transaction)) lockRow.ExecuteNonQuery();
        var changes = _database.WriteAsync(new Count("a"));
        while (Number(held, "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))") == 0) await Task.Yield();
        var meets = _database.WriteAsync(new Look(Writer.Acceptances, meetsChanges: true));

        (await _database.WriteAsync(new Look(Writer.Claims)).WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0);
        meets.IsCompleted.ShouldBeFalse();
        transaction.Rollback();
        (await changes).ShouldBe(1);
        (await meets).ShouldBe(1, "it began when the change had ended");
    }

    [PostgresFact]
    public async Task Those_that_find_what_they_act_on_take_their_locks_in_one_order_also_where_one_begins_in_a_later_round()
    {
        await using var other = Database.Open(_address, TimeProvider.System, NullLogger.Instance);
        var took = System.Diagnostics.Stopwatch.StartNew();
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(
                TogetherAsync<long>([new FindUnder("a"), new FindUnder("a", "b"), new FindUnder("a", "b", "c")]),
                TogetherAsync<long>(other, [new FindUnder("c"), new FindUnder("c", "b"), new FindUnder("c", "b", "a")]));
        }

        // The server looks for those that wait for each other after a second.
        took.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [PostgresFact]
    public async Task A_statement_that_takes_a_set_gives_each_its_own_rows()
    {
        var sizes = Enumerable.Range(0, 100).Select(n => (long)(n * 7 % 13)).ToList();

        var rows = await TogetherAsync(sizes.Select(size => new Rows(size)));

        for (var i = 0; i < sizes.Count; i++) rows[i].ShouldBe(Enumerable.Range(1, (int)sizes[i]).Select(n => (sizes[i] * 100) + n));
    }

    [PostgresFact]
    public async Task A_refusal_that_its_operation_swallows_is_told_because_the_server_keeps_nothing_then()
    {
        var error = await Should.ThrowAsync<StorageException>(_database.WriteAsync(new Swallowing()));

        error.Message.ShouldContain("nowhere");
        (await _database.ReadAsync(SumAsync)).ShouldBe(0);
    }

    [PostgresFact]
    public async Task An_operation_that_waits_for_something_else_is_noticed_and_hurts_only_itself()
    {
        var never = new TaskCompletionSource();

        var waiting = _database.WriteAsync(new Waiting(never.Task));
        var other = _database.WriteAsync(new Count("a"));

        (await Should.ThrowAsync<InvalidOperationException>(waiting)).Message.ShouldContain("waits for something other than the database");
        (await other).ShouldBe(1);
    }

    [PostgresTheory]
    [InlineData("off", "on")]
    [InlineData("local", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task A_commit_waits_for_the_disk_whatever_the_server_thinks(string byDefault, string told)
    {
        var address = PostgresCluster.Shared.NewDatabase();
        await _database.WriteAsync(new Jobs.Change($"ALTER DATABASE {address.Split('/')[^1]} SET synchronous_commit = {byDefault}"));
        await using var database = Database.Open(address, TimeProvider.System, NullLogger.Instance);

        foreach (var writer in Enum.GetValues<Writer>()) (await database.WriteAsync(new Asking(writer))).ShouldBe(told);
    }

    [PostgresFact]
    public async Task A_database_that_becomes_read_only_says_so_and_takes_writes_again_when_it_may_be_written()
    {
        var name = _address.Split('/')[^1];
        Run($"ALTER DATABASE {name} SET default_transaction_read_only = on");
        PostgresCluster.EndConnections(_address);

        await FailsUntilAsync("storage-read-only");
        Run($"ALTER DATABASE {name} RESET default_transaction_read_only");
        PostgresCluster.EndConnections(_address);

        for (var tries = 0; ; tries++)
        {
            try
            {
                await _database.WriteAsync(new Count("a"));
                return;
            }
            catch (StorageException) when (tries < 20)
            {
                // The connection that was ended is noticed by whoever uses it.
            }
        }
    }

    private async Task FailsUntilAsync(string code)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await _database.WriteAsync(new Count("a"));
                tries.ShouldBeLessThan(20);
            }
            catch (StorageException error) when (error.Code == code)
            {
                return;
            }
            catch (StorageException) when (tries < 20)
            {
                // As above.
            }
        }
    }

    private void Run(string text)
    {
        using var connection = PostgresCluster.Connect($"postgres://127.0.0.1:{new Uri(_address).Port}/postgres");
        using var command = new Npgsql.NpgsqlCommand(text, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>In one group: the writer is held until all of it has come.</summary>
    private Task<TVerdict[]> TogetherAsync<TVerdict>(IEnumerable<Write<TVerdict>> writes) => TogetherAsync(_database, writes);

    private static async Task<TVerdict[]> TogetherAsync<TVerdict>(Database database, IEnumerable<Write<TVerdict>> writes)
    {
        using var gate = new ManualResetEventSlim();
        var blocker = database.WriteAsync(new Blocking(gate));
        var all = writes.Select(database.WriteAsync).ToList();
        gate.Set();
        await blocker;
        return await Task.WhenAll(all);
    }

    private static async ValueTask<long> SumAsync(Session session)
    {
        using var sum = session.Prepare("SELECT sum(n)::bigint FROM counters");
        await sum.StepAsync();
        return sum.Int64(0);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    /// <summary>Reads, and then writes what it has read and one more: wrong as soon as two do it in step.</summary>
    private sealed class Count(string name, bool everywhere = false) : Write<long>
    {
        internal override IReadOnlyList<Claim> Claims => [new Claim("counter", name, everywhere)];

        protected override async ValueTask<long> ApplyAsync(Session session)
        {
            using var read = session.Prepare("SELECT n FROM counters WHERE name = $1").Bind(1, name);
            await read.StepAsync();
            var next = read.Int64(0) + 1;
            session.Prepare("UPDATE counters SET n = $1 WHERE name = $2").Bind(1, next).Bind(2, name).Send();
            return next;
        }
    }

    /// <summary>Counts what the others did, and what they had only begun would be missing.</summary>
    private sealed class Find : Write<long>
    {
        internal override bool FindsItsJobs => true;

        protected override ValueTask<long> ApplyAsync(Session session) => SumAsync(session);
    }

    private static long Number(Npgsql.NpgsqlConnection connection, string sql)
    {
        using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return (long)command.ExecuteScalar()!;
    }

    private sealed class Look(Writer by, bool meetsChanges = false) : Write<long>
    {
        internal override Writer Writer => by;

        internal override bool MeetsChanges => meetsChanges;

        protected override ValueTask<long> ApplyAsync(Session session) => SumAsync(session);
    }

    private sealed class FindUnder(params string[] locks) : Write<long>
    {
        internal override IReadOnlyList<Claim> Claims => [.. locks.Select(name => new Claim("lock", name, OnEveryNode: true))];

        internal override bool FindsItsJobs => true;

        protected override ValueTask<long> ApplyAsync(Session session) => SumAsync(session);
    }

    private sealed class Rows(long count) : Write<List<long>>
    {
        private static readonly Sql Series = Sql.Of("series", "SELECT asked.n * 100 + i, asked.ord FROM unnest($1) WITH ORDINALITY AS asked (n, ord) CROSS JOIN LATERAL generate_series(1, asked.n) AS i");

        protected override async ValueTask<List<long>> ApplyAsync(Session session)
        {
            var rows = new List<long>();
            using var series = session.Use(Series).Bind(1, count);
            while (await series.StepAsync()) rows.Add(series.Int64(0));
            return rows;
        }
    }

    private sealed class Swallowing : Write<bool>
    {
        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            await session.RunAsync("UPDATE counters SET n = 7");
            try
            {
                await session.RunAsync("DELETE FROM nowhere");
            }
            catch (StorageException)
            {
                return true;
            }
            return false;
        }
    }

    private sealed class Waiting(Task task) : Write<bool>
    {
        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            await session.RunAsync("UPDATE counters SET n = 7");
            await task;
            return true;
        }
    }

    private sealed class Asking(Writer by) : Write<string?>
    {
        internal override Writer Writer => by;

        protected override async ValueTask<string?> ApplyAsync(Session session)
        {
            using var ask = session.Prepare("SELECT current_setting('synchronous_commit')");
            await ask.StepAsync();
            return ask.Text(0);
        }
    }

    private sealed class Blocking(ManualResetEventSlim gate) : Write<bool>
    {
        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            gate.Wait();
            return true;
        }
    }
}
