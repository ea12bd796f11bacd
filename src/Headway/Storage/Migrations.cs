using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Headway.Storage.Sqlite;

namespace Headway.Storage;

/// <summary>
/// Brings the schema up to date: every `NNNN_name.sql` in a folder `Migrations` of any room, in the order of its number, each once, all in
/// one transaction. Forward only. A database that a newer program has migrated is refused.
/// </summary>
internal static class Migrations
{
    private sealed record Migration(int Number, string Name, string Text, string Hash);

    public static void Apply(SqliteSession session, DateTimeOffset now)
    {
        session.Run("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied INTEGER NOT NULL)");
        session.Begin();
        try
        {
            var known = All();
            var applied = Applied(session);
            Refuse(known, applied);
            foreach (var migration in known.Where(migration => !applied.ContainsKey(migration.Number)))
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

    private static void Refuse(IReadOnlyList<Migration> known, Dictionary<int, string> applied)
    {
        var newest = applied.Count == 0 ? 0 : applied.Keys.Max();
        if (newest > known[^1].Number)
        {
            throw new StorageException("storage-newer",
                $"The database has schema {newest}, this program knows up to {known[^1].Number}. Start the newer program, or restore a copy from before the upgrade.");
        }
        foreach (var migration in known)
        {
            if (applied.TryGetValue(migration.Number, out var hash) && hash != migration.Hash)
            {
                throw new StorageException("storage-newer",
                    $"Migration {migration.Name} was applied in another form. The database was made by a different build; start that one, or start with a new database file.");
            }
        }
    }

    private static Dictionary<int, string> Applied(SqliteSession session)
    {
        var applied = new Dictionary<int, string>();
        using var statement = session.Prepare("SELECT number, hash FROM migrations");
        while (statement.Step()) applied[(int)statement.Int64(0)] = statement.Text(1)!;
        return applied;
    }

    private static List<Migration> All()
    {
        var all = typeof(Migrations).Assembly.GetManifestResourceNames()
            .Where(name => name.Contains("Migrations/", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal) && !name.EndsWith(".postgres.sql", StringComparison.Ordinal))
            .Select(resource =>
            {
                var text = Sql.Read(resource);
                var name = Path.GetFileNameWithoutExtension(resource);
                return new Migration(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, text, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
            })
            .OrderBy(migration => migration.Number)
            .ToList();
        var twice = all.GroupBy(migration => migration.Number).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? all : throw new InvalidOperationException($"Two migrations have the number {twice.Key}.");
    }
}
