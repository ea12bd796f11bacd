using System.Security.Cryptography;
using Headway.Storage;
using SQLitePCL;

namespace Headway.Bench.Limits;

/// <summary>What the limit writes for each acceptance: one narrow row, or the very rows that the engine writes (its own schema and SQL files).</summary>
internal static class LimitRows
{
    public static Action<LimitDatabase, byte[]> OneTable(LimitDatabase database)
    {
        var insert = database.Prepare("INSERT INTO job (body) VALUES (?)");
        return (_, input) =>
        {
            raw.sqlite3_bind_blob(insert, 1, input);
            database.Step(insert);
        };
    }

    public const string OneTableSchema = "CREATE TABLE job (id INTEGER PRIMARY KEY, body BLOB NOT NULL)";

    public static string EngineSchema() => string.Join(';', typeof(Sql).Assembly.GetManifestResourceNames()
        .Where(name => name.Contains("Migrations/", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal) && !name.EndsWith(".postgres.sql", StringComparison.Ordinal))
        .OrderBy(Path.GetFileName, StringComparer.Ordinal).Select(Sql.Read));

    /// <summary>Record, queue row, sealed payload and audit event, of the sizes that a no-op job without key, subject or metadata has.</summary>
    public static Action<LimitDatabase, byte[]> SameRows(LimitDatabase database)
    {
        var payload = Prepared("Jobs/Storage/InsertPayload");
        var job = Prepared("Jobs/Storage/InsertJob");
        var queue = Prepared("Jobs/Storage/InsertQueued");
        var audit = Prepared("Audit/FirstEvent");
        var mac = RandomNumberGenerator.GetBytes(32);
        return (_, input) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var id = JobId.New(now).ToBytes();
            var at = now.ToUnixTimeMilliseconds();

            // Unbound, the number is the next one.
            raw.sqlite3_bind_blob(payload, 2, input);
            database.Step(payload);

            raw.sqlite3_bind_blob(job, 1, id);
            Text(job, 2, "default");
            Text(job, 3, "local");
            Numbers(job, (4, 1), (5, 2), (6, 0), (7, 5), (8, at), (12, at), (18, 0), (20, database.LastRowId), (29, 0), (30, 0), (31, 0));
            Text(job, 21, "application/json");
            database.Step(job);

            raw.sqlite3_bind_blob(queue, 1, id);
            Numbers(queue, (2, 1), (3, 1), (4, at), (8, 0));
            database.Step(queue);

            raw.sqlite3_bind_blob(audit, 1, id);
            Numbers(audit, (2, at * 1000), (6, 1), (9, 1));
            Text(audit, 3, "default");
            Text(audit, 4, "local");
            Text(audit, 5, "submitted");
            Text(audit, 10, "node");
            raw.sqlite3_bind_blob(audit, 14, mac);
            database.Step(audit);
        };

        sqlite3_stmt Prepared(string path) => database.Prepare(Sql.At(path).Text);
    }

    public static void Numbers(sqlite3_stmt statement, params ReadOnlySpan<(int Parameter, long Value)> values)
    {
        foreach (var (parameter, value) in values) raw.sqlite3_bind_int64(statement, parameter, value);
    }

    public static void Text(sqlite3_stmt statement, int parameter, string value) => raw.sqlite3_bind_text(statement, parameter, value);
}
