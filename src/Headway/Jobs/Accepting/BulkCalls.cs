using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Many calls of one async or hybrid version at once: accepted by one write, each with its own verdict. None is waited for.</summary>
/// <remarks>What the storage refuses hurts the line it refused: those that are durable are told so, whatever became of the others.</remarks>
internal sealed class BulkCalls(Database database, Preparation preparation, Pools pools, Claimer claimer, JobNews news, AnswersAgain again, Admission admission, TenantTerms tenants, CallRates rates, QueuedCalls queued)
{
    /// <summary>The verdicts in the order of the calls; durable when it returns.</summary>
    public async Task<IReadOnlyList<Verdict>> AcceptAsync(IReadOnlyList<Call> calls, CancellationToken stop)
    {
        var verdicts = new Verdict[calls.Count];
        var (apart, together, keys) = (new List<int>(), new List<(int Index, Prepared Prepared)>(calls.Count), new HashSet<Claim>());
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (calls[i].Deadline <= database.Time.GetUtcNow())
            {
                verdicts[i] = new Verdict(null, Submission.New, Refusals.DeadlinePassed);
                continue;
            }
            try
            {
                if (await rates.JudgeAsync(calls[i], stop).ConfigureAwait(false) is { } over)
                {
                    verdicts[i] = new Verdict(null, Submission.New, over);
                    continue;
                }
                var prepared = await preparation.PrepareAsync(calls[i], withInput: true, stop).ConfigureAwait(false);
                // An answer that is there costs no place in the queue, and a key that is held may: such a call goes the way of any other.
                if (prepared.Job.Hold is not null || calls[i].Cache.OnlyIfCached || (calls[i].Feature.Cache is not null && again.Find(calls[i], prepared.Work) is not null)) apart.Add(i);
                // One whose key a line before it has is given that line's job.
                else if ((prepared.Job.Claims is not [var key, ..] || keys.Add(key)) && admission.Judge(calls[i], prepared.Job) is { } late) verdicts[i] = new Verdict(null, Submission.New, late);
                else together.Add((i, prepared));
            }
            catch (StorageException error)
            {
                verdicts[i] = Failed(error);
            }
        }
        // Both to their end, whatever becomes of one: what is not awaited would go on accepting lines of which something else was told.
        await Task.WhenAll(AcceptApartAsync(calls, apart, verdicts, stop), AcceptTogetherAsync(calls, together, verdicts)).ConfigureAwait(false);
        return verdicts;
    }

    private async Task AcceptTogetherAsync(IReadOnlyList<Call> calls, List<(int Index, Prepared Prepared)> together, Verdict[] verdicts)
    {
        if (together.Count == 0) return;
        try
        {
            await WriteAsync(calls, together, verdicts).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            foreach (var (index, _) in together) verdicts[index] = Failed(error);
        }
    }

    private async Task WriteAsync(IReadOnlyList<Call> calls, List<(int Index, Prepared Prepared)> together, Verdict[] verdicts)
    {
        var (feature, registered) = (calls[together[0].Index].Feature, together[0].Prepared.Registered);
        claimer.Serve(registered);
        var pool = pools.For(feature);
        var tenant = calls[together[0].Index].Caller.Tenant;
        var accepted = await database.WriteAsync(new AcceptJobs([.. together.Select(one => one.Prepared.Job)])
        {
            Room = pool.Room,
            QueuedLimit = feature.Pool.Queued,
            TenantRoom = tenants.QueuedOf(tenant) is null ? null : tenants.RoomOf(tenant),
            TenantQueuedLimit = tenants.QueuedOf(tenant) ?? 0,
        }).ConfigureAwait(false);
        if (together.Where((one, n) => accepted[n] is Acceptance.Accepted && one.Prepared.Job.Due is null).Any()) news.Queued(registered.Pool, tenant);
        for (var n = 0; n < together.Count; n++)
        {
            verdicts[together[n].Index] = accepted[n] switch
            {
                Acceptance.Accepted => new Verdict(together[n].Prepared.Job.Origin.Id, Submission.New),
                Acceptance.Repeat { Same: true } repeat => new Verdict(repeat.Job, Submission.Existing),
                Acceptance.Repeat => new Verdict(null, Submission.New, Refusals.Mismatch),
                Acceptance.OverBudget over => new Verdict(null, Submission.New, Refusals.OverBudget(over.Refusal, database.Time.GetUtcNow())),
                Acceptance.TenantFull => new Verdict(null, Submission.New, Refusals.TenantQueueFull(tenant, tenants.QueuedOf(tenant) ?? 0, pool)),
                _ => new Verdict(null, Submission.New, admission.QueueFull(calls[together[n].Index], registered.Pool)),
            };
        }
    }

    // One after the other, so that of two with the same key the later one is the later one.
    private async Task AcceptApartAsync(IReadOnlyList<Call> calls, List<int> apart, Verdict[] verdicts, CancellationToken stop)
    {
        foreach (var i in apart)
        {
            try
            {
                verdicts[i] = await queued.AnswerAsync(calls[i] with { TakesNoResult = true }, stop).ConfigureAwait(false) switch
                {
                    Answer.Accepted accepted => new Verdict(accepted.Job.Id, accepted.How),
                    Answer.Refused refused => new Verdict(null, Submission.New, refused.Refusal),
                    var other => throw new InvalidOperationException($"A queued call that takes no result was answered with {other.GetType().Name}."),
                };
            }
            catch (StorageException error)
            {
                verdicts[i] = Failed(error);
            }
        }
    }

    private static Verdict Failed(StorageException error) => new(null, Submission.New, Refusals.Storage(error.Code, error.Message));
}

/// <summary>What became of one of many calls.</summary>
/// <param name="Job">Null: refused.</param>
internal readonly record struct Verdict(JobId? Job, Submission How, Refusal? Refusal = null);
