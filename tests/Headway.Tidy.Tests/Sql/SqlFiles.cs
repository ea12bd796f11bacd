using System.Text.RegularExpressions;

namespace Headway.Tidy.Tests.Sql;

/// <summary>Each SQL file says in a comment what it relies on. A statement that differs between databases exists for each of them.</summary>
internal static partial class SqlFiles
{
    private const string Sqlite = ".sqlite.sql";
    private const string Postgres = ".postgres.sql";
    private const string PostgresEngine = "src/Headway/Storage/Postgres/";

    public static IEnumerable<Finding> Check(IReadOnlyCollection<TextFile> files)
    {
        var paths = files.Select(file => file.Path).ToHashSet();
        var twins = paths.Any(path => path.StartsWith(PostgresEngine, StringComparison.Ordinal));
        foreach (var file in files.Where(file => file.Extension == ".sql"))
        {
            if (!file.Lines.Any(line => line.TrimStart().StartsWith("--", StringComparison.Ordinal))) yield return file.Finding(1, "says nowhere why it is written so: which index, which guard.");
            var twin = file.Path.EndsWith(Sqlite, StringComparison.Ordinal) ? file.Path[..^Sqlite.Length] + Postgres
                : file.Path.EndsWith(Postgres, StringComparison.Ordinal) ? file.Path[..^Postgres.Length] + Sqlite
                : null;
            // A file belongs to one process: there nothing of the program before still runs.
            if (file.Path.Contains("/Migrations/", StringComparison.Ordinal) && !file.Path.EndsWith(Sqlite, StringComparison.Ordinal))
            {
                for (var line = 0; line < file.Lines.Length; line++)
                {
                    if (Narrowing().IsMatch(file.Lines[line].Split("--")[0])) yield return file.Finding(line + 1, "takes away what a node of the program before still uses: migrations only add, columns that may be left out.");
                }
            }
            if (twins && twin is not null && !paths.Contains(twin)) yield return file.Finding(1, $"has no twin: {twin}");
        }
    }

    // What is made in the same file may be as strict as it likes.
    [GeneratedRegex(@"\bDROP\s+(TABLE|COLUMN|NOT)|\bRENAME\b|\bALTER\s+COLUMN\b|\bADD\s+COLUMN\b(?=.*NOT\s+NULL)(?!.*DEFAULT)|\bADD\s+CONSTRAINT\b", RegexOptions.IgnoreCase)]
    private static partial Regex Narrowing();
}

public sealed class SqlFilesTests
{
    [Theory]
    [InlineData("ALTER TABLE jobs DROP COLUMN note;", false)]
    [InlineData("ALTER TABLE jobs RENAME TO work;", false)]
    [InlineData("ALTER TABLE jobs ADD COLUMN note text NOT NULL;", false)]
    [InlineData("ALTER TABLE jobs ALTER COLUMN note TYPE bytea;", false)]
    [InlineData("ALTER TABLE jobs ADD COLUMN note text NOT NULL DEFAULT '';", true)]
    [InlineData("ALTER TABLE jobs ADD COLUMN note text;", true)]
    [InlineData("DROP INDEX jobs_note;", true)]
    public void A_migration_that_takes_something_away_is_found(string statement, bool good) =>
        SqlFiles.Check([new TextFile("src/Headway/Jobs/Migrations/0099_notes.sql", "-- why\n" + statement)]).Any().ShouldBe(!good);

    [Fact]
    public void Sql_files_are_explained_and_come_in_twins() => SqlFiles.Check(Repository.Files).ShouldBeNone();

    [Fact]
    public void A_file_without_a_comment_is_found() => SqlFiles.Check([new TextFile("src/Headway/Jobs/Finish.sql", "SELECT 1")]).ShouldHaveSingleItem();

    [Fact]
    public void A_missing_twin_is_found_once_there_are_two_databases()
    {
        var lonely = new TextFile("src/Headway/Jobs/Claim.sqlite.sql", "-- by (pool, due)\nSELECT 1");
        var engine = new TextFile("src/Headway/Storage/Postgres/Writer.cs", "");
        var twin = new TextFile("src/Headway/Jobs/Claim.postgres.sql", "-- by (pool, due)\nSELECT 1");

        SqlFiles.Check([lonely]).ShouldBeEmpty();
        SqlFiles.Check([lonely, engine]).ShouldHaveSingleItem();
        SqlFiles.Check([lonely, engine, twin]).ShouldBeEmpty();
    }
}
