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

    /// <summary>Anybody's may have ended.</summary>
    public void TellAll()
    {
        Waiting[] all;
        lock (_waiting)
        {
            all = [.. _waiting.Values];
            _waiting.Clear();
        }
        foreach (var waiting in all) waiting.Ended.TrySetResult();
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
    /// <param name="expected">What it was given: who was told and asks again must not be forgotten in its place.</param>
    public void Forget(JobId job, Task expected)
    {
        lock (_waiting)
        {
            if (_waiting.TryGetValue(job, out var waiting) && waiting.Ended.Task == expected && --waiting.Count == 0) _waiting.Remove(job);
        }
    }
}
