using System.Collections.Concurrent;
using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Storage;

/// <summary>Connections that are lost in every place, and servers that end: what was told as durable is there, and what was told as failed is not.</summary>
public sealed class PostgresLossTests
{
    [PostgresFact]
    public async Task A_commit_that_was_done_and_not_acknowledged_is_told_as_durable()
    {
        await using var proxy = new PostgresProxy(PostgresCluster.Shared.NewDatabase());
        await using var database = await OpenAsync(proxy.Address, _ => proxy.LoseNextAnswer());

        (await database.WriteAsync(new Mark(1))).ShouldBe(1);

        Kept(database).ShouldBe([1]);
    }

    [PostgresFact]
    public async Task A_commit_that_never_came_to_the_server_is_told_as_failed()
    {
        await using var proxy = new PostgresProxy(PostgresCluster.Shared.NewDatabase());
        await using var database = await OpenAsync(proxy.Address, _ => proxy.LoseNextQuestion());

        (await Should.ThrowAsync<StorageException>(database.WriteAsync(new Mark(1)))).Code.ShouldBe("storage-unavailable");

        Kept(database).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Connections_that_end_while_nobody_uses_them_hurt_nobody()
    {
        var address = PostgresCluster.Shared.NewDatabase();
        await using var database = await OpenAsync(address);
        for (var n = 0; n < 5; n++)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => database.ReadAsync(KeptAsync).AsTask()));
            PostgresCluster.EndConnections(address);

            if (n % 2 == 0) (await database.ReadAsync(KeptAsync)).Count.ShouldBe(n);
            else database.Read(KeptAsync).Count.ShouldBe(n);
            (await database.WriteAsync(new Mark(n))).ShouldBe(1);
        }
    }

    [PostgresFact]
    public async Task The_number_of_a_transaction_that_a_crashed_server_gives_to_another_proves_nothing()
    {
        using var cluster = PostgresCluster.Start(durable: true);
        var address = cluster.NewDatabase();
        await using var database = await OpenAsync(address, _ =>
        {
            // Nothing of the transaction is on disk but what nobody waited for; the numbers after the crash begin where the disk knows of none.
            cluster.End();
            cluster.Begin();
            using var other = PostgresCluster.Connect(address);
            for (var i = 0; i < 20; i++) new Npgsql.NpgsqlCommand("SELECT pg_current_xact_id()", other).ExecuteScalar();
        });

        (await Should.ThrowAsync<StorageException>(database.WriteAsync(new Mark(1)))).Code.ShouldBe("storage-unavailable");

        Kept(database).ShouldBeEmpty();
    }

    [PostgresFact]
    public void Wherever_connections_are_lost_each_operation_is_what_it_was_told() => Property.Check(random => LoseAsync(random).GetAwaiter().GetResult(), cases: 6);

    private static async Task LoseAsync(Random random)
    {
        var address = PostgresCluster.Shared.NewDatabase();
        await using var proxy = new PostgresProxy(address);
        var commits = 0;
        await using var database = await OpenAsync(proxy.Address, _ =>
        {
            commits++;
            switch (random.Next(6))
            {
                case 0: proxy.LoseNextAnswer(); break;
                case 1: proxy.LoseNextQuestion(); break;
                case 2: PostgresCluster.EndConnections(address); break;
            }
        });
        var told = new ConcurrentDictionary<int, bool>();
        using var done = new CancellationTokenSource();
        // In the middle of groups, and of whatever else.
        var ending = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                PostgresCluster.EndConnections(address);
                done.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(20));
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                var n = (caller * 1_000) + i;
                try
                {
                    (await database.WriteAsync(new Mark(n))).ShouldBe(1);
                    told[n] = true;
                }
                catch (StorageException error)
                {
                    error.Code.ShouldBe("storage-unavailable");
                    told[n] = false;
                }
            }
        })));
        await done.CancelAsync();
        await ending;

        told.Count.ShouldBe(200);
        commits.ShouldBeGreaterThan(0);
        Kept(database).ShouldBe(told.Where(one => one.Value).Select(one => one.Key).Order());
    }

    [PostgresFact]
    public async Task While_the_server_is_gone_that_is_told_and_when_it_is_back_everything_goes_on_by_itself()
    {
        using var cluster = PostgresCluster.Start(durable: true);
        await using var database = await OpenAsync(cluster.NewDatabase());
        var told = new ConcurrentDictionary<int, bool>();
        var (failures, next) = (new ConcurrentQueue<StorageException>(), 0);
        using var done = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var n = Interlocked.Increment(ref next);
                try
                {
                    await database.WriteAsync(new Mark(n));
                    told[n] = true;
                }
                catch (StorageException error)
                {
                    failures.Enqueue(error);
                    told[n] = false;
                }
            }
        })).ToArray();

        for (var restart = 0; restart < 2; restart++)
        {
            var before = told.Count(one => one.Value);
            await UntilAsync(() => told.Count(one => one.Value) > before + 20);
            cluster.End();
            await UntilAsync(() => failures.Any(error => error.InnerException is not Npgsql.PostgresException));
            (await Should.ThrowAsync<StorageException>(async () => await database.ReadAsync(KeptAsync))).Message.ShouldStartWith("PostgreSQL cannot be reached");
            cluster.Begin();
            var back = told.Count(one => one.Value);
            await UntilAsync(() => told.Count(one => one.Value) > back + 20);
            // No connection of the time before is handed to a reader.
            await database.ReadAsync(KeptAsync);
        }
        await done.CancelAsync();
        await Task.WhenAll(callers);

        failures.ShouldAllBe(error => error.Code == "storage-unavailable");
        Kept(database).ShouldBe(told.Where(one => one.Value).Select(one => one.Key).Order());
    }

    private static async Task UntilAsync(Func<bool> happened)
    {
        using var tooLong = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!happened())
        {
            tooLong.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<Database> OpenAsync(string address, Action<string>? beforeCommit = null)
    {
        var ready = false;
        var database = Database.Open(address, TimeProvider.System, NullLogger.Instance, beforeCommit is null ? null : boundary =>
        {
            if (ready && boundary.EndsWith(":before-commit", StringComparison.Ordinal)) beforeCommit(boundary);
        });
        await database.WriteAsync(new Jobs.Change("CREATE TABLE marks (n bigint PRIMARY KEY); CREATE TABLE twins (n bigint PRIMARY KEY)"));
        ready = true;
        return database;
    }

    private static List<int> Kept(Database database)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return database.Read(KeptAsync);
            }
            catch (StorageException) when (tries < 300)
            {
                // A connection that was ended is noticed by whoever uses it.
            }
        }
    }

    /// <summary>All marks, each of which must have its twin.</summary>
    private static async ValueTask<List<int>> KeptAsync(Session session)
    {
        var kept = new List<int>();
        using var rows = session.Prepare("SELECT m.n, t.n FROM marks m FULL JOIN twins t USING (n) ORDER BY 1");
        while (await rows.StepAsync())
        {
            (rows.IsNull(0) || rows.IsNull(1)).ShouldBeFalse();
            kept.Add(rows.Int32(0));
        }
        return kept;
    }

    /// <summary>Two rows, one waited for and one only sent.</summary>
    private sealed class Mark(int n) : Write<int>
    {
        protected override async ValueTask<int> ApplyAsync(Session session)
        {
            var marked = await session.Prepare($"INSERT INTO marks VALUES ({n})").ExecuteAsync();
            session.Prepare($"INSERT INTO twins VALUES ({n})").Send();
            return marked;
        }
    }
}
