namespace Headway.Models.Failover;

/// <summary>Parameters that a model did not know, so that each call after the first does without them at once.</summary>
/// <remarks>Forgotten after a while, because servers learn; bounded, because the names are the server's own words.</remarks>
internal sealed class RefusedParameters(TimeProvider time)
{
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    // More than any API has hints.
    public const int Most = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Known
    {
        get
        {
            lock (_gate)
            {
                if (_until.Count == 0) return [];
                Forget(time.GetUtcNow());
                return [.. _until.Keys];
            }
        }
    }

    public void Note(string parameter)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            Forget(now);
            if (_until.Count >= Most && !_until.ContainsKey(parameter)) _until.Remove(_until.MinBy(known => known.Value).Key);
            _until[parameter] = now + Kept;
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var old in _until.Where(known => known.Value <= now).Select(known => known.Key).ToList()) _until.Remove(old);
    }
}
