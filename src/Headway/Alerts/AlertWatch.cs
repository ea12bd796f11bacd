using Headway.Alerts.Signs;
using Headway.Alerts.Storage;
using Headway.Features;
using Headway.Jobs.Upkeep;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Alerts;

/// <summary>Looks at what other rooms have recorded, on every node: opens alerts, ends them, and has receivers told. Called by none of them, and in nobody's way.</summary>
/// <param name="look">Something was put into the outbox for an endpoint.</param>
internal sealed class AlertWatch(Database database, AlertBook book, JobSigns jobs, Func<FeatureFile> file, Uri? publicUrl, Action<string> look, ILogger<AlertWatch> logger) : Duty
{
    // What opens at once is told line by line up to here; more says nothing more to whoever reads a log.
    private const int MostLines = 20;

    private static readonly TimeSpan ForgetsEvery = TimeSpan.FromHours(1);

    private DateTimeOffset? _forgot;

    /// <summary>Six looks fall into the minute after which an alert is over, and a person who is called ten seconds later is not called late.</summary>
    public override TimeSpan Every => TimeSpan.FromSeconds(10);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var (at, current) = (database.Time.GetUtcNow(), file());
        var receivers = new Receivers(current.Alerts.To, publicUrl);
        var signs = await database.ReadAsync(session => SeeAsync(session, current, at.ToUnixTimeMilliseconds())).ConfigureAwait(false);
        if (await IsAnyAsync(signs, receivers, at).ConfigureAwait(false))
        {
            var noted = await database.WriteAsync(new NoteSigns(signs, receivers, at)).ConfigureAwait(false);
            Log(noted);
            if (noted.Told) foreach (var name in receivers.Names) look(name);
        }
        if (_forgot is { } forgot && at - forgot < ForgetsEvery) return DutyReport.Nothing;
        var more = await book.ForgetAsync().ConfigureAwait(false) > 0;
        if (!more) _forgot = at;
        return new DutyReport(null, more);
    }

    private async ValueTask<IReadOnlyList<Sign>> SeeAsync(Session session, FeatureFile current, long now) =>
    [
        .. await JobSigns.DeadAsync(session, current.Alerts).ConfigureAwait(false),
        .. await jobs.WaitingAsync(session, current.Alerts, now).ConfigureAwait(false),
        .. await GapSigns.GapsAsync(session, current.Alerts, now).ConfigureAwait(false),
        .. await GapSigns.MissingWorkersAsync(session).ConfigureAwait(false),
        .. await EndpointSigns.FailingAsync(session, current, now).ConfigureAwait(false),
    ];

    // Most looks change nothing, and write nothing.
    private ValueTask<bool> IsAnyAsync(IReadOnlyList<Sign> signs, Receivers receivers, DateTimeOffset at) => database.ReadAsync(async session =>
    {
        var now = at.ToUnixTimeMilliseconds();
        var known = await AlertReader.KnownAsync(session, now - (long)AlertRule.LookedAtFor.TotalMilliseconds).ConfigureAwait(false);
        return Look.At(known, signs, at).Any(one => one.IsChanged || receivers.Wants(one.After, now));
    });

    private void Log(Noted noted)
    {
        foreach (var alert in noted.Opened.Take(MostLines)) logger.LogWarning("{Alert} {Kind} is open: {Summary}", alert.Id, alert.Kind, AlertWords.Of(alert));
        if (noted.Opened.Count > MostLines) logger.LogWarning("{Count} more alerts are open: headway alerts list", noted.Opened.Count - MostLines);
        foreach (var alert in noted.Ended.Take(MostLines)) logger.LogInformation("{Alert} {Kind}: {Summary}", alert.Id, alert.Kind, AlertWords.Of(alert));
        if (noted.Ended.Count > MostLines) logger.LogInformation("{Count} more alerts are over: headway alerts list --state over", noted.Ended.Count - MostLines);
    }
}
