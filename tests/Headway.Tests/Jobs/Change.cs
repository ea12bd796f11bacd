using Headway.Storage;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

/// <summary>Changes the database behind the engine's back, as a test needs it.</summary>
internal sealed class Change(string statements) : Write<bool>
{
    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        await session.RunAsync(statements);
        return true;
    }
}
