namespace Headway.Jobs.Running;

/// <summary>Wakes those in this process who wait for a job to end.</summary>
internal sealed class Finished
{
    private sealed class Waiting
    {
        public readonly TaskCompletionSource Ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public int Count;
    }

    private readonly Dictionary<JobId, Waiting> _waiting = [];

    /// <summary>Ask first, then look at the record, then wait: an end between asking and waiting is not missed. Forget when done.</summary>
    public Task Expect(JobId job)
    {
        lock (_waiting)
        {
            if (!_waiting.TryGetValue(job, out var waiting)) _waiting[job] = waiting = new Waiting();
            waiting.Count++;
            return waiting.Ended.Task;
        }
    }

    public void Tell(JobId job)
    {
        Waiting? waiting;
        lock (_waiting)
        {
            if (!_waiting.Remove(job, out waiting)) return;
        }
        waiting.Ended.TrySetResult();
    }

    /// <summary>One of those who asked waits no more.</summary>
    public void Forget(JobId job)
    {
        lock (_waiting)
        {
            if (_waiting.TryGetValue(job, out var waiting) && --waiting.Count == 0) _waiting.Remove(job);
        }
    }
}
