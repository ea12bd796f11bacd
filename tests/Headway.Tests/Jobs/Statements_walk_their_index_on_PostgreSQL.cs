using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Headway.Tests.Jobs;

/// <summary>What PostgreSQL's planner makes of the statements that run while everybody waits, on tables that have rows and when they have run often.</summary>
public sealed class Statements_walk_their_index_on_PostgreSQL
{
    private const string Id = "'00000000-0000-0000-0000-000000000001'";

    // Half of the ids are below it. Of those below the one above there are none, and any index finds that out.
    private const string Middle = "'80000000-0000-0000-0000-000000000001'";

    // Filled once: planning changes nothing.
    private static readonly Lazy<string> Filled = new(Fill);

    [PostgresTheory]
    [InlineData("Jobs/Storage/ClaimJobs", "1, 1, 1, 10, 1, 'node'", "queue_ready", "bigint, bigint, bigint, bigint, bigint, text")]
    [InlineData("Jobs/Storage/PromoteDue", "500, 100", "queue_due")]
    [InlineData("Jobs/Storage/AnyDue", "5", "queue_due")]
    [InlineData("Jobs/Storage/FindExpired", "5, 100", "queue_deadline")]
    [InlineData("Jobs/Storage/FindPrunable", "500, 100", "jobs_prune")]
    [InlineData("Jobs/Storage/DeleteIdempotency", "500, 100", "idempotency_expires")]
    [InlineData("Jobs/Storage/CountBefore", "1, 500, " + Id + ", 100, 'gate1'", "queue_ready")]
    [InlineData("Jobs/Storage/CountBefore", "1, 500, " + Id + ", 100, 'gate1'", "queue_gated")]
    [InlineData("Jobs/Storage/CountQueued", "1, 100", "queue_gated")]
    [InlineData("Jobs/Storage/CountQueuedOf", "'gate1', 100", "queue_of_gate")]
    [InlineData("Jobs/Storage/CountRunningOf", "'gate1'", "queue_of_gate")]
    [InlineData("Jobs/Storage/CountRunning", "1", "queue_held")]
    [InlineData("Jobs/Storage/AnyGate", "", "queue_of_gate")]
    [InlineData("Jobs/Storage/OpenGates", "10", "queue_of_gate")]
    [InlineData("Jobs/Storage/FindGated", "10", "queue_gated")]
    [InlineData("Jobs/Storage/FindTurnsFrom", "1, 'a', 10", "turns_pkey", "bigint, text, bigint")]
    [InlineData("Jobs/Storage/FindGates", "1", "queue_gated")]
    [InlineData("Jobs/Storage/FindGates", "1", "queue_of_gate")]
    [InlineData("Jobs/Storage/FindReady", "1, 10", "queue_ready")]
    [InlineData("Jobs/Storage/FindReadyOf", "1, 'gate1', 10", "queue_gated")]
    [InlineData("Jobs/Storage/FindReadyFor", "1, 't1', 10", "queue_of_tenant")]
    [InlineData("Jobs/Storage/ClaimJobsOf", "1, 1, 1, 't1', 10, 1, 'node'", "queue_of_tenant", "bigint, bigint, bigint, text, bigint, bigint, text")]
    [InlineData("Jobs/Storage/AnyReadyFor", "1, 't1'", "queue_of_tenant")]
    [InlineData("Jobs/Storage/AnyReadyFor", "1, 't1'", "queue_gated")]
    [InlineData("Jobs/Storage/ClaimJob", "ARRAY[1], ARRAY[1], ARRAY[" + Id + "]::uuid[]", "queue_pkey")]
    [InlineData("Jobs/Storage/FirstRank", "ARRAY[1]", "queue_gated")]
    [InlineData("Jobs/Storage/CountQueued", "1, 100", "queue_ready")]
    [InlineData("Jobs/Storage/CountQueued", "1, 100", "queue_later")]
    [InlineData("Jobs/Storage/FirstRank", "ARRAY[1]", "queue_ready")]
    [InlineData("Jobs/Storage/FindLeased", "1, NULL, 5, 100", "queue_held", "bigint, uuid, bigint, bigint")]
    [InlineData("Jobs/Storage/FindLeased", "1, " + Id + ", 5, 100", "queue_", "bigint, uuid, bigint, bigint")]
    [InlineData("Jobs/Storage/LeaveQueue", "ARRAY[" + Id + "]::uuid[], ARRAY[1], ARRAY[1]", "queue_pkey")]
    [InlineData("Jobs/Storage/IsHeld", "ARRAY[" + Id + "]::uuid[], ARRAY[1], ARRAY[1]", "queue_pkey")]
    [InlineData("Jobs/Storage/ReadWork", "ARRAY[5], ARRAY[1], ARRAY[" + Id + "]::uuid[]", "jobs_pkey")]
    [InlineData("Payloads/Storage/ListNewestKept", "'t1', " + Middle + ", NULL, 5, 20", "kept_files_tenant", "text, uuid, bigint, bigint, bigint")]
    [InlineData("Payloads/Storage/ListOldestKept", "'t1', " + Id + ", NULL, 5, 20", "kept_files_tenant", "text, uuid, bigint, bigint, bigint")]
    [InlineData("Payloads/Storage/ExpiredKeptFiles", "500, 100", "kept_files_expires")]
    [InlineData("Payloads/Storage/IsOwned", Id, "kept_files_pkey")]
    [InlineData("Payloads/Storage/EndKeptFile", Id + ", 't1', 5", "kept_files_")]
    [InlineData("Payloads/Storage/DeleteSomeChunks", Id + ", 1, 100", "file_chunks_job_number_chunk_key")]
    [InlineData("Alerts/Signs/DeadLetters", "1000, 5000", "jobs_dead")]
    [InlineData("Alerts/Signs/FindOldest", "1, 10", "queue_ready")]
    [InlineData("Alerts/Signs/FindOldestOf", "1, 'gate1', 10", "queue_gated")]
    [InlineData("Alerts/Signs/CountGaps", "'overdue', 1000", "gaps_open")]
    [InlineData("Alerts/Signs/MendedGaps", "19000, 2000", "gaps_ended")]
    [InlineData("Alerts/Signs/CountAttempts", "'e1', 19000, 1000", "delivery_attempts_endpoint")]
    [InlineData("Alerts/Signs/WaitingEndpoints", "100", "deliveries_due")]
    [InlineData("Delivery/Storage/CountTold", "19990, 'e1'", "deliveries_tests")]
    public void And_no_table(string statement, string values, string index, string? types = null)
    {
        foreach (var plan in Plans(statement, values, types))
        {
            plan.ShouldContain(index);
            plan.ShouldNotContain("Seq Scan on queue");
            plan.ShouldNotContain("Seq Scan on jobs");
            plan.ShouldNotContain("Seq Scan on idempotency");
            plan.ShouldNotContain("Seq Scan on kept_files");
            plan.ShouldNotContain("Seq Scan on file");
            plan.ShouldNotContain("Seq Scan on gaps");
            plan.ShouldNotContain("Seq Scan on deliver");
        }
    }

