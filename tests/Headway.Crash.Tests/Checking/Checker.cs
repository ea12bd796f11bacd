using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Storage.Sqlite;
using Headway.Tests.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Headway.Crash.Tests.Checking;

/// <summary>
/// Reads the database of nodes that have stopped, from outside, and holds it against what the tester was promised and what the handlers
/// did. It shares no statement and no rule with the engine.
/// </summary>
internal sealed class Checker : IDisposable
{
    private readonly SqliteConnection _database;

    private Checker(string file)
    {
        SqliteLibrary.Load(NullLogger.Instance);
        _database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, Mode = file is ":memory:" ? SqliteOpenMode.Memory : SqliteOpenMode.ReadWrite }.ToString());
        _database.Open();
    }

    private static Checker Of(DataFolder data)
    {
        if (!data.IsPostgres) return new Checker(data.Database);
        var checker = new Checker(":memory:");
        Snapshot.Fill(checker._database, data.Address);
        return checker;
    }

    public static IReadOnlyList<Breach> Check(DataFolder data, Ledger ledger) => Check(Of(data), ledger.Promises, [.. ledger.Cancelled], data.ReadEffects());

    public static IReadOnlyList<Breach> Check(string file, IReadOnlyList<Promise> promises, IReadOnlyList<string> cancelled, IReadOnlyList<(string Job, int Attempt)> effects) =>
        Check(new Checker(file), promises, cancelled, effects);

    private static IReadOnlyList<Breach> Check(Checker opened, IReadOnlyList<Promise> promises, IReadOnlyList<string> cancelled, IReadOnlyList<(string Job, int Attempt)> effects)
    {
        using var checker = opened;
        if (checker.Unsound() is { } unsound) return [unsound];
        checker.Bring(promises, cancelled, effects);
        return [.. Rules.All.SelectMany(checker.Offenders), .. ChainCheck.Check(checker._database)];
    }

    /// <summary>Runs a query beside a node that works: its first column.</summary>
    public static List<string> Ask(DataFolder data, string query)
    {
        using var checker = Of(data);
        var answers = new List<string>();
        using var reader = checker.Command(query).ExecuteReader();
        while (reader.Read()) answers.Add(reader.GetString(0));
        return answers;
    }

    /// <summary>Changes a database behind the engine's back.</summary>
    public static void Tamper(string file, string statements)
    {
        using var checker = new Checker(file);
        checker.Command(statements).ExecuteNonQuery();
    }

    /// <summary>The same, of whichever database it is.</summary>
    public static void Tamper(DataFolder data, string statements)
    {
        if (!data.IsPostgres)
        {
            Tamper(data.Database, statements);
            return;
        }
        using var connection = PostgresCluster.Connect(data.Address);
        using var command = new NpgsqlCommand(statements, connection);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, params (string Name, object? Value)[] values)
    {
        var command = _database.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    private void Bring(IReadOnlyList<Promise> promises, IReadOnlyList<string> cancelled, IReadOnlyList<(string Job, int Attempt)> effects)
    {
        Command("""
            CREATE TEMP TABLE promised (job TEXT, id BLOB, feature TEXT, key TEXT);
            CREATE TEMP TABLE cancelled (job TEXT, id BLOB);
            CREATE TEMP TABLE effects (job TEXT, id BLOB, attempt INTEGER);
            CREATE INDEX temp.effects_id ON effects (id);
            BEGIN
            """).ExecuteNonQuery();
        foreach (var (job, feature, key) in promises) Command("INSERT INTO promised VALUES ($job, $id, $feature, $key)", ("$job", job), ("$id", Id(job)), ("$feature", feature), ("$key", key)).ExecuteNonQuery();
        foreach (var job in cancelled) Command("INSERT INTO cancelled VALUES ($job, $id)", ("$job", job), ("$id", Id(job))).ExecuteNonQuery();
        foreach (var (job, attempt) in effects) Command("INSERT INTO effects VALUES ($job, $id, $attempt)", ("$job", job), ("$id", Id(job)), ("$attempt", attempt)).ExecuteNonQuery();
        Command("COMMIT").ExecuteNonQuery();
    }

    private static byte[] Id(string job) => Convert.FromHexString(job.AsSpan("job_".Length));

    /// <summary>Of a file that is not sound nothing else can be said.</summary>
    private Breach? Unsound() => (string)Command("PRAGMA integrity_check").ExecuteScalar()! is var word && word == "ok" ? null : new Breach("file-is-corrupt", "", word);

    private List<Breach> Offenders(Rule rule)
    {
        var breaches = new List<Breach>();
        using var reader = Command(rule.Offenders).ExecuteReader();
        while (reader.Read()) breaches.Add(new Breach(rule.Name, reader.GetString(0), reader.GetString(1)));
        return breaches;
    }

    public void Dispose() => _database.Dispose();
}
