using System.Globalization;

namespace Headway.Storage.Sqlite;

/// <summary>Brings the schema of a file up to date, in one transaction.</summary>
internal static class SqliteMigrations
{
    public static void Apply(SqliteSession session, DateTimeOffset now)
    {
        session.Run("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied INTEGER NOT NULL)");
        session.Begin();
        try
        {
            foreach (var migration in Migration.Missing(SqlDialect.Sqlite, Applied(session)))
            {
                session.Run(migration.Text);
                session.Run(string.Create(CultureInfo.InvariantCulture,
                    $"INSERT INTO migrations VALUES ({migration.Number}, '{migration.Name}', '{migration.Hash}', {now.ToUnixTimeMilliseconds()})"));
            }
            session.Commit();
        }
        catch
        {
            session.Rollback();
            throw;
        }
    }

    private static Dictionary<int, string> Applied(SqliteSession session)
    {
        var applied = new Dictionary<int, string>();
        using var statement = session.Prepare("SELECT number, hash FROM migrations");
        while (statement.Step()) applied[(int)statement.Int64(0)] = statement.Text(1)!;
        return applied;
    }
}
