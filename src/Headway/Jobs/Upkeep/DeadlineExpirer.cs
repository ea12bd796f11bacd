using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Upkeep;

/// <summary>Ends jobs that nobody started before their deadline.</summary>
internal sealed class DeadlineExpirer(Database database, JobNews news, TenantTerms tenants, ILogger<DeadlineExpirer> logger) : Duty
{
    private const int Batch = 500;
    private static readonly Sql AnyExpired = Sql.At("Jobs/Storage/AnyExpired");

    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var at = now.ToUnixTimeMilliseconds();
        var any = database.Read(async session =>
        {
            using var expired = session.Use(AnyExpired).Bind(1, at);
            return await expired.StepAsync().ConfigureAwait(false);
        });
        if (!any) return DutyReport.Nothing;
        var expired = await database.WriteAsync(new ExpireJobs(at, Batch, tenants.WeightOf)).ConfigureAwait(false);
        foreach (var bad in expired.Bad) logger.LogError("{Job}: {Reason}", bad.Job, bad.Reason);
        foreach (var job in expired.Jobs)
        {
            news.Ended(job);
        }
        return new DutyReport($"{expired.Jobs.Count} jobs passed their deadline", expired.More);
    }
}
