using System.Runtime.CompilerServices;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>What becomes of the jobs of a feature or a subject, for one reader: each state that it sees them in, and no content.</summary>
/// <remarks>
/// Invariant: whoever goes on after the number of an event is told of every job that had not ended, or had not been accepted, when it was told. A number is the
/// time before which all jobs have ended and been told, so states are told again after a break and none is left out.
/// </remarks>
internal sealed class JobFeed(Database database, JobReader jobs, JobNews news, JobLooks looks, Func<string, string, byte[]> subjects)
{
    /// <summary>Jobs under way that one reader follows: who follows more wants a list.</summary>
    public const int MostFollowed = 500;

    private const int Page = 200;

    // Of one look: what was accepted in some seconds, or while a reader was away.
    private const int MostAccepted = 10_000;

    /// <summary>Acceptances become visible in another order than that of their ids, and a word may be lost.</summary>
    internal static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1), SweepEvery = TimeSpan.FromSeconds(5);

    // Events of many jobs at the same time are one look.
    private static readonly TimeSpan LookAtMostEvery = TimeSpan.FromMilliseconds(50);

    /// <param name="what">A feature or a subject.</param>
    /// <param name="after">The number of the last event that is known; null: what is accepted from this call on, whenever it is read.</param>
    /// <returns>An event without a job is the last one: too many are under way.</returns>
    public IAsyncEnumerable<FeedEvent> Watch(string tenant, JobFilter what, long? after, CancellationToken stop)
    {
        var now = database.Now;
        // Also whoever goes on may have been told of one before another that was accepted before it.
        return WatchAsync(tenant, what, after ?? now, Math.Max((after - (long)Overlap.TotalMilliseconds) ?? now, 0), stop);
    }

    private async IAsyncEnumerable<FeedEvent> WatchAsync(string tenant, JobFilter what, long newest, long first, [EnumeratorCancellation] CancellationToken stop)
    {
        using var ear = new Ear(news, looks);
        var told = new Dictionary<JobId, JobState>();
        var (swept, looked) = (database.Now, first);
        while (true)
        {
            var (stirred, heard) = ear.Take();
            var look = await looks.AtAsync(tenant, heard, stop).ConfigureAwait(false);
            // All that was accepted a while before the last look was there to be seen in it.
            var (rows, isAll) = Accepted(look, tenant, what, Math.Max(first, looked - (long)Overlap.TotalMilliseconds));
            looked = Math.Max(looked, look.At);
            var sweep = database.Now - swept >= SweepEvery.TotalMilliseconds;
            if (sweep) swept = database.Now;
            var known = told.Where(one => one.Value < JobState.Succeeded && (sweep || stirred.Contains(one.Key))).Select(one => one.Key).ToList();
            foreach (var job in rows.Concat(known.Select(look.Find).OfType<Job>()))
            {
                newest = Math.Max(newest, job.Id.Created);
                if (told.TryGetValue(job.Id, out var before) && before == job.State) continue;
                told[job.Id] = job.State;
                yield return new FeedEvent(told.Where(one => one.Value < JobState.Succeeded).Select(one => one.Key.Created).Append(newest).Min(), job);
            }
            foreach (var id in told.Where(one => one.Value >= JobState.Succeeded && one.Key.Created < newest - (long)(Overlap * 2).TotalMilliseconds).Select(one => one.Key).ToList()) told.Remove(id);
            if (!isAll || told.Count(one => one.Value < JobState.Succeeded) > MostFollowed)
            {
                yield return new FeedEvent(first, null);
                yield break;
            }
            await Task.Delay(LookAtMostEvery, database.Time, stop).ConfigureAwait(false);
            await ear.WaitAsync(LookEvery, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Those accepted since then, the oldest first.</summary>
    private (IReadOnlyList<Job> Jobs, bool IsAll) Accepted(JobLook look, string tenant, JobFilter what, long since)
    {
        if (look.Rows is { } rows && since >= look.From)
        {
            var subject = what.Subject is { } name ? subjects(tenant, name) : null;
            return ([.. rows.Where(row => row.Id.Created >= since && IsAsked(row, what, subject)).Reverse().Select(look.Open)], true);
        }
        var found = new List<Job>();
        JobId? before = null;
        do
        {
            var page = jobs.List(tenant, what with { From = JobId.FirstOf(since), After = before, Limit = Page });
            found.AddRange(page.Jobs);
            before = page.Next;
        }
        while (before is not null && found.Count <= MostAccepted);
        found.Reverse();
        return (found, before is null);
    }

    private static bool IsAsked(JobRow row, JobFilter what, byte[]? subject) =>
        (what.Feature is null || row.Feature == what.Feature) && (what.Features is null || what.Features.Contains(row.Feature)) && (subject is null || subject.AsSpan().SequenceEqual(row.Subject));

    /// <summary>Hears which jobs changed.</summary>
    private sealed class Ear : IDisposable
    {
        private readonly JobNews _news;
        private readonly JobLooks _looks;
        private readonly Lock _gate = new();
        private readonly SemaphoreSlim _heard = new(0, 1);
        private HashSet<JobId> _stirred = [];
        private bool _closed;

        public Ear(JobNews news, JobLooks looks)
        {
            (_news, _looks) = (news, looks);
            _news.Stirred += Hear;
        }

        private void Hear(JobId job)
        {
            lock (_gate)
            {
                if (_closed) return;
                // Of a flood each job is known, or found by the next sweep.
                if (_stirred.Count < MostFollowed * 4) _stirred.Add(job);
                if (_heard.CurrentCount == 0) _heard.Release();
            }
        }

        /// <summary>Which jobs changed since the last time, and the number of the last event that is among them, or a later one.</summary>
        public (HashSet<JobId> Stirred, long Heard) Take()
        {
            lock (_gate)
            {
                var taken = _stirred;
                _stirred = [];
                return (taken, _looks.Heard);
            }
        }

        public Task<bool> WaitAsync(TimeSpan most, CancellationToken stop) => _heard.WaitAsync(most, stop);

        public void Dispose()
        {
            _news.Stirred -= Hear;
            // A word may be on its way.
            lock (_gate) _closed = true;
            _heard.Dispose();
        }
    }
}

/// <param name="Number">From where a reader goes on.</param>
/// <param name="Job">As it is now; null: there are more than can be followed.</param>
internal sealed record FeedEvent(long Number, Job? Job);
