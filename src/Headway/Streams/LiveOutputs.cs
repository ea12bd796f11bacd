using System.Collections.Concurrent;

namespace Headway.Streams;

/// <summary>The output of jobs while somebody in this process writes or watches it.</summary>
internal sealed class LiveOutputs
{
    private readonly ConcurrentDictionary<JobId, LiveOutput> _outputs = new();

    public LiveOutput? Find(JobId job) => _outputs.GetValueOrDefault(job);

    /// <summary>For the attempt that writes. The same object serves those who watched before it began.</summary>
    public LiveOutput Open(JobId job)
    {
        while (true)
        {
            var output = _outputs.GetOrAdd(job, id => new LiveOutput(id, Drop));
            if (output.TryHold()) return output;
        }
    }

    /// <summary>Sees everything from now on, and whatever was shown before but is not yet in the log.</summary>
    /// <param name="ofLog">Only what is in the log: the watch tells when there is more.</param>
    public OutputWatch Watch(JobId job, bool ofLog = false)
    {
        while (true)
        {
            if (_outputs.GetOrAdd(job, id => new LiveOutput(id, Drop)).TryWatch(ofLog) is { } watch) return watch;
        }
    }

    /// <summary>Tells those who watch that the job's record changed.</summary>
    public void Changed(JobId job) => Find(job)?.Changed();

    /// <summary>Tells all who watch anything.</summary>
    public void AllChanged()
    {
        foreach (var output in _outputs.Values) output.Changed();
    }

    private void Drop(LiveOutput output) => _outputs.TryRemove(new KeyValuePair<JobId, LiveOutput>(output.Job, output));
}
