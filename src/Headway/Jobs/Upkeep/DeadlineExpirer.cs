using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Streams;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Upkeep;

/// <summary>Ends jobs that nobody started before their deadline.</summary>
internal sealed class DeadlineExpirer(Database database, LiveOutputs outputs, Finished finished, ILogger<DeadlineExpirer> logger) : Duty
{
    private const int Batch = 500;
    private static readonly Sql AnyExpired = Sql.At("Jobs/Storage/AnyExpired");

    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var at = now.ToUnixTimeMilliseconds();
        var any = database.Read(session =>
        {
            using var expired = session.Use(AnyExpired).Bind(1, at);
            return expired.Step();
        });
        if (!any) return DutyReport.Nothing;
        var expired = await database.WriteAsync(new ExpireJobs(at, Batch)).ConfigureAwait(false);
        foreach (var bad in expired.Bad) logger.LogError("{Job}: {Reason}", bad.Job, bad.Reason);
        foreach (var job in expired.Jobs)
        {
            outputs.Changed(job);
            finished.Tell(job);
        }
        return new DutyReport($"{expired.Jobs.Count} jobs passed their deadline", expired.More);
    }
}
