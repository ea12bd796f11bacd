using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Jobs;

/// <summary>What SQLite's planner makes of the statements that run while everybody waits: none may walk a whole table.</summary>
public sealed class Statements_walk_their_index : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private Database _database = null!;

    public ValueTask InitializeAsync()
    {
        _database = Database.Open("sqlite:" + Path.Combine(_folder, "plans.db"), TimeProvider.System, NullLogger.Instance);
        return ValueTask.CompletedTask;
    }

    [SqliteTheory]
    [InlineData("ClaimJobs", "queue_ready")]
    [InlineData("PromoteDue", "queue_due")]
    [InlineData("AnyDue", "queue_due")]
    [InlineData("FindExpired", "queue_deadline")]
    [InlineData("FindPrunable", "jobs_prune")]
    [InlineData("DeleteIdempotency", "idempotency_expires")]
    [InlineData("CountBefore", "queue_ready")]
    [InlineData("CountQueued", "queue_ready")]
    [InlineData("CountQueued", "queue_later")]
    [InlineData("FirstRank", "queue_ready")]
    [InlineData("FirstRank", "queue_gated")]
    [InlineData("CountBefore", "queue_gated")]
    [InlineData("CountQueued", "queue_gated")]
    [InlineData("CountQueuedOf", "queue_of_gate")]
    [InlineData("CountRunningOf", "queue_of_gate")]
    [InlineData("FindGates", "queue_gated")]
    [InlineData("FindGates", "queue_of_gate")]
    [InlineData("FindReady", "queue_ready")]
    [InlineData("FindReadyOf", "queue_gated")]
    [InlineData("FindReadyFor", "queue_of_tenant")]
    [InlineData("ClaimJobsOf", "queue_of_tenant")]
    [InlineData("AnyReadyFor", "queue_of_tenant")]
    [InlineData("AnyReadyFor", "queue_gated")]
    [InlineData("AnyGate", "queue_of_gate")]
    [InlineData("OpenGates", "queue_of_gate")]
    [InlineData("FindGated", "queue_gated")]
    [InlineData("ClaimJob", "PRIMARY KEY")]
    [InlineData("ReadTurn", "PRIMARY KEY")]
    [InlineData("AnyWaits", "queue_later")]
    [InlineData("CountHanded", "queue_handed")]
    [InlineData("ReadHanded", "queue_handed")]
    [InlineData("FindOverdue", "queue_handed")]
    [InlineData("ReadClaim", "PRIMARY KEY")]
    [InlineData("HowEnded", "PRIMARY KEY")]
    [InlineData("FindOrigin", "PRIMARY KEY")]
    [InlineData("LastLogged", "PRIMARY KEY")]
    [InlineData("FindLeased", "PRIMARY KEY")]
    [InlineData("LeaveQueue", "PRIMARY KEY")]
    [InlineData("FinishJob", "PRIMARY KEY")]
    [InlineData("ReadWork", "PRIMARY KEY")]
    [InlineData("FindHolder", "queue_hold")]
    [InlineData("LockHolder", "queue_hold")]
    [InlineData("ReleaseKey", "queue_hold")]
    [InlineData("ReplaceQueued", "PRIMARY KEY")]
    public void And_no_table(string statement, string index)
    {
        var plan = Plan(Sql.At("Jobs/Storage/" + statement).Text);

        plan.ShouldContain(index);
        plan.ShouldNotContain("SCAN jobs");
        plan.ShouldNotContain("SCAN TABLE");
        plan.ShouldNotContain("SCAN queue");
        plan.ShouldNotContain("SCAN turns");
        if (statement is not "FindExpired") plan.ShouldNotContain("TEMP B-TREE");
    }

    [SqliteTheory]
    [InlineData("ListNewestKept", "kept_files_tenant")]
    [InlineData("ListOldestKept", "kept_files_tenant")]
    [InlineData("ExpiredKeptFiles", "kept_files_expires")]
    [InlineData("FindKeptByKey", "kept_files_key")]
    [InlineData("FreeKeptKey", "kept_files_key")]
    [InlineData("KeepFile", "PRIMARY KEY")]
    [InlineData("KeptSize", "PRIMARY KEY")]
    [InlineData("EndKeptFile", "PRIMARY KEY")]
    [InlineData("IsOwned", "PRIMARY KEY")]
    [InlineData("DeleteSomeChunks", "sqlite_autoindex_file_chunks_1")]
    public void And_no_table_of_files(string statement, string index)
    {
        var plan = Plan(Sql.At("Payloads/Storage/" + statement).Text);

        plan.ShouldContain(index);
        plan.ShouldNotContain("SCAN kept_files");
        plan.ShouldNotContain("SCAN k\n");
        plan.ShouldNotContain("SCAN file");
        plan.ShouldNotContain("TEMP B-TREE");
    }

    [SqliteTheory]
    [InlineData("Alerts/Signs/DeadLetters", "jobs_dead")]
    [InlineData("Alerts/Signs/FindOldest", "queue_ready")]
    [InlineData("Alerts/Signs/FindOldestOf", "queue_gated")]
    [InlineData("Alerts/Signs/CountGaps", "gaps_open")]
    [InlineData("Alerts/Signs/MendedGaps", "gaps_ended")]
    [InlineData("Alerts/Signs/MissingWorkers", "gaps_open")]
    [InlineData("Alerts/Signs/CountAttempts", "delivery_attempts_endpoint")]
    [InlineData("Alerts/Signs/WaitingEndpoints", "deliveries_due")]
    [InlineData("Alerts/Storage/ForgetAlerts", "alerts_ended")]
    [InlineData("Delivery/Storage/CountTold", "deliveries_tests")]
    public void And_no_table_of_what_alerts_look_at(string statement, string index)
    {
        var plan = Plan(Sql.At(statement).Text);

        plan.ShouldContain(index);
        foreach (var table in new[] { "j", "jobs", "queue", "gaps", "d", "deliveries", "delivery_attempts", "alerts" }) plan.ShouldNotContain($"SCAN {table}\n");
    }

    [SqliteTheory]
    [InlineData("Jobs/Storage/FindHanded")]
    [InlineData("Jobs/Storage/EndSession")]
    public void What_a_worker_held_is_found_along_what_workers_hold(string statement) => Plan(Sql.At(statement).Text).ShouldContain("queue_handed");

    [SqliteFact]
    public void Dead_letters_are_listed_along_their_own() =>
        Plan("SELECT j.id FROM jobs j WHERE j.state > 5 AND j.state = 7 ORDER BY j.id DESC LIMIT 51").ShouldContain("jobs_troubled");

    [SqliteTheory]
    [InlineData("Jobs/Storage/InsertJob")]
    [InlineData("Jobs/Storage/InsertQueued")]
    [InlineData("Jobs/Storage/ReadTurn")]
    [InlineData("Jobs/Storage/ChargeTurn")]
    [InlineData("Jobs/Storage/AdvancePool")]
    [InlineData("Jobs/Storage/InsertPayload")]
    [InlineData("Jobs/Storage/FinishJob")]
    [InlineData("Jobs/Storage/LeaveQueue")]
    [InlineData("Jobs/Storage/ScheduleAgain")]
    [InlineData("Jobs/Storage/AuditStarted")]
    [InlineData("Audit/AppendEvent")]
    [InlineData("Audit/FirstEvent")]
    [InlineData("Audit/NextEvent")]
    public void What_is_written_for_each_job_needs_no_table_in_memory(string statement) => Opcodes(Sql.At(statement).Text).ShouldNotContain("OpenEphemeral");

    private List<string> Opcodes(string text) => _database.Read(session =>
    {
        var opcodes = new List<string>();
        using var program = session.Prepare("EXPLAIN " + text);
        while (program.Step()) opcodes.Add(program.Text(1)!);
        return opcodes;
    });

    private string Plan(string text) => _database.Read(session =>
    {
        var steps = new List<string>();
        using var plan = session.Prepare("EXPLAIN QUERY PLAN " + text);
        while (plan.Step()) steps.Add(plan.Text(3)!);
        return string.Join('\n', steps);
    });

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
