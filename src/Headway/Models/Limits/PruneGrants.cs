using Headway.Storage;

namespace Headway.Models.Limits;

/// <summary>Takes away grants that count no more. Whoever takes a slice does so for what he takes it of; these are of models and tenants of which nobody does.</summary>
internal sealed class PruneGrants(long now, int limit) : Write<int>
{
    private static readonly Sql Prune = Sql.At("Models/Limits/PruneGrants");

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<int> ApplyAsync(Session session) => await session.Use(Prune).Bind(1, RateWindow.LastPassed(now)).Bind(2, limit).ExecuteAsync().ConfigureAwait(false);
}
