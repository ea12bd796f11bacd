using System.Globalization;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Headway.Tests.Audit;

/// <summary>Writers do not wait for the chain, commits come late and in any order, and any number of nodes chain at once: nothing is missed, and nothing has two links.</summary>
public sealed class Every_event_is_chained_once : IAsyncLifetime
{
    private Trail _trail = null!;

    public async ValueTask InitializeAsync() => _trail = await Trail.OpenAsync();

    [Fact]
    public async Task While_many_write_and_it_is_chained()
    {
        await _trail.TellAsync(1);
        var writing = Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => _trail.TellAsync(50))));
        while (!writing.IsCompleted) await Task.WhenAll(_trail.Rooms.Sequencer.RunOnceAsync(), _trail.Rooms.Sequencer.RunOnceAsync());
        await writing;
        await _trail.ChainAsync();

        await ShouldBeChainedOnceAsync(801);
    }

    [Fact]
    public async Task Of_one_job_events_keep_their_order()
    {
        var job = JobId.New(_trail.Time.GetUtcNow());
        foreach (var action in (string[])["submitted", "started", "disclosed", "completed"]) await _trail.TellAsync(_trail.Event(action, job));
        await _trail.ChainAsync();

        (await ChainVerifierLinksAsync()).ShouldBe(["submitted", "started", "disclosed", "completed"]);
    }

    [PostgresFact]
    public async Task On_two_nodes_that_chain_at_once_while_commits_come_late()
    {
        await using var other = await Trail.OpenAsync(time: _trail.Time, address: _trail.Address);
        await _trail.TellAsync(1);
        using var stop = new CancellationTokenSource();
        Task[] chaining = [ChainUntilAsync(_trail, stop.Token), ChainUntilAsync(other, stop.Token)];
        // Each holds its transaction open while those that began after it commit.
        await Task.WhenAll(Enumerable.Range(0, 12).Select(writer => WriteLateAsync(writer, rounds: 15)));
        await stop.CancelAsync();
        await Task.WhenAll(chaining);
        await _trail.ChainAsync();

        await ShouldBeChainedOnceAsync(1 + (12 * 15 * 3));
    }

    [Fact]
    public async Task What_was_told_before_there_was_a_chain_is_chained_too()
    {
        var file = Directory.CreateTempSubdirectory("headway-old-").FullName;
        var address = TestDatabase.At(Path.Combine(file, "old.db"));
        MakeOld(address);
        await using (var trail = await Trail.OpenAsync(time: _trail.Time, address: address))
        {
            await trail.TellAsync(3);
            await trail.SignAsync();
            var proof = await trail.VerifyAsync();
            proof.Holds.ShouldBeTrue(string.Join('\n', proof.Findings));
            (proof.Checked, proof.Proved).ShouldBe((2_503, 2_503));
            trail.Number("SELECT count(*) FROM audit_chain WHERE seq = 1 AND event = 1").ShouldBe(1);
        }

        Directory.Delete(file, recursive: true);
    }

    private async Task ShouldBeChainedOnceAsync(int events)
    {
        await _trail.SignAsync();
        var proof = await _trail.VerifyAsync();
        proof.Holds.ShouldBeTrue(string.Join('\n', proof.Findings));
        (proof.Checked, proof.Proved, proof.Unchained).ShouldBe((events, events, 0));
        _trail.Number("SELECT count(*) FROM (SELECT DISTINCT job, event FROM audit_chain) AS links").ShouldBe(events);
    }

    private async Task<IEnumerable<string>> ChainVerifierLinksAsync() => (await Headway.Audit.Proof.ChainVerifier.LinksAsync(_trail.Database, 0, 100)).Select(link => link.Told!.Action);

    private static async Task ChainUntilAsync(Trail trail, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested) await trail.Rooms.Sequencer.RunOnceAsync();
    }

    private async Task WriteLateAsync(int writer, int rounds)
    {
        var random = new Random(writer);
        await using var connection = PostgresCluster.Connect(_trail.Address);
        for (var round = 0; round < rounds; round++)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            for (var i = 0; i < 3; i++)
            {
                var id = JobId.New(_trail.Time.GetUtcNow());
                await using var insert = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture,
                    $"INSERT INTO audit_events (job, id, tenant, actor, action, data) VALUES ('{id.Value}', {round}, 'default', 'writer {writer}', 'delivered', 1); SELECT pg_sleep({random.Next(8) / 1000.0})"), connection, transaction);
                await insert.ExecuteNonQueryAsync();
            }
            await transaction.CommitAsync();
        }
    }

    // As the program before left it: every migration but those of the chain.
    private static void MakeOld(string address)
    {
        const string Events = "INSERT INTO audit_events (job, id, tenant, actor, action, data) ";
        var dialect = TestDatabase.IsPostgres ? SqlDialect.Postgres : SqlDialect.Sqlite;
        var old = Migration.All(dialect).Where(migration => migration.Number < 18).ToList();
        if (TestDatabase.IsPostgres)
        {
            using var connection = PostgresCluster.Connect(address);
            foreach (var text in old.Select(migration => $"{migration.Text}; INSERT INTO migrations (number, name, hash) VALUES ({migration.Number}, '{migration.Name}', '{migration.Hash}')")
                .Prepend("CREATE TABLE migrations (number integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL, applied timestamptz NOT NULL DEFAULT now())")
                .Append(Events + "SELECT gen_random_uuid(), 2501 - n, 'default', 'local', 'delivered', 1 FROM generate_series(1, 2500) AS n"))
            {
                using var command = new NpgsqlCommand(text, connection);
                command.ExecuteNonQuery();
            }
            return;
        }
        Headway.Storage.Sqlite.SqliteLibrary.Load(NullLogger.Instance);
        using var session = Headway.Storage.Sqlite.SqliteSession.OpenWriter(Database.FileOf(address));
        session.Run("CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied INTEGER NOT NULL)");
        foreach (var migration in old) session.Run($"{migration.Text}; INSERT INTO migrations VALUES ({migration.Number}, '{migration.Name}', '{migration.Hash}', 0)");
        session.Run($"WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2500) {Events} SELECT randomblob(16), 2501 - n, 'default', 'local', 'delivered', 1 FROM n");
    }

    public ValueTask DisposeAsync() => _trail.DisposeAsync();
}
