namespace Headway.Storage.Sqlite;

/// <summary>Keeps in the file what its clock has told: one row, of the file and of no room.</summary>
internal sealed class ToldTime(DateTimeOffset now) : Write<bool>
{
    private static readonly Sql Keep = Sql.Of("keep told time", "INSERT INTO clock (id, told) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET told = excluded.told");

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        session.Use(Keep).Bind(1, now.ToUnixTimeMilliseconds()).Send();
        return true;
    }

    /// <summary>Null: nothing was told before.</summary>
    public static DateTimeOffset? Read(SqliteSession session)
    {
        session.Run("CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY, told INTEGER NOT NULL)");
        using var statement = session.Prepare("SELECT told FROM clock");
        return statement.Step() ? DateTimeOffset.FromUnixTimeMilliseconds(statement.Int64(0)) : null;
    }
}
