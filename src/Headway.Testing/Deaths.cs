using System.Globalization;

namespace Headway.Testing;

/// <summary>Where nodes of a test are to die, and what they have committed.</summary>
internal sealed class Deaths
{
    private readonly Lock _gate = new();
    private readonly List<Func<string, bool>> _planned = [];
    private readonly List<string> _boundaries = [];
    private bool _stopped;

    public int Count { get; private set; }

    public IReadOnlyList<string> Boundaries
    {
        get
        {
            lock (_gate) return [.. _boundaries];
        }
    }

    public void PlanAt(Func<string, bool> point)
    {
        lock (_gate) _planned.Add(point);
    }

    /// <summary>No node dies any more.</summary>
    public void Stop()
    {
        lock (_gate) _stopped = true;
    }

    /// <summary>Told of a boundary. True: the node dies there, which is one death of those that were planned.</summary>
    public bool IsAt(string boundary)
    {
        lock (_gate)
        {
            if (_stopped) return false;
            _boundaries.Add(boundary);
            var at = _planned.FindIndex(point => point(boundary));
            if (at < 0) return false;
            _planned.RemoveAt(at);
            Count++;
            return true;
        }
    }

    /// <summary>A line of the journal, whatever its kind.</summary>
    public static Func<string, bool> Journaled(string name, int occurrence, string boundary)
    {
        var ending = string.Create(CultureInfo.InvariantCulture, $" {name}{(occurrence == 1 ? "" : $" (number {occurrence})")}:{boundary}");
        return point => point.StartsWith("journal ", StringComparison.Ordinal) && point.AsSpan(point.IndexOf(' ', "journal ".Length)).SequenceEqual(ending);
    }
}
