using Headway.Storage;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

/// <summary>Changes the database behind the engine's back, as a test needs it.</summary>
/// <param name="by">Who writes it, where there is more than one.</param>
internal sealed class Change(string statements, Writer by = Writer.Changes) : Write<bool>
{
    internal override Writer Writer => by;

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        await session.RunAsync(statements);
        return true;
    }
}
