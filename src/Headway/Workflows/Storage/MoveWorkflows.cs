using Headway.Audit;
using Headway.Storage;

namespace Headway.Workflows.Storage;

/// <summary>Jobs go on with another version of their code, from their next attempt on. How many did.</summary>
internal sealed class MoveWorkflows(IReadOnlyList<(JobId Job, AuditEvent Moved)> jobs, int from, int to, long now) : Write<int>
{
    private static readonly Sql Move = Sql.At("Workflows/Storage/MoveVersion");

    internal override IReadOnlyList<Claim> Claims => [.. jobs.Select(job => Claim.On(job.Job))];

    protected override async ValueTask<int> ApplyAsync(Session session)
    {
        var moved = 0;
        foreach (var (job, told) in jobs)
        {
            if (await session.Use(Move).Bind(1, to).Bind(2, job).Bind(3, from).ExecuteAsync().ConfigureAwait(false) == 0) continue;
            AuditTrail.Append(session, told, now);
            moved++;
        }
        if (moved > 0) session.Use(HurryVersions.Hurry).Bind(1, now).Send();
        return moved;
    }
}

/// <summary>There may be a node that has the version of its code that a job waits for.</summary>
internal sealed class HurryVersions(long now) : Write<bool>
{
    public static readonly Sql Hurry = Sql.At("Workflows/Storage/HurryVersion");

    protected override ValueTask<bool> ApplyAsync(Session session)
    {
        session.Use(Hurry).Bind(1, now).Send();
        return ValueTask.FromResult(true);
    }
}

/// <summary>Workflows of a feature are begun with this version from now on, or with the highest again.</summary>
/// <param name="version">Null: the highest.</param>
internal sealed class PinWorkflow(string feature, int? version, string actor, long now) : Write<bool>
{
    private static readonly Sql Pin = Sql.At("Workflows/Storage/Pin");
    private static readonly Sql Unpin = Sql.At("Workflows/Storage/Unpin");

    protected override ValueTask<bool> ApplyAsync(Session session)
    {
        if (version is { } number) session.Use(Pin).Bind(1, feature).Bind(2, number).Bind(3, actor).Bind(4, now).Send();
        else session.Use(Unpin).Bind(1, feature).Send();
        return ValueTask.FromResult(true);
    }
}
