using System.Globalization;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Tests.Storage;
using Npgsql;

namespace Headway.Tests.Jobs;

/// <summary>An upgrade node by node: a newer program has changed the tables, as migrations may, while nodes of this one go on.</summary>
public sealed class Two_programs_share_a_database : IAsyncLifetime
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 2, backoff: 10ms..10ms } }
          soon: { contract: { mode: hybrid, wait: 20s, caller: waits, deliverWithin: 1m }, handler: code }
        """;

    // One of each kind that a migration may do to what is in use.
    private const string Newer = """
        ALTER TABLE jobs ADD COLUMN later_text text;
        ALTER TABLE jobs ADD COLUMN later_number bigint NOT NULL DEFAULT 7;
        ALTER TABLE queue ADD COLUMN later_key bytea;
        ALTER TABLE leases ADD COLUMN later_pools text;
        ALTER TABLE payloads ADD COLUMN later_kind smallint NOT NULL DEFAULT 0;
        ALTER TABLE audit_events ADD COLUMN later_reason text;
        CREATE TABLE later (job uuid PRIMARY KEY, at bigint NOT NULL);
        CREATE INDEX jobs_later ON jobs (later_number) WHERE later_number > 7;
        DROP INDEX queue_ready;
        CREATE INDEX queue_ready ON queue (pool, rank, job) INCLUDE (later_key) WHERE state = 1 AND gate IS NULL;
        INSERT INTO migrations (number, name, hash) VALUES (9999, '9999_of_tomorrow', 'AB');
        """;

    private readonly ManyNodes _nodes = new(Features);
    private readonly Steering _code = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    private void Code(CodeHandlers code)
    {
        code.Add<Order, Order>("work", _code.WorkAsync);
        code.Add<Order, Order>("soon", _code.WorkAsync);
    }

    [PostgresFact]
    public async Task Nodes_of_the_older_one_go_on_through_the_migration_of_the_newer()
    {
        var (first, second) = (await _nodes.StartAsync(Code), await _nodes.StartAsync(Code));
        var before = await AcceptAsync(first, second, 30);
        foreach (var job in before) (await first.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
        var during = AcceptAsync(first, second, 60);

        await MigrateAsync();

        var all = (await during).Concat(await AcceptAsync(second, first, 30)).ToList();
        foreach (var job in all) (await second.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
        (await second.CallAsync("soon")).ShouldBeOfType<Headway.Jobs.Accepting.Answer.Done>();
        (await _nodes.NumberAsync("SELECT count(*) FROM queue")).ShouldBe(0);
        (await _nodes.NumberAsync("SELECT count(*) FROM jobs WHERE state = 5 AND attempt = 1")).ShouldBe(30 + 60 + 30 + 1);
    }

    [PostgresFact]
    public async Task A_node_of_the_older_one_does_not_start_once_the_newer_has_migrated()
    {
        var node = await _nodes.StartAsync(Code);
        await MigrateAsync();

        var refused = await Should.ThrowAsync<StartupException>(() => _nodes.StartAsync(Code));

        refused.Message.ShouldContain("storage-newer");
        (await node.EndOfAsync((await node.AcceptedAsync("work")).Id)).State.ShouldBe(JobState.Succeeded);
    }

    private static async Task<IReadOnlyList<Job>> AcceptAsync(OneNode one, OneNode other, int count)
    {
        var jobs = new List<Job>();
        for (var n = 0; n < count; n++) jobs.Add(await (n % 2 == 0 ? one : other).AcceptedAsync("work", string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{n}}"}""")));
        return jobs;
    }

    // As a newer program does: what the server ends because a node of the older one held what it needed is done again.
    private async Task MigrateAsync()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await MigrateOnceAsync();
                return;
            }
            catch (PostgresException lost) when (lost.SqlState is PostgresErrorCodes.DeadlockDetected && tries < 20)
            {
            }
        }
    }

    private async Task MigrateOnceAsync()
    {
        await using var connection = PostgresCluster.Connect(_nodes.Address);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(Newer, connection, transaction);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();
}