    private static IEnumerable<string> Plans(string statement, string values, string? types)
    {
        using var connection = PostgresCluster.Connect(Filled.Value);
        Run(connection, $"PREPARE asked {(types is null ? "" : $"({types})")} AS {Sql.At(statement).Postgres.Text}");
        // After five times with the values in sight the server takes a plan without them, if that promises to be as cheap.
        for (var time = 1; time <= 8; time++)
        {
            var lines = new List<string> { $"the {time}. time" };
            using var explain = new NpgsqlCommand($"EXPLAIN EXECUTE asked{(values == "" ? "" : $"({values})")}", connection);
            using var plan = explain.ExecuteReader();
            while (plan.Read()) lines.Add(plan.GetString(0));
            yield return string.Join('\n', lines);
        }
    }

    private static string Fill()
    {
        var address = PostgresCluster.Shared.NewDatabase();
        Database.Open(address, TimeProvider.System, NullLogger.Instance).DisposeAsync().AsTask().GetAwaiter().GetResult();
        using var connection = PostgresCluster.Connect(address);
        Run(connection, """
            INSERT INTO definitions (hash, feature, version, pool, data, json, created) SELECT int4send(i), 'f', i, i % 3, 0, '{}', 0 FROM generate_series(1, 20) i;
            INSERT INTO leases (node, epoch, expires, version, started) SELECT 'n', 1, i, '1', 0 FROM generate_series(1, 5) i;
            CREATE TEMP TABLE ids AS SELECT i, gen_random_uuid() AS id FROM generate_series(1, 20000) i;
            INSERT INTO jobs (id, created, finished, definition, prune, mode, state, priority, tenant, actor) SELECT id, i, CASE WHEN i % 2 = 0 THEN i END, 1 + i % 20, CASE WHEN i % 2 = 0 THEN i END, 2, CASE WHEN i % 40 = 0 THEN 7 WHEN i % 2 = 0 THEN 5 ELSE 0 END, 5, 't', 'a' FROM ids;
            INSERT INTO queue (job, pool, rank, tenant, gate, due, deadline, lease, attempt, state) SELECT id, i % 3, i, CASE WHEN i % 2 = 0 THEN 't' || i % 40 END, CASE WHEN i % 4 = 3 THEN 'gate' || i % 40 END, CASE WHEN i % 10 = 0 THEN i END, CASE WHEN i % 7 = 0 THEN i END, CASE WHEN i % 10 = 1 THEN 1 + i % 5 END, 1, CASE i % 10 WHEN 0 THEN 0 WHEN 1 THEN 2 ELSE 1 END FROM ids;
            INSERT INTO turns (pool, tenant, lane, slot, base, charged) SELECT i % 3, 't' || i, 5, 0, i, i FROM ids;
            INSERT INTO idempotency (pool, tenant, key, fingerprint, job, expires) SELECT i % 3, 't', int4send(i), int4send(i), id, i FROM ids;
            INSERT INTO files (job, number, description) SELECT id, 1, int4send(i) FROM ids;
            INSERT INTO file_chunks (job, number, chunk, body) SELECT id, 1, 0, int4send(i) FROM ids;
            INSERT INTO gaps (id, kind, what, amount, found, seen, ended, did) SELECT id, CASE WHEN i % 2 = 0 THEN 'overdue' ELSE 'lost-lease' END, 'x' || i, 1, i, i, CASE WHEN i % 3 > 0 THEN i END, 'mended' FROM ids;
            INSERT INTO deliveries (id, tenant, job, endpoint, event, required, created, due, state) SELECT id, 't', CASE WHEN i % 2 = 0 THEN id END, 'e' || i % 5, 'job.dead', 1, i, i, i % 3 FROM ids;
            INSERT INTO delivery_attempts (delivery, number, started, took, outcome, endpoint) SELECT id, 1, i, 1, CASE WHEN i % 3 = 0 THEN 'refused' ELSE 'delivered' END, 'e' || i % 5 FROM ids;
            INSERT INTO kept_files (id, tenant, purpose, bytes, created, expires) SELECT id, 't' || i % 50, 1, 100, i, CASE WHEN i % 2 = 0 THEN i END FROM ids;
            """);
        Run(connection, "VACUUM ANALYZE");
        return address;
    }

    private static void Run(NpgsqlConnection connection, string text)
    {
        using var command = new NpgsqlCommand(text, connection);
        command.ExecuteNonQuery();
    }
}
