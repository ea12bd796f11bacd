using System.Globalization;
using Headway.Budgets;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>What happened to a job: its attempts and its audit events.</summary>
internal sealed class History(Database database, JobReader jobs)
{
    private static readonly Sql ReadAttempts = Sql.At("Jobs/Storage/ReadAttempts");
    private static readonly Sql ReadEvents = Sql.At("Audit/ReadEvents");

    /// <summary>Oldest first; the one that ended the job, or is under way, comes from the record.</summary>
    public IReadOnlyList<AttemptRecord> Attempts(string tenant, JobId id)
    {
        if (jobs.Row(tenant, id) is not { } row) return [];
        var attempts = database.Read(async session =>
        {
            var list = new List<AttemptRecord>();
            using var read = session.Use(ReadAttempts).Bind(1, id);
            while (await read.StepAsync().ConfigureAwait(false))
            {
                var failure = read.IsNull(9) ? null : new SealedFailure(read.Text(9)!, (FailureKind)read.Int64(10), read.Text(11) ?? "", read.Blob(12));
                list.Add(new AttemptRecord(read.Int32(0), read.Time(1), read.Time(2), read.Text(3)!, read.Text(4), read.Text(5),
                    new Usage(read.Int64(6), read.Int64(7), Money.ToUsd(read.Int64(8))), failure is null ? null : jobs.FailureOf(row, failure)));
            }
            return list;
        });
        if (row.Attempt > 0 && row.State is not (JobState.Queued or JobState.Scheduled) && attempts.All(attempt => attempt.Number != row.Attempt)) attempts.Add(Last(row));
        var calls = database.Read(session => ModelCalls.ReadAsync(session, id)).ToLookup(call => call.Attempt, call => call.Call);
        return attempts.ConvertAll(attempt => attempt with { Calls = [.. calls[attempt.Number]] });
    }

    private AttemptRecord Last(JobRow row) => new(
        row.Attempt, row.Started ?? row.Created, row.Finished, row.State.ToString().ToLowerInvariant(), row.Node, row.Model, row.Usage,
        row.Failure is null ? null : jobs.FailureOf(row, row.Failure));

    public IReadOnlyList<AuditEntry> Audit(string tenant, JobId id) => database.Read(async session =>
    {
        var entries = new List<AuditEntry>();
        using var read = session.Use(ReadEvents).Bind(1, id).Bind(2, tenant);
        while (await read.StepAsync().ConfigureAwait(false))
        {
            var at = read.Int64(0);
            var job = read.JobId(6);
            entries.Add(new AuditEntry(
                string.Create(CultureInfo.InvariantCulture, $"{job.Value:N}-{at}"), DateTimeOffset.FromUnixTimeMilliseconds(at / 1_000).AddMicroseconds(at % 1_000), read.Text(1)!, read.Text(2)!, read.Text(3)!,
                read.Text(4) ?? "", read.Int32(5), job, read.Blob(7) is { } subject ? Convert.ToHexStringLower(subject) : null, read.Text(8),
                ((DataClass)read.Int64(9)).ToString().ToLowerInvariant(), read.Text(10), read.Text(11), read.Text(12), read.Text(13), read.Text(14) ?? job.ToString()));
        }
        return entries;
    });
}
