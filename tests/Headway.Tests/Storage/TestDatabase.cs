using Headway.Storage;
using Npgsql;

namespace Headway.Tests.Storage;

/// <summary>Where the tests of this run keep their data: a file each, or a database each of a PostgreSQL server.</summary>
internal static class TestDatabase
{
    // What grows with each job.
    private static readonly string[] Growing = ["payloads", "jobs", "attempts", "file_chunks"];

    /// <summary>HEADWAY_TEST_DATABASE=postgres runs the same tests on PostgreSQL.</summary>
    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable("HEADWAY_TEST_DATABASE") == "postgres";

    public static bool IsSqlite => !IsPostgres;

    /// <summary>What an INSERT says before VALUES when it brings a number that the database would give.</summary>
    public static string OwnNumber => IsPostgres ? "OVERRIDING SYSTEM VALUE " : "";

    /// <summary>An address of a database that nobody has used.</summary>
    /// <param name="file">Where it lies if it is a file.</param>
    public static string At(string file) => IsPostgres ? PostgresCluster.Shared.NewDatabase() : "sqlite:" + file;

    /// <summary>An id as a literal.</summary>
    public static string Id(JobId job) => IsPostgres ? $"'{job.Value}'::uuid" : $"x'{Convert.ToHexString(job.ToBytes())}'";

    /// <summary>Bytes as a literal.</summary>
    public static string Bytes(byte[] bytes) => IsPostgres ? $"'\\x{Convert.ToHexString(bytes)}'::bytea" : $"x'{Convert.ToHexString(bytes)}'";

    /// <summary>Statements that make the database refuse some changes until <see cref="Allow"/>.</summary>
    /// <param name="change">INSERT or UPDATE.</param>
    /// <param name="row">Which rows; null: all.</param>
    /// <param name="state">What PostgreSQL says it is: a breach of a rule, or trouble of the disk.</param>
    public static string Refuse(string change, string table, string? row = null, string state = "P0001") => IsPostgres
        ? $"""
           CREATE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{state}'; END $$;
           CREATE TRIGGER refuse_{table} BEFORE {change} ON {table} FOR EACH ROW {(row is null ? "" : $"WHEN ({row})")} EXECUTE FUNCTION refuse_{table}()
           """
        : $"CREATE TRIGGER refuse_{table} BEFORE {change} ON {table} {(row is null ? "" : $"WHEN {row}")} BEGIN SELECT RAISE(ABORT, 'refused'); END";

    public static string Allow(string table) => IsPostgres ? $"DROP FUNCTION refuse_{table} CASCADE" : $"DROP TRIGGER refuse_{table}";

    /// <summary>From now on there is no room: a file may not grow, or the server says so of whatever is to be kept.</summary>
    public static string Fill => IsPostgres ? string.Join(';', Growing.Select(table => Refuse("INSERT OR UPDATE", table, state: "53100"))) : "PRAGMA max_page_count = 1";

    public static string MakeRoom => IsPostgres ? string.Join(';', Growing.Select(Allow)) : "PRAGMA max_page_count = 1073741823";

    /// <summary>From now on the connection that is told so writes nothing.</summary>
    public static string MakeReadOnly => IsPostgres ? "SET default_transaction_read_only = on" : "PRAGMA query_only = 1";

    /// <summary>All that is kept there, byte for byte: the files beside a file, or every table of a server's database as it sends them.</summary>
    public static IReadOnlyList<byte[]> Contents(string address) => IsPostgres ? Tables(address) : Files(Database.FileOf(address));

    private static List<byte[]> Files(string database)
    {
        // The lock file is held by its owner and has no content.
        var files = Directory.GetFiles(Path.GetDirectoryName(database)!).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).ToList();
        files.ShouldContain(database);
        return files.ConvertAll(file => Read(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)));
    }

    private static List<byte[]> Tables(string address)
    {
        using var connection = PostgresCluster.Connect(address);
        var tables = new List<string>();
        using (var names = new NpgsqlCommand("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", connection).ExecuteReader())
        {
            while (names.Read()) tables.Add(names.GetString(0));
        }
        tables.ShouldContain("payloads");
        return tables.ConvertAll(table => Read(connection.BeginRawBinaryCopy($"COPY {table} TO STDOUT (FORMAT binary)")));
    }

    private static byte[] Read(Stream content)
    {
        using var copy = new MemoryStream();
        using (content) content.CopyTo(copy);
        return copy.ToArray();
    }
}
