using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Tests.Storage;

/// <summary>Statements of a test, run where nothing needs to be awaited: in a blocking read no statement waits, and on SQLite none ever does.</summary>
internal static class AtOnce
{
    public static T Read<T>(this Database database, Func<Session, T> read) => database.Read(session => ValueTask.FromResult(read(session)));

    public static bool Step(this Statement statement) => Now(statement.StepAsync());

    public static T Now<T>(ValueTask<T> answer) => answer.IsCompleted ? answer.Result : throw new InvalidOperationException("This session waits: await its statements.");

    public static void Now(ValueTask done)
    {
        if (!done.IsCompleted) throw new InvalidOperationException("This session waits: await its statements.");
        done.GetAwaiter().GetResult();
    }

    /// <summary>Several statements without parameters, in a write: how a test changes the database behind the engine's back.</summary>
    /// <returns>The rows that the last one touched.</returns>
    public static async ValueTask<int> RunAsync(this Session session, string statements)
    {
        if (session is SqliteSession sqlite)
        {
            sqlite.Run(statements);
            return sqlite.Changes;
        }
        var touched = 0;
        foreach (var one in Apart(statements)) touched = await session.Prepare(one).ExecuteAsync();
        return touched;
    }

    // At each semicolon, but for those in the body of a function.
    private static IEnumerable<string> Apart(string statements)
    {
        var start = 0;
        var inBody = false;
        for (var i = 0; i <= statements.Length; i++)
        {
            if (i < statements.Length && statements.AsSpan(i).StartsWith("$$")) inBody = !inBody;
            if (i < statements.Length && (statements[i] is not ';' || inBody)) continue;
            if (statements[start..i].Trim() is { Length: > 0 } one) yield return one;
            start = i + 1;
        }
    }
}
