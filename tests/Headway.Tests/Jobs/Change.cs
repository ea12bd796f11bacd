using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Tests.Jobs;

/// <summary>Changes the database behind the engine's back, as a test needs it.</summary>
internal sealed class Change(string statements) : Write<bool>
{
    protected override bool Apply(SqliteSession session)
    {
        session.Run(statements);
        return true;
    }
}
