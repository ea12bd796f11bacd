using Headway.Jobs;

namespace Headway.AspNetCore;

/// <summary>How soon it is worth asking for an unfinished job again: the longer it has been under way, the longer the pause.</summary>
internal static class JobPace
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static TimeSpan RetryAfter(Job job, DateTimeOffset now)
    {
        var pause = job.WaitingFor?.Until is { } until ? until - now : (now - job.Created) / 4;
        return pause < Shortest ? Shortest : pause > Longest ? Longest : pause;
    }
}
