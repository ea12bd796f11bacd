using System.Text.RegularExpressions;
using Headway.Storage;
using Headway.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Headway.Tests.Storage;

/// <summary>A server that has just been set up knows nothing of its tables, and a connection keeps the plan that it makes then: each statement must go by an index from the beginning.</summary>
public sealed partial class Plans_do_not_depend_on_what_the_server_knows
{
    // Read whole by intent: of few rows, or for a proof, which reads all; each says so.
    private static readonly HashSet<string> Whole =
    [
        "alerts", "api_keys", "audit_keys", "audit_retention", "cached_answers", "leases", "pools", "replays", "workflow_pins",
    ];

    private static readonly HashSet<string> ReadsAll = ["Audit/Proof/CountEvents", "Audit/Proof/FindUnchained"];

    // Built into other texts, whose conditions are what an index goes by.
    private static readonly HashSet<string> Parts = ["Audit/Search/SelectEvents", "Delivery/Storage/SelectDeliveries", "Jobs/Storage/ReadCosts", "Jobs/Storage/SelectGroups"];

    [PostgresFact]
    public async Task Writers_go_by_an_index_on_tables_that_were_never_looked_at()
    {
        await using var server = await FreshAsync();
        await using var connection = await server.ConnectAsync();
        var found = new List<string>();
        var planned = 0;
        foreach (var path in Statements().Except(Parts))
        {
            var tables = await ScannedAsync(connection, path);
            planned += tables is null ? 0 : 1;
            if (tables is { Count: > 0 } && !ReadsAll.Contains(path)) found.Add($"{path}: {string.Join(", ", tables)}");
        }
        found.ShouldBeEmpty();
        planned.ShouldBeGreaterThan(300, "most can be planned without being told the types of their parameters");
    }

