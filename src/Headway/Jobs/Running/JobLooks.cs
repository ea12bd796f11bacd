using System.Collections.Concurrent;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>What was accepted lately, and jobs as they are now: looked at once for all feeds of a tenant that heard of the same events.</summary>
/// <remarks>
/// Invariant: whoever has heard of an event is given what was read after it. Each event has a number; a look is shared by all who have heard of none that came after it began.
/// </remarks>
internal sealed class JobLooks
{
    // Acceptances of a few seconds. A busier tenant's feeds each look at what is theirs, which is less.
    private const int MostShared = 1_000;

    // Twice what a feed goes back.
    private static readonly TimeSpan Since = JobFeed.Overlap * 2;

    // Events that come one after the other are one look. Who hears of a later one waits so long, together with all others who do.
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(50);

    // A thousand rows each.
    private const int MostTenants = 200;

    // A word may be lost: who looks because time has passed is given nothing older.
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(250);

    private readonly Database _database;
    private readonly JobReader _jobs;
    private readonly ConcurrentDictionary<string, Task<JobLook>> _last = new(StringComparer.Ordinal);
    private long _heard;
    private long _looks;

    public JobLooks(Database database, JobReader jobs, JobNews news)
    {
        (_database, _jobs) = (database, jobs);
        news.Stirred += _ => Interlocked.Increment(ref _heard);
    }

    /// <summary>How often the database was asked what was accepted.</summary>
    public long Looks => Interlocked.Read(ref _looks);

    /// <summary>The number of the last event that this node has heard of.</summary>
    public long Heard => Interlocked.Read(ref _heard);

    /// <param name="heard">The number of the last event that the feed has heard of.</param>
    public async ValueTask<JobLook> AtAsync(string tenant, long heard, CancellationToken stop)
    {
        while (true)
        {
            if (_last.TryGetValue(tenant, out var last))
            {
                var look = await last.ConfigureAwait(false);
                var age = TimeSpan.FromMilliseconds(_database.Now - look.At);
                if (look.Heard >= heard && age <= Fresh) return look;
                if (age >= TimeSpan.Zero && age < AtMostEvery)
                {
                    await Task.Delay(AtMostEvery - age, _database.Time, stop).ConfigureAwait(false);
                    continue;
                }
            }
            if (_last.Count >= MostTenants) _last.Clear();
            var made = new TaskCompletionSource<JobLook>(TaskCreationOptions.RunContinuationsAsynchronously);
            // Of those who want a new one, one makes it.
            if (!(last is null ? _last.TryAdd(tenant, made.Task) : _last.TryUpdate(tenant, made.Task, last))) continue;
            return Make(tenant, made);
        }
    }

    private JobLook Make(string tenant, TaskCompletionSource<JobLook> made)
    {
        try
        {
            // First the number, then the read.
            var (heard, at) = (Heard, _database.Now);
            var from = Math.Max(0, at - (long)Since.TotalMilliseconds);
            var rows = _jobs.Rows(tenant, new JobFilter { From = JobId.FirstOf(from), Limit = MostShared });
            Interlocked.Increment(ref _looks);
            var look = new JobLook(_jobs, tenant, heard, at, from, rows.Count > MostShared ? null : rows);
            made.SetResult(look);
            return look;
        }
        catch (Exception error)
        {
            _last.TryRemove(new KeyValuePair<string, Task<JobLook>>(tenant, made.Task));
            made.SetException(error);
            throw;
        }
    }
}

/// <summary>What one look has shown, and will show of single jobs.</summary>
/// <param name="Heard">The last event before it.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
/// <param name="From">Since when its rows were accepted.</param>
/// <param name="Rows">The newest first; null: more than are shared.</param>
internal sealed record JobLook(JobReader Jobs, string Tenant, long Heard, long At, long From, IReadOnlyList<JobRow>? Rows)
{
    private readonly ConcurrentDictionary<JobId, Lazy<Job?>> _opened = new();

    /// <summary>As it is now, or was when another feed asked. Null: it is gone.</summary>
    public Job? Find(JobId id) => _opened.GetOrAdd(id, static (job, look) => new Lazy<Job?>(() => look.Jobs.Row(look.Tenant, job) is { } row ? look.Jobs.Listed(row, detailed: true) : null), this).Value;

    public Job Open(JobRow row) => _opened.GetOrAdd(row.Id, static (_, of) => new Lazy<Job?>(() => of.Look.Jobs.Listed(of.Row, detailed: false)), (Look: this, Row: row)).Value!;
}
