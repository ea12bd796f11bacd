using System.Collections.Concurrent;
using System.Globalization;
using Headway.Jobs.Storage;
using Headway.Jobs.Workers;
using Headway.Storage;
using Headway.Streams;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Running;

/// <summary>Tells whoever waits what became of jobs: those in this process at once, those on other nodes of the database within some milliseconds.</summary>
/// <remarks>
/// Invariant: a word only makes somebody look at the database. So it is told after the write that it tells of, may come twice or late, and may be lost:
/// everybody who waits for one looks for itself from time to time.
/// </remarks>
internal sealed class JobNews(
    Database database, LiveOutputs outputs, Finished finished, RunningJobs running, WorkerBell bell, Func<Claimer> claimer, ILogger<JobNews> logger)
{
    /// <summary>How often a reader says that it still reads what another node writes.</summary>
    public static readonly TimeSpan ReadsEvery = TimeSpan.FromSeconds(5);

    // One word of a reader may be late or lost.
    private static readonly TimeSpan Silence = ReadsEvery * 2.5;

    private const string Work = "pool", AnyPool = "*", Job = "job", Output = "output", Reader = "reader";

    private readonly ConcurrentDictionary<JobId, long> _readElsewhere = new();
    private long _swept;

    /// <summary>Something may have become of a job, here or on another node.</summary>
    public event Action<JobId>? Stirred;

    /// <summary>Told the endpoints for which something was put into the outbox here.</summary>
    public Action<string>? Outgoing { get; set; }

    /// <summary>From now on this node hears the others.</summary>
    public void Start() => database.Listen(Hear, LookAtAll);

    /// <summary>The pool has something to claim.</summary>
    /// <param name="tenant">Whose it is; null: of somebody.</param>
    public void Queued(long pool, string? tenant = null)
    {
        Wake(pool, tenant);
        if (database.IsShared) database.Announce(Work, pool.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A job of the pool is at an end: another of the pool may run.</summary>
    /// <param name="tenant">Whose it was, if others of the tenant may run, too, in whatever pool: it counted against a limit, or was waited for. Null: they need not be told.</param>
    public void Freed(long pool, string? tenant)
    {
        if (tenant is null)
        {
            Queued(pool);
            return;
        }
        claimer().WakeAll();
        bell.Ring(pool);
        bell.RingAll(tenant, but: pool);
        database.Announce(Work, AnyPool);
    }

    /// <summary>Some pools have something to claim.</summary>
    public void Queued()
    {
        WakeAll();
        database.Announce(Work, AnyPool);
    }

    /// <summary>The job's record says something else, or another node runs it.</summary>
    public void Changed(JobId job)
    {
        outputs.Changed(job);
        running.Tell(job);
        Stirred?.Invoke(job);
        Announce(Job, job);
    }

    /// <summary>The job has ended, or may have: whoever waits for that looks.</summary>
    /// <param name="endpoints">Those that it may have been put into the outbox for; null: none, or it is not known here, and found a little later.</param>
    public void Ended(JobId job, string? endpoints = null)
    {
        if (endpoints is not null) Outgoing?.Invoke(endpoints);
        outputs.Changed(job);
        finished.Tell(job);
        Stirred?.Invoke(job);
        Announce(Job, job);
    }

    /// <summary>Some of the job's output is in the log. Told only while somebody reads it elsewhere: here it was shown before.</summary>
    public void Logged(JobId job)
    {
        if (_readElsewhere.TryGetValue(job, out var last) && database.Now - last < Silence.TotalMilliseconds) Announce(Output, job);
    }

    /// <summary>A workflow has got something. Told on other nodes only while somebody reads it there.</summary>
    public void Stepped(JobId job)
    {
        outputs.Changed(job);
        Logged(job);
    }

    /// <summary>Somebody here reads what another node may be writing.</summary>
    public void Reads(JobId job) => Announce(Reader, job);

    // Of a database of one process nobody else is there, and each job would make words for nobody.
    private void Announce(string topic, JobId job)
    {
        if (database.IsShared) database.Announce(topic, job.Value.ToString("N"));
    }

    private void Wake(long pool, string? tenant = null)
    {
        claimer().Wake(pool);
        bell.Ring(pool, tenant);
    }

    private void WakeAll()
    {
        claimer().WakeAll();
        bell.RingAll();
    }

    private void Hear(string topic, string key)
    {
        switch (topic)
        {
            case Work when key == AnyPool:
                WakeAll();
                break;
            case Work:
                Wake(long.Parse(key, CultureInfo.InvariantCulture));
                break;
            case Job:
                HearOf(JobOf(key));
                break;
            case Output:
                outputs.Changed(JobOf(key));
                break;
            case Reader:
                HearReaderOf(JobOf(key));
                break;
        }
    }

    private void HearOf(JobId job)
    {
        outputs.Changed(job);
        finished.Tell(job);
        running.Tell(job);
        Stirred?.Invoke(job);
        if (running.AttemptOf(job) is { } attempt) _ = StopIfTakenAsync(attempt);
    }

    // Noted whether it runs here or not: the word may come while it is claimed.
    private void HearReaderOf(JobId job)
    {
        var now = database.Now;
        if (now - Interlocked.Read(ref _swept) > Silence.TotalMilliseconds)
        {
            Interlocked.Exchange(ref _swept, now);
            foreach (var old in _readElsewhere.Where(old => now - old.Value > Silence.TotalMilliseconds)) _readElsewhere.TryRemove(old);
        }
        _readElsewhere[job] = now;
        if (outputs.Find(job) is not { } output) return;
        output.WatchedElsewhere(Silence);
        // What was logged between the reader's look and its word.
        if (running.Runs(job)) Announce(Output, job);
    }

    private void LookAtAll()
    {
        WakeAll();
        outputs.AllChanged();
        finished.TellAll();
    }

    // Cancelled, or taken back: what the attempt writes is refused in any case, so it need not go on.
    // Of this attempt only: by the time it is read the next may have been claimed.
    private async Task StopIfTakenAsync(Fence attempt)
    {
        try
        {
            if (!await database.ReadAsync(session => HeldJobs.IsHeldAsync(session, attempt)).ConfigureAwait(false)) running.Stop(attempt, StopReason.LeaseLost);
        }
        catch (StorageException error)
        {
            logger.LogDebug("{Job}: whether it is still this node's cannot be read: {Reason}", attempt.Job, error.Message);
        }
    }

    private static JobId JobOf(string key) => new(Guid.ParseExact(key, "N"));
}