    [PostgresFact]
    public async Task A_plan_that_was_made_while_there_was_nothing_serves_many_as_well()
    {
        await using var server = await FreshAsync();
        await using var connection = await server.ConnectAsync();
        await RunAsync(connection, $"PREPARE kept AS {Sql.At("Jobs/Storage/FinishJob").Postgres.Text}");
        var values = Enumerable.Range(1, 20).Select(i => i switch
        {
            1 => Many("5::bigint"),
            2 or 4 or 5 or 13 or 14 or 15 or 18 => Many("0::bigint"),
            7 or 8 or 10 or 12 or 16 => Many("NULL::text"),
            11 => Many("NULL::bytea"),
            20 => Many("NULL::uuid"),
            _ => Many("NULL::bigint"),
        });
        var execute = $"EXECUTE kept ({string.Join(", ", values)}, {SomeJobs})";
        await RunAsync(connection, execute);
        await FillAsync(connection);
        (await LinesAsync(connection, $"EXPLAIN (ANALYZE) {execute}")).ShouldContain(line => line.Contains("Index Scan using jobs_pkey on jobs j", StringComparison.Ordinal) && line.Contains($"loops={Together}", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_plan_for_a_table_that_was_almost_empty_is_made_anew_when_it_has_filled_up()
    {
        await using var server = await FreshAsync();
        await using var connection = await server.ConnectAsync();
        await server.RenewPlansAsync(connection);
        await FillAsync(connection, 1);
        await RunAsync(connection, "VACUUM ANALYZE jobs");
        await RunAsync(connection, $"PREPARE kept AS {Sql.At("Jobs/Storage/FinishJob").Postgres.Text}");
        var explain = $"EXPLAIN EXECUTE kept ({string.Join(", ", Enumerable.Repeat("NULL", 21))})";
        const string byKey = "Index Cond: (id = f.id)";
        (await LinesAsync(connection, explain)).ShouldNotContain(line => line.Contains(byKey, StringComparison.Ordinal));
        await FillAsync(connection, 30_000);

        // The connection keeps what it planned for one row, unless the server was so busy that it lost count of what changed.
        using var late = new CancellationTokenSource(PostgresServer.PlansLast + TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        do await server.RenewPlansAsync(connection); while (!(await LinesAsync(connection, explain)).Exists(line => line.Contains(byKey, StringComparison.Ordinal)) && await timer.WaitForNextTickAsync(late.Token));
    }

    [PostgresTheory]
    [InlineData("Jobs/Storage/ClaimJobs")]
    [InlineData("Jobs/Storage/ClaimJobsOf")]
    [InlineData("Jobs/Storage/ClaimJob")]
    [InlineData("Jobs/Storage/LeaveQueue")]
    [InlineData("Jobs/Storage/IsHeld")]
    [InlineData("Jobs/Storage/SetRank")]
    [InlineData("Jobs/Storage/ScheduleAgain")]
    [InlineData("Jobs/Storage/OpenGate")]
    [InlineData("Jobs/Storage/ReadWork")]
    [InlineData("Jobs/Waiting/Suspend")]
    [InlineData("Workflows/Storage/IsHeld")]
    public async Task A_queue_that_was_full_before_and_almost_empty_when_the_server_looked_is_not_walked(string statement)
    {
        await using var server = await FreshAsync();
        await using var connection = await server.ConnectAsync();
        await AlmostEmptyAsync(connection);
        await RunAsync(connection, "INSERT INTO queue (job, pool, rank, attempt, state) SELECT id, 1, 1, 0, 1 FROM jobs ON CONFLICT DO NOTHING");

        var plan = await PlanAsync(connection, statement);

        var lookups = plan.Index().Where(line => line.Item.Contains("using queue_pkey", StringComparison.Ordinal)).ToList();
        lookups.ShouldNotBeEmpty();
        lookups.ShouldAllBe(line => plan[line.Index + 1].Contains("Index Cond: (job = ", StringComparison.Ordinal));
    }

    [PostgresTheory]
    [InlineData("Jobs/Storage/ClaimJobsOf")]
    [InlineData("Jobs/Storage/FindReadyFor")]
    [InlineData("Jobs/Storage/AnyReadyFor")]
    public async Task Nor_are_the_jobs_of_others_where_one_tenant_s_are_asked_for(string statement)
    {
        await using var server = await FreshAsync();
        await using var connection = await server.ConnectAsync();
        await RunAsync(connection, "VACUUM ANALYZE queue");
        (await PlanAsync(connection, statement)).ShouldContain(line => line.Contains("using queue_of_tenant", StringComparison.Ordinal));
        await AlmostEmptyAsync(connection);
        (await PlanAsync(connection, statement)).ShouldContain(line => line.Contains("using queue_of_tenant", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task Readers_do_not_walk_a_backlog_to_find_what_was_claimed()
    {
        await using var server = await FreshAsync();
        await using var connection = await server.OpenAsync();
        await FillAsync(connection);
        await RunAsync(connection, $"PREPARE claimed AS {Sql.At("Jobs/Storage/ReadWork").Postgres.Text}");
        var plan = await LinesAsync(connection, $"EXPLAIN EXECUTE claimed ({Many("1::bigint")}, {Many("1::bigint")}, {SomeJobs})");
        plan.ShouldNotContain(line => line.Contains("Seq Scan", StringComparison.Ordinal));
        plan.ShouldContain(line => line.Contains("Index Scan using queue_pkey", StringComparison.Ordinal));
    }

    private const int Together = 200;

    // Those that were filled in first.
    private static readonly string SomeJobs = $"'{{{string.Join(',', Enumerable.Range(1, Together).Select(i => $"00000000-0000-0000-0000-{i:x12}"))}}}'::uuid[]";

    private static string Many(string value) => $"array_fill({value}, ARRAY[{Together}])";

    private static async Task FillAsync(NpgsqlConnection connection, int jobs = 30_000)
    {
        await RunAsync(connection, "INSERT INTO definitions (hash, feature, version, pool, data, json, created) VALUES ('\\x01', 'f', 1, 1, 0, '{}', 0) ON CONFLICT DO NOTHING");
        await RunAsync(connection, $"INSERT INTO jobs (id, created, definition, mode, state, priority, tenant, actor) SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(i), 12, '0'))::uuid, i, 1, 2, 0, 5, 't', 'a' FROM generate_series(1, {jobs}) i ON CONFLICT DO NOTHING");
        await RunAsync(connection, "INSERT INTO queue (job, pool, rank, attempt, state) SELECT id, 1, 1, 0, 1 FROM jobs ON CONFLICT DO NOTHING");
    }

    // What is left is in the last page, so the table keeps all of them, and each is thought to be almost empty from now on.
    private static async Task AlmostEmptyAsync(NpgsqlConnection connection)
    {
        await FillAsync(connection, 3_000);
        await RunAsync(connection, "DELETE FROM queue WHERE job NOT IN (SELECT job FROM queue ORDER BY ctid DESC LIMIT 1)");
        await RunAsync(connection, "VACUUM ANALYZE queue");
    }

    private static async Task<PostgresServer> FreshAsync()
    {
        var address = PostgresCluster.Shared.NewDatabase();
        await Database.Open(address, TimeProvider.System, NullLogger.Instance).DisposeAsync();
        return new PostgresServer(PostgresAddress.Parse(address));
    }

    private static IEnumerable<string> Statements() => typeof(Sql).Assembly.GetManifestResourceNames()
        .Where(name => name.EndsWith(".sql", StringComparison.Ordinal) && !name.Contains("/Migrations/", StringComparison.Ordinal))
        .Select(name => Ending().Replace(name, "")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>The tables that its plan reads from their start; null: its parameters have no types without being told.</summary>
    private static async Task<IReadOnlyList<string>?> ScannedAsync(NpgsqlConnection connection, string path)
    {
        try
        {
            var plan = await PlanAsync(connection, path);
            return [.. plan.Select(line => Scan().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).Where(table => !Whole.Contains(table))];
        }
        catch (PostgresException untyped) when (untyped.SqlState is PostgresErrorCodes.IndeterminateDatatype or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.AmbiguousParameter or PostgresErrorCodes.SyntaxError)
        {
            return null;
        }
    }

    private static async Task<List<string>> PlanAsync(NpgsqlConnection connection, string path)
    {
        var text = Sql.At(path).Postgres.Text;
        var parameters = Parameter().Matches(text).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
        await RunAsync(connection, $"PREPARE asked AS {text}");
        var plan = await LinesAsync(connection, $"EXPLAIN EXECUTE asked{(parameters == 0 ? "" : $"({string.Join(", ", Enumerable.Repeat("NULL", parameters))})")}");
        await RunAsync(connection, "DEALLOCATE asked");
        return plan;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> LinesAsync(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await using var read = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await read.ReadAsync()) lines.Add(read.GetString(0));
        return lines;
    }

    [GeneratedRegex(@"(\.sqlite|\.postgres)?\.sql$")]
    private static partial Regex Ending();

    [GeneratedRegex(@"\$([0-9]+)")]
    private static partial Regex Parameter();

    [GeneratedRegex("Seq Scan on ([a-z_]+)")]
    private static partial Regex Scan();
}
