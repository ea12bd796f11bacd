using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Headway.Storage;

/// <summary>
/// One step of the schema: every `NNNN_name.sql` in a folder `Migrations` of any room, in the order of its number, each once, all in one
/// transaction. Forward only. What a database reads otherwise is a twin, `NNNN_name.postgres.sql`.
/// </summary>
internal sealed record Migration(int Number, string Name, string Text, string Hash)
{
    private const string PostgresEnding = ".postgres.sql";

    public static IReadOnlyList<Migration> All(SqlDialect dialect)
    {
        var all = typeof(Migration).Assembly.GetManifestResourceNames()
            .Where(name => name.Contains("Migrations/", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal)
                && name.EndsWith(PostgresEnding, StringComparison.Ordinal) == dialect is SqlDialect.Postgres)
            .Select(resource =>
            {
                var text = Sql.Read(resource);
                var name = Path.GetFileName(resource).Split('.')[0];
                return new Migration(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, text, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
            })
            .OrderBy(migration => migration.Number)
            .ToList();
        var twice = all.GroupBy(migration => migration.Number).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? all : throw new InvalidOperationException($"Two migrations have the number {twice.Key}.");
    }

    /// <summary>Those that a database lacks.</summary>
    /// <param name="applied">The hash of each that it has, by number.</param>
    /// <exception cref="StorageException">`storage-newer`: a newer or a different program has migrated it.</exception>
    public static IEnumerable<Migration> Missing(SqlDialect dialect, IReadOnlyDictionary<int, string> applied)
    {
        var known = All(dialect);
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
                    $"Migration {migration.Name} was applied in another form. The database was made by a different build; start that one, or start with a new database.");
            }
        }
        return known.Where(migration => !applied.ContainsKey(migration.Number));
    }
}
