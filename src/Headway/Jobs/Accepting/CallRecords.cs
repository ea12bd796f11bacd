using System.Collections.Concurrent;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Accepting;

/// <summary>Records sync calls right after their answer. A record that the disk refuses is tried again, and until it is kept the door is shut.</summary>
/// <remarks>
/// Invariant: at most as many records wait for a full disk as calls were answered, or in a slot, when the first was refused: no handler begins
/// while one waits. They are written one after the other, so that the first is the probe for all.
/// </remarks>
internal sealed class CallRecords(Database database, AttemptEnds ends, RunningJobs running, ILogger<CallRecords> logger)
{
    // How far answers may run ahead of their records; beyond it each waits for its own, so that the disk sets the pace and no memory fills.
    private const int RecordsAhead = 1_000;

    private readonly ConcurrentDictionary<JobId, Task> _unrecorded = new();
    private readonly Lock _gate = new();
    private Task _line = Task.CompletedTask;
    private Refusal? _refusal;
    private int _late;

    /// <summary>What new calls are told; null: they may begin.</summary>
    public Refusal? Refusal
    {
        get
        {
            lock (_gate) return _refusal;
        }
    }

    /// <summary>Who asks about a call that was just answered waits for its record: the id in the answer is unknown only where the disk takes nothing.</summary>
    public Task RecordedAsync(JobId id) => _unrecorded.TryGetValue(id, out var written) ? HurriedAsync(written) : Task.CompletedTask;

    /// <summary>Who lists waits for all that was answered so far.</summary>
    public Task AllRecordedAsync() => _unrecorded.IsEmpty ? Task.CompletedTask : HurriedAsync(Task.WhenAll(_unrecorded.Values));

    private async Task HurriedAsync(Task written)
    {
        database.Hurry();
        await written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Completes when the caller may be answered.</summary>
    public async Task AddAsync(NewJob job, Ending ending)
    {
        var recorded = RecordAsync(job, ending);
        if (database.Backlog > RecordsAhead) await recorded.ConfigureAwait(false);
    }

    private async Task RecordAsync(NewJob job, Ending ending)
    {
        // Its caller has been answered: it may share its transaction with the calls of the next milliseconds.
        var written = database.WriteSoonAsync(new RecordCall(job, ending));
        _unrecorded[job.Origin.Id] = written;
        try
        {
            await written.ConfigureAwait(false);
        }
        catch (StorageException error) when (error.MayPass && !database.IsClosing)
        {
            logger.LogError("{Job} was answered and cannot be recorded yet; no other call is taken until it is: {Cure}", job.Origin.Id, error.Message);
            // Counted like a claimed job, so that a node that stops waits for it as for those.
            running.Claimed(1);
            lock (_gate)
            {
                _late++;
                _refusal = Refusals.Storage(error.Code, error.Message);
                _line = RecordLateAsync(_line, job, ending);
            }
        }
        catch (StorageException error)
        {
            logger.LogError("{Job} was answered but could not be recorded: {Cure}", job.Origin.Id, error.Message);
        }
        finally
        {
            _unrecorded.TryRemove(job.Origin.Id, out _);
        }
    }

    private async Task RecordLateAsync(Task before, NewJob job, Ending ending)
    {
        await before.ConfigureAwait(false);
        try
        {
            await ends.WriteAsync(job.Origin.Id, () => new RecordCall(job, ending)).ConfigureAwait(false);
            Kept();
            logger.LogInformation("{Job} is recorded now", job.Origin.Id);
        }
        catch (StorageException error)
        {
            Kept();
            logger.LogError("{Job} was answered but could not be recorded: {Cure}", job.Origin.Id, error.Message);
        }
    }

    private void Kept()
    {
        lock (_gate)
        {
            if (--_late == 0) _refusal = null;
        }
        running.Settled();
    }
}
