using System.Diagnostics;
using Headway.Jobs;

namespace Headway.Testing;

/// <summary>Moves the clock of a test from one thing that is due to the next, and tells when all is still.</summary>
internal sealed class Clockwork(WorkflowTestHost host)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    // A pause between two tries that a workflow waits for while it holds its place.
    private static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(1);

    // Looks that find the same short pause: whoever sets it and goes on at once is not taken for waiting.
    private const int SurelyPausing = 10;

    // A step that still runs after that is waiting for the clock; for a test that moves it.
    private static readonly TimeSpan StepPatience = TimeSpan.FromSeconds(2);

    /// <summary>Waits until all is still, with the clock where it is, but for pauses of up to a second between two tries.</summary>
    public Task RestAsync() => StillAsync(null);

    public async Task AdvanceAsync(TimeSpan by)
    {
        var end = host.Now + by;
        var hung = new Hung();
        await StillAsync(hung).ConfigureAwait(false);
        while (host.Now < end)
        {
            var node = await host.NodeAsync().ConfigureAwait(false);
            node.Time.MoveTo(Earliest(NextOf(node), hung.Next(node), end) ?? end);
            await StillAsync(hung).ConfigureAwait(false);
        }
    }

    /// <summary>Moves the clock to what is due next. False: nothing is due, however late it gets.</summary>
    public async Task<bool> AdvanceToNextAsync()
    {
        await StillAsync(null).ConfigureAwait(false);
        var node = await host.NodeAsync().ConfigureAwait(false);
        if (NextOf(node) is not { } next) return false;
        node.Time.MoveTo(next);
        await StillAsync(null).ConfigureAwait(false);
        return true;
    }

    private static DateTimeOffset? NextOf(TestNode node) => node.Queue().Min(job => job.Due);

    private static DateTimeOffset? Earliest(params ReadOnlySpan<DateTimeOffset?> times)
    {
        DateTimeOffset? earliest = null;
        foreach (var time in times)
        {
            if (!(earliest <= time)) earliest = time ?? earliest;
        }
        return earliest;
    }

    /// <param name="hung">What may go on because it waits for the clock; null: nothing may.</param>
    private async Task StillAsync(Hung? hung)
    {
        var began = Stopwatch.GetTimestamp();
        DateTimeOffset? pause = null;
        for (var looks = 0; ; looks++)
        {
            var node = await host.NodeAsync().ConfigureAwait(false);
            var queue = node.Queue();
            var now = node.Time.GetUtcNow();
            if (!node.IsDead)
            {
                // What a dead node held comes again after a pause that no test has asked for: it comes at once, and the clock stays.
                if (queue.Any(job => job is { State: JobState.Scheduled, Why: "crash" } && job.Due > now)) await node.HurryCrashedAsync().ConfigureAwait(false);
                else if (queue.All(job => job.State is JobState.Scheduled or JobState.Waiting or JobState.Paused && !(job.Due <= now)) && !node.HasSatisfied()) return;
                else if (queue.Any(job => job.State is JobState.Running) && node.UnderWay == 0 && node.Time.NextDue(ShortPause) is { } due)
                {
                    if (due != pause) (pause, looks) = (due, 0);
                    else if (looks >= SurelyPausing) node.Time.MoveTo(due);
                }
                else if (hung?.IsAll(node) == true && looks >= SurelyPausing) return;
            }
            var waited = Stopwatch.GetElapsedTime(began);
            if (hung is not null && waited > StepPatience && node.UnderWay > 0) hung.Note(node);
            else if (waited > host.Setup.Patience) throw new WorkflowTestException(Say(node, queue));
            await Task.Delay(Look, TimeProvider.System).ConfigureAwait(false);
        }
    }

    private string Say(TestNode node, IReadOnlyList<(JobState State, DateTimeOffset? Due, string? Why)> queue) =>
        $"Work still goes on after {host.Setup.Patience.TotalSeconds:0.#} s: {string.Join(", ", queue.GroupBy(job => job.State).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}"))}, {node.UnderWay} steps or features under way. "
        + $"Begun last: {(host.Worked is [.., var last] ? last : "nothing")}. If it waits for the clock, which is at {node.Time.GetUtcNow():O}, advance it; if it takes that long, set Patience of the setup.";

    /// <summary>Work that goes on while the clock stands still, because it waits for the clock.</summary>
    private sealed class Hung
    {
        private (int UnderWay, int Begun)? _noted;
        private TimeSpan _stride = TimeSpan.FromMilliseconds(1);

        public void Note(TestNode node) => _noted = (node.UnderWay, node.Host.Worked.Count);

        public bool IsAll(TestNode node) => _noted == (node.UnderWay, node.Host.Worked.Count);

        /// <summary>The next timer that may be what is waited for; further and further ahead, so that a short beat does not make a day long.</summary>
        public DateTimeOffset? Next(TestNode node)
        {
            if (node.UnderWay == 0) return null;
            var now = node.Time.GetUtcNow();
            var next = node.Time.NextDue();
            _stride *= 2;
            return next is null || next > now + _stride ? next : now + _stride;
        }
    }
}
