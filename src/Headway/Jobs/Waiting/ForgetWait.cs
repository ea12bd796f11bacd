using Headway.Storage;

namespace Headway.Jobs.Waiting;

/// <summary>A child is not waited for any more, because whoever did has ended.</summary>
internal sealed class ForgetWait(JobId parent, JobId child) : Write<bool>
{
    private static readonly Sql Delete = Sql.At("Jobs/Waiting/DeleteChildWait");

    protected override async ValueTask<bool> ApplyAsync(Session session) => await session.Use(Delete).Bind(1, parent).Bind(2, child).ExecuteAsync().ConfigureAwait(false) > 0;
}
