using System.Reflection;
using System.Text;
using Headway.Audit;
using Headway.Budgets;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Storage.Postgres;

namespace Headway.Tests.Simulation;

/// <summary>A statement that forgets a part of its duty, until it is disposed. Nothing else may use the engine meanwhile.</summary>
internal sealed class PlantedBug : IDisposable
{
    private static readonly Dictionary<string, Plan> Plans = new()
    {
        ["whoever holds nothing ends a job"] = new(typeof(EndJob), "Leave", [("lease = $2 AND attempt = $3", "$2 > 0 AND $3 > 0")], [(" AND q.lease = asked.lease AND q.attempt = asked.attempt", "")]),
        ["a former attempt puts a job back"] = new(typeof(RetryJob), "Schedule", [(" AND attempt = $10", " AND $10 > 0")], [(" AND q.attempt = asked.attempt", "")]),
        ["a living lease is rescued"] = new(typeof(RescueLease), "IsLost", [("expires < $1", "expires < $1 + 20000")], [("headway_now()", "headway_now() + 20000"), ("least($1", "least($1 + 20000")]),
        ["a lease is renewed for less than it says"] = new(typeof(RenewLease), "Renew", [("expires = $1", "expires = $1 - 1")], [("expires = $1", "expires = $1 - 1")]),
        ["a key is forgotten early"] = new(typeof(AcceptJob), "Find", [("i.expires >= $4", "i.expires >= $4 + 3590000")], [("i.expires >= $4", "i.expires >= $4 + 3590000")]),
        ["a key leads to a record that is gone"] = new(typeof(AcceptJob), "Find", [("EXISTS (SELECT 1 FROM jobs j WHERE j.id = i.job)", "1 = 1")], [("EXISTS (SELECT 1 FROM jobs j WHERE j.id = i.job)", "1 = 1")]),
        ["a key is taken from another job"] = new(typeof(AcceptJob), "Find", [("i.key = $3", "i.key = $3 AND 1 = 0")], [("i.key = $3", "i.key = $3 AND 1 = 0")]),
        ["a held key is not found"] = new(typeof(HeldKeys), "Find", [("hold = $1", "hold = $1 AND state = 1")], [("hold = $1", "hold = $1 AND state = 1")]),
        ["a claim is not told"] = new(typeof(ClaimJobs), "Started", [("WHERE id = $4", "WHERE id = $4 AND attempt < 1")], [("ON j.id = asked.job", "ON j.id = asked.job AND j.attempt < 1")]),
        ["a death is not told"] = new(typeof(AuditTrail), "Insert", [("VALUES ($1, max($2, coalesce((SELECT max(id) + 1 FROM audit_events WHERE job = $1), 0)), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)", "SELECT $1, max($2, coalesce((SELECT max(id) + 1 FROM audit_events WHERE job = $1), 0)), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 WHERE $5 <> 'died'")], [("correlation, ord)", "correlation, ord) WHERE action <> 'died'")]),
        ["a failure is not counted"] = new(typeof(RetryJob), "Schedule", [("failures = $3", "failures = failures + 0 * $3")], [("failures = asked.failures", "failures = q.failures")]),
        ["a crash is not counted"] = new(typeof(RescueLease), "Schedule", [("crashes = $4", "crashes = crashes + 0 * $4")], [("crashes = asked.crashes", "crashes = q.crashes")]),
        ["a gate stays shut"] = new(typeof(OpenGates), "Open", [("gate >= ''", "gate >= '' AND state = 1")], [("gate >= ''", "gate >= '' AND state = 1")]),
        ["a running job expires"] = new(typeof(ExpireJobs), "Find", [("q.state <> 2", "q.state < 9")], [("q.state <> 2", "q.state < 9")]),
        ["a replay starts one that has ended well"] = new(typeof(ReplayJob), "Reopen", [("state = 7", "state > 4")], [("state = 7", "state > 4")]),
        ["a debounced job starts after its latest start"] = new(typeof(HeldKeys), "Requeue", [("CASE WHEN $1 < hold_until THEN $1 ELSE hold_until END", "$1")], [("CASE WHEN $1 < hold_until THEN $1 ELSE hold_until END", "$1")]),
        ["what is held back is never given back"] = new(typeof(Ledger), "Delete", [("owner = $1", "owner = $1 AND nano > 2000000")], [("owner = $1", "owner = $1 AND nano > 2000000")]),
        ["a payload outlives its record"] = new(typeof(PruneHistory), "DeletePayload", [("id = $1", "id = $1 AND id % 2 = 0")], [("id = $1", "id = $1 AND id % 2 = 0")]),
    };

    private readonly Sql _sql;
    private readonly byte[] _sqlite;
    private readonly PostgresText _postgres;

    public PlantedBug(string bug)
    {
        var plan = Plans[bug];
        _sql = StatementOf(plan);
        (_sqlite, _postgres) = (_sql.Utf8, _sql.Postgres);
        Set(nameof(Sql.Utf8), Encoding.UTF8.GetBytes(Forget(_sql.Text, plan.OnSqlite, Storage.TestDatabase.IsSqlite) + "\0"));
        Set(nameof(Sql.Postgres), PostgresText.Of(Forget(_sql.Postgres.Text, plan.OnPostgres, Storage.TestDatabase.IsPostgres)));
    }

    /// <summary>On a server those of which it has a text of its own: the others are the same on a file, and each takes some stories.</summary>
    public static IEnumerable<string> All => Plans.Where(plan => Storage.TestDatabase.IsSqlite || StatementOf(plan.Value) is var sql && sql.For(SqlDialect.Postgres) != sql.Text).Select(plan => plan.Key);

    public void Dispose()
    {
        Set(nameof(Sql.Utf8), _sqlite);
        Set(nameof(Sql.Postgres), _postgres);
    }

    private static Sql StatementOf(Plan plan) => (Sql)plan.Operation.GetField(plan.Statement, BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;

    private static string Forget(string text, (string Part, string Instead)[] parts, bool isUsed)
    {
        foreach (var (part, instead) in parts)
        {
            if (isUsed) text.ShouldContain(part);
            text = text.Replace(part, instead, StringComparison.Ordinal);
        }
        return text;
    }

    // The product has no switch for this.
    private void Set(string property, object value) => typeof(Sql).GetField($"<{property}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(_sql, value);

    private sealed record Plan(Type Operation, string Statement, (string, string)[] OnSqlite, (string, string)[] OnPostgres);
}
