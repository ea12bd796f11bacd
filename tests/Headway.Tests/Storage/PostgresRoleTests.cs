using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Jobs.Upkeep;
using Headway.Storage;
using Headway.Tests.Jobs;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Headway.Tests.Storage;

/// <summary>A node whose role owns nothing works with what `headway database grants` lets it do, and can do no more.</summary>
public sealed class PostgresRoleTests
{
    private const string Role = "node";

    private const string Features = """
        models:
          fast: { provider: rehearsal, firstToken: { p50: 1ms, p99: 1ms }, tokensPerSecond: 100000, price: { input: 1.00, output: 2.00 }, limits: { concurrency: 4 } }
        tenants: { default: { budget: { usdPerMonth: 100 }, weight: 2 } }
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: code, retry: { attempts: 1 }, retention: { payload: 1h, record: 2h, dead: 3h } }
          ask: { contract: { mode: async, caller: leaves, deliverWithin: 5m, output: prose }, handler: { prompt: ask.hbs, models: [fast], maxTokens: 50 }, cache: { for: 1h }, retry: { attempts: 2 } }
          now: { contract: { mode: sync, caller: waits, acceptableWait: 5s, data: phi }, handler: code, fallback: none, timeout: 10s }
          tokens: { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none, timeout: 20s }
        """;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly Steering _code = new();
    private volatile bool _down;

    [PostgresFact]
    public async Task Tables_of_its_own_do_not_stand_before_the_real_ones_where_events_are_dropped()
    {
        var address = PostgresCluster.Shared.NewDatabaseFor(Role);
        await using var node = await StartAsync(address);
        await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id);
        var told = node.Number("SELECT count(*) FROM audit_events");

        using var connection = PostgresCluster.Connect(address);
        using var forge = new NpgsqlCommand("""
            CREATE TEMP TABLE audit_retention (id int, keep bigint); INSERT INTO audit_retention VALUES (1, 0);
            CREATE TEMP TABLE audit_segments (last bigint); INSERT INTO audit_segments VALUES (9223372036854775807);
            CREATE TEMP TABLE audit_chain AS SELECT 1::bigint AS seq, id AS event, job FROM public.audit_events;
            CREATE TEMP TABLE audit_dropping (upto bigint, before bigint); INSERT INTO audit_dropping VALUES (9223372036854775807, 9000000000000);
            GRANT ALL ON audit_retention, audit_segments, audit_chain, audit_dropping TO PUBLIC
            """, connection);
        forge.ExecuteNonQuery();
        using var drop = new NpgsqlCommand("INSERT INTO public.audit_dropping VALUES (9000000000000000000, 0)", connection);

