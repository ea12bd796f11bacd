using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>What comes next in a pool.</summary>
/// <param name="Rank">Of the first job that can be claimed; null: there is none.</param>
/// <param name="IsGated">Tenants with limits have something waiting, of whatever rank.</param>
internal readonly record struct QueueFront(long? Rank, bool IsGated)
{
    private static readonly Sql First = Sql.At("Jobs/Storage/FirstRank");

    public static async ValueTask<QueueFront> ReadAsync(Session session, long pool)
    {
        using var first = session.Use(First).Bind(1, pool);
        await first.StepAsync().ConfigureAwait(false);
        return new QueueFront(first.Int64OrNull(0), first.Int64(1) == 1);
    }

    /// <summary>Whether a job that can be claimed ranks equal or higher.</summary>
    public bool IsBefore(long rank) => IsGated || Rank <= rank;
}
