using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Headway.Payloads;

/// <summary>
/// A bounded cache that forgets what was used least recently, in two generations: when the young one is full it becomes the old one,
/// and what is still wanted moves back. Reading takes no lock, which a linked list in strict order would need.
/// </summary>
internal sealed class RecentlyUsed<TKey, TValue>(int capacity)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<TKey, TValue> _young = new();
    private volatile ConcurrentDictionary<TKey, TValue> _old = new();

    // ConcurrentDictionary.Count locks every bucket; additions are counted here instead.
    private int _added;

    public bool TryGet(TKey key, [NotNullWhen(true)] out TValue? value)
    {
        if (_young.TryGetValue(key, out value)) return true;
        if (!_old.TryGetValue(key, out value)) return false;
        Set(key, value);
        return true;
    }

    /// <summary>A walk of all that is kept.</summary>
    /// <remarks>The old generation first and again at the end: whoever found a value there may be moving it to the young one.</remarks>
    public void RemoveWhere(Func<TValue, bool> which)
    {
        lock (_turn)
        {
            foreach (var generation in new[] { _old, _young, _old, _young })
            {
                foreach (var kept in generation.Where(kept => which(kept.Value))) generation.TryRemove(kept);
            }
        }
    }

    public void Set(TKey key, TValue value)
    {
        _young[key] = value;
        if (Interlocked.Increment(ref _added) < capacity / 2) return;
        lock (_turn)
        {
            if (_added < capacity / 2) return;
            _old = _young;
            _young = new ConcurrentDictionary<TKey, TValue>();
            _added = 0;
        }
    }
}
