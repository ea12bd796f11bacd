using System.Collections.Concurrent;

namespace Headway.Jobs.Workers;

/// <summary>How long the attempts that workers end with this node take, pool by pool: what a longer one is charged for.</summary>
internal sealed class WorkerPaces
{
    // As of the pools of nodes.
    private const int Remembered = 20;

    private readonly ConcurrentDictionary<long, (TimeSpan Pace, int Measured)> _paces = new();

    /// <summary>Null: nothing has ended there yet.</summary>
    public TimeSpan? Of(long pool) => _paces.TryGetValue(pool, out var known) ? known.Pace : null;

    // The mean of the first ones, then one that forgets: the very first alone says little.
    public void Note(long pool, TimeSpan took) => _paces.AddOrUpdate(pool, (took, 1), (_, known) =>
    {
        var measured = Math.Min(known.Measured + 1, Remembered);
        return (known.Pace + ((took - known.Pace) / measured), measured);
    });
}
