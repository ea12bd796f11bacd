using Headway.Tests.Storage;
using Npgsql;

namespace Headway.Bench.Queue;

/// <summary>Where the server's time goes while a backlog is drained, and while jobs are accepted: its statements by the time they took.</summary>
internal static class Statements
{
    private const int Most = 16;
    private const int Callers = 64;

    // Nested: what triggers do. The text without its comments, as far as tells one from another.
    private const string Costliest = """
        SELECT calls, rows, total_exec_time, total_plan_time, regexp_replace(left(regexp_replace(query, '(--[^\n]*\n)|\s+', ' ', 'g'), 90), '^ +', '')
        FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY total_exec_time + total_plan_time DESC
        """;

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        using var cluster = PostgresCluster.Start(durable: true, "shared_preload_libraries = 'pg_stat_statements'", "pg_stat_statements.track = all", "pg_stat_statements.track_planning = on");
        await DrainAsync(folder, report, cluster.NewDatabase());
        await AcceptAsync(plan, folder, report, cluster.NewDatabase());
    }

    private static async Task DrainAsync(string folder, Report report, string address)
    {
        using var watch = Watch(address);
        var measured = await Drain.EngineAsync(folder, address, report, begins: () => Run(watch, "SELECT pg_stat_statements_reset()"), ended: () => Tell(report, watch, "claim to finish", Drain.Backlog));
        report.Note($"{Report.Number(measured.PerSecond)} jobs/s, {measured.CpuMicroseconds:0.0} µs of this process a job.");
    }

    private static async Task AcceptAsync(Plan plan, string folder, Report report, string address)
    {
        using var watch = Watch(address);
        var measured = await Acceptance.EngineAsync(folder, address, Callers, plan.Duration, report);
        Tell(report, watch, $"acceptance of {Callers} callers", measured.Calls);
        report.Note($"{Report.Number(measured.PerSecond)} jobs/s, {measured.CpuMicroseconds:0.0} µs of this process a job.");
    }

    private static NpgsqlConnection Watch(string address)
    {
        var connection = PostgresCluster.Connect(address);
        Run(connection, "CREATE EXTENSION pg_stat_statements");
        return connection;
    }

    private static void Tell(Report report, NpgsqlConnection watch, string what, long jobs)
    {
        report.Section($"PostgreSQL: statements of {what}", "Of the server, planning included; nested ones, too, so triggers count twice. µs a job: of all jobs, whatever a statement touches.", "statement | calls | rows a call | µs a job | of which planning");
        using var command = new NpgsqlCommand(Costliest, watch);
        using var read = command.ExecuteReader();
        var (rest, all) = (0.0, 0.0);
        for (var place = 0; read.Read(); place++)
        {
            var (calls, rows, took, planned) = (read.GetInt64(0), read.GetInt64(1), read.GetDouble(2), read.GetDouble(3));
            var each = (took + planned) * 1000 / jobs;
            all += each;
            if (place < Most) report.Row($"`{read.GetString(4).Replace("|", "¦", StringComparison.Ordinal)}`", Report.Number(calls), Report.Number((double)rows / calls), $"{each:0.00}", $"{planned * 1000 / jobs:0.00}");
            else rest += each;
        }
        report.Row("the rest", "", "", $"{rest:0.00}", "");
        report.Row("all", "", "", $"{all:0.00}", "");
    }

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
