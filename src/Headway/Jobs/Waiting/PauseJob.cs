using Headway.Audit;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Waiting;

/// <summary>Takes a job aside until it is resumed; of one that runs and can rest, as soon as it does.</summary>
/// <param name="rests">Whether its work gives up its place by itself now and then, as workflows do.</param>
/// <param name="weight">Of its tenant.</param>
internal sealed class PauseJob(JobId job, string tenant, int priority, bool rests, int weight, AuditEvent paused, long now) : Write<Paused>
{
    /// <summary>Of a job that does not run.</summary>
    public static readonly Sql Pause = Sql.At("Jobs/Waiting/Pause");

    /// <summary>Of one that does.</summary>
    public static readonly Sql Ask = Sql.At("Jobs/Waiting/Ask");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(job), Wakes.On(job)];

    protected override async ValueTask<Paused> ApplyAsync(Session session)
    {
        if (await Wakes.LockAsync(session, job).ConfigureAwait(false) is not { } found) return Paused.Over;
        if (found.State is JobState.Paused || found.Asked is Asked.Pause) return Paused.Already;
        if (found.Asked is Asked.Cancel) return Paused.Cancelling;
        if (found.State is JobState.Running && !rests) return Paused.Busy;
        AuditTrail.Append(session, paused, now);
        if (found.State is JobState.Running)
        {
            session.Use(Ask).Bind(1, (long)Asked.Pause).Bind(2, job).Send();
            return Paused.Asked;
        }
        if (found.State is JobState.Queued) Turns.GiveBack(session, found.Pool, tenant, priority, weight);
        session.Use(Pause).Bind(1, job).Send();
        return Paused.Done;
    }
}

/// <summary>What became of it. Asked: it runs, and is paused when it rests. Busy: it runs, and cannot rest.</summary>
internal enum Paused { Done, Asked, Already, Busy, Cancelling, Over }

/// <summary>Lets a paused job go on where it was, or one that was to be paused and runs yet.</summary>
/// <param name="weight">Of its tenant.</param>
internal sealed class ResumeJob(JobId job, Func<string, int> weight, AuditEvent resumed, long now) : Write<Resumed>
{
    private static readonly Sql Resume = Sql.At("Jobs/Waiting/Resume");
    private static readonly Sql IsQueued = Sql.At("Jobs/Waiting/LockWaiting");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(job), Wakes.On(job)];

    protected override async ValueTask<Resumed> ApplyAsync(Session session)
    {
        if (await Wakes.LockAsync(session, job).ConfigureAwait(false) is not { } found) return Resumed.Over;
        if (found.State is not JobState.Paused)
        {
            if (found.Asked is not Asked.Pause) return Resumed.WasNot;
            session.Use(PauseJob.Ask).Bind(1, (long?)null).Bind(2, job).Send();
            AuditTrail.Append(session, resumed, now);
            return Resumed.GoesOn;
        }
        AuditTrail.Append(session, resumed, now);
        session.Use(Resume).Bind(1, now).Bind(2, job).Send();
        using var after = session.Use(IsQueued).Bind(1, job);
        if (!await after.StepAsync().ConfigureAwait(false) || (JobState)after.Int64(0) is not JobState.Queued) return Resumed.GoesOn;
        await Turns.TakeAsync(session, [new Arrival(job, found.Pool, ComesBack: true)], weight).ConfigureAwait(false);
        return Resumed.Queued;
    }
}

/// <summary>What became of it. WasNot: it was not paused.</summary>
internal enum Resumed { GoesOn, Queued, WasNot, Over }
