using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Upkeep;

/// <summary>Removes what retention says, in bounded batches.</summary>
internal sealed class HistoryPruner(Database database, ILogger<HistoryPruner> logger) : Duty
{
    private const int Batch = 500;
    private static readonly Sql AnyPrunable = Sql.At("Jobs/Storage/AnyPrunable");

    public override TimeSpan Every => TimeSpan.FromSeconds(30);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var at = now.ToUnixTimeMilliseconds();
        var any = database.Read(async session =>
        {
            using var prunable = session.Use(AnyPrunable).Bind(1, at);
            return await prunable.StepAsync().ConfigureAwait(false);
        });
        if (!any) return DutyReport.Nothing;
        var pruned = await database.WriteAsync(new PruneHistory(at, Batch)).ConfigureAwait(false);
        foreach (var bad in pruned.Bad) logger.LogError("{Job}: {Reason}", bad.Job, bad.Reason);
        return new DutyReport($"{pruned.Records} records, {pruned.Payloads} payloads, {pruned.Keys} idempotency keys, {pruned.Answers} cached answers", pruned.More);
    }
}