        Should.Throw<PostgresException>(() => drop.ExecuteNonQuery()).MessageText.ShouldBe("only a sealed segment is dropped");
        node.Number("SELECT count(*) FROM audit_events").ShouldBeGreaterThanOrEqualTo(told);
    }

    [PostgresFact]
    public async Task It_accepts_carries_out_streams_cancels_replays_spends_and_prunes()
    {
        await using var node = await StartAsync(PostgresCluster.Shared.NewDatabaseFor(Role));
        var done = await node.AcceptedAsync(node.Call("work") with { IdempotencyKey = "once", Subject = "encounter/1" });
        (await node.EndOfAsync(done.Id)).State.ShouldBe(JobState.Succeeded);
        (await node.AcceptedAsync(node.Call("work") with { IdempotencyKey = "once", Subject = "encounter/1" })).Id.ShouldBe(done.Id);
        (await node.CallAsync("now")).ShouldBeOfType<Answer.Done>();
        foreach (var _ in (int[])[1, 2]) (await node.EndOfAsync((await node.AcceptedAsync(node.Call("ask", """{"q":"?"}"""))).Id)).State.ShouldBe(JobState.Succeeded);
        var stream = (await node.CallAsync("tokens")).ShouldBeOfType<Answer.Streaming>().Job;
        (await node.EventsOfAsync(stream.Id)).ShouldNotBeEmpty();

        var later = await node.AcceptedAsync(node.Call("work") with { StartAt = node.Engine.Database.Time.GetUtcNow().AddHours(1) });
        await node.Engine.CancelAsync(Caller.Local, later.Id, None);
        (await node.EndOfAsync(later.Id)).State.ShouldBe(JobState.Cancelled);

        _down = true;
        var dead = await node.AcceptedAsync(node.Call("work"));
        (await node.EndOfAsync(dead.Id)).State.ShouldBe(JobState.Dead);
        _down = false;
        (await node.Engine.ReplayDeadAsync(Caller.Local, new ReplayAsk { Filter = new JobFilter { Feature = "work" }, AtMost = ReplayAsk.MostAtOnce })).ShouldBeOfType<ReplayAnswer.Done>().Report.Replayed.ShouldBe(1);
        (await node.EndOfAsync(dead.Id)).State.ShouldBe(JobState.Succeeded);

        node.Number("SELECT spent FROM budgets").ShouldBeGreaterThan(0);
        var pruner = new HistoryPruner(node.Engine.Database, NullLogger<HistoryPruner>.Instance);
        (await pruner.RunOnceAsync(node.Engine.Database.Time.GetUtcNow().AddDays(1), None)).Did.ShouldNotBeNull();
        await node.RestartAsync();
        node.Number("SELECT count(*) FROM leases").ShouldBe(1);
        // It has chained and signed what it told when it stopped.
        node.Number("SELECT count(*) FROM audit_unchained").ShouldBe(0);
        node.Number("SELECT count(*) FROM audit_checkpoints c JOIN audit_keys k ON k.id = c.key").ShouldBeGreaterThan(0);
    }

    [PostgresFact]
    public void It_can_use_every_table_make_none_and_change_nothing_that_was_told()
    {
        var address = PostgresCluster.Shared.NewDatabaseFor(Role);
        const string Tables = "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')";
        Ask(address, $"{Tables} AND NOT has_table_privilege(oid, 'SELECT')").ShouldBe("");
        Ask(address, $"{Tables} AND NOT has_table_privilege(oid, 'INSERT')").ShouldBe("audit_retention, migrations");
        foreach (var table in (string[])["audit_chain", "audit_checkpoints", "audit_dropping", "audit_keys", "audit_retention", "audit_segments"])
            Ask(address, $"SELECT has_table_privilege('{table}', 'UPDATE, DELETE, TRUNCATE')::text").ShouldBe("false", table);
        Ask(address, "SELECT concat(has_schema_privilege('public', 'CREATE'), has_table_privilege('audit_events', 'UPDATE, DELETE, TRUNCATE'), has_table_privilege('migrations', 'INSERT, UPDATE, DELETE'))").ShouldBe("fff");
    }

    [PostgresFact]
    public async Task It_is_refused_with_the_cure_where_the_tables_are_older_and_starts_when_the_owner_has_migrated_them()
    {
        var address = PostgresCluster.Shared.NewDatabase();
        var all = Migration.All(SqlDialect.Postgres);
        using (var connection = PostgresCluster.Connect(address))
        {
            Run(connection, "CREATE TABLE migrations (number integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL, applied timestamptz NOT NULL DEFAULT now())");
            foreach (var migration in all.SkipLast(1)) Run(connection, $"BEGIN; {migration.Text}; INSERT INTO migrations (number, name, hash) VALUES ({migration.Number}, '{migration.Name}', '{migration.Hash}'); COMMIT");
            Run(connection, $"DO $$ BEGIN CREATE ROLE {Role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; GRANT SELECT ON migrations TO {Role}");
        }
        var roles = address.Replace("headway@", $"{Role}@", StringComparison.Ordinal);

        var refused = Should.Throw<StorageException>(() => Database.Open(roles, TimeProvider.System, NullLogger.Instance));
        refused.Code.ShouldBe("storage-older");
        refused.Message.ShouldContain($"has schema {all[^2].Number}, this program needs {all[^1].Number}");
        refused.Message.ShouldContain("Run `headway database migrate` with the address of their owner");

        Database.Migrate(address).ShouldBe(1);
        Database.Migrate(address).ShouldBe(0);
        PostgresCluster.Grant(address, Role);
        await using var node = await StartAsync(roles);
        (await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id)).State.ShouldBe(JobState.Succeeded);
    }

    private Task<Node> StartAsync(string address) => Node.StartAsync(Features, code =>
    {
        code.Add<Order, Order>("work", (order, feature, stop) => _down ? throw new InvalidDataException("down") : _code.WorkAsync(order, feature, stop));
        code.Add<Order, Order>("now", _code.WorkAsync);
        code.Add<Order, string>("tokens", Tokens);
    }, files: new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{q}}" }, address: address);

    private static async IAsyncEnumerable<string> Tokens(Order order, FeatureContext feature, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var word in (string[])["a ", "b "])
        {
            await Task.Yield();
            yield return word;
        }
    }

    private static string Ask(string address, string query)
    {
        using var connection = PostgresCluster.Connect(address);
        Run(connection, $"SET ROLE {Role}");
        using var command = new NpgsqlCommand(query, connection);
        return command.ExecuteScalar() as string ?? "";
    }

    private static void Run(NpgsqlConnection connection, string text)
    {
        using var command = new NpgsqlCommand(text, connection);
        command.ExecuteNonQuery();
    }
}
