using Headway.Features;

namespace Headway.Models.Limits;

/// <summary>Who waits for a model: a line for each tenant, served in turn.</summary>
/// <remarks>Invariant: between two turns of a tenant each other tenant has at most one, so a thousand calls of one delay another's single call by
/// one turn. A tenant that comes anew is last in the circle. Not safe for use by several at once.</remarks>
internal sealed class FairLine
{
    /// <summary>All who wait for one model: as many as wait are kept in memory, and more could not be served in a time that anybody waits.</summary>
    public const int Most = 10_000;

    /// <summary>Of one tenant, so that it cannot fill the line for the others.</summary>
    public const int MostOfTenant = 2_000;

    private readonly Dictionary<string, LinkedListNode<TenantLine>> _lines = new(StringComparer.Ordinal);
    private readonly LinkedList<TenantLine> _circle = new();

    public int Count { get; private set; }

    /// <summary>Tokens of all who wait.</summary>
    public long Tokens { get; private set; }

    /// <summary>Whose turn it is; null: nobody waits.</summary>
    public Waiter? First => _circle.First?.Value.Waiters.First?.Value;

    public bool HasRoom(string tenant) => Count < Most && (!_lines.TryGetValue(tenant, out var line) || line.Value.Waiters.Count < MostOfTenant);

    public void Add(Waiter waiter)
    {
        if (!_lines.TryGetValue(waiter.Tenant, out var line)) _lines[waiter.Tenant] = line = _circle.AddLast(new TenantLine());
        waiter.Place = line.Value.Waiters.AddLast(waiter);
        Count++;
        Tokens += waiter.Tokens;
    }

    /// <summary>Takes the first; its tenant's next turn comes after everybody else's.</summary>
    public Waiter Take()
    {
        var first = First!;
        var line = _lines[first.Tenant];
        Remove(first);
        if (line.List is not null)
        {
            _circle.Remove(line);
            _circle.AddLast(line);
        }
        return first;
    }

    /// <summary>False: it waits no more.</summary>
    public bool Remove(Waiter waiter)
    {
        if (waiter.Place is not { } place) return false;
        var line = _lines[waiter.Tenant];
        line.Value.Waiters.Remove(place);
        waiter.Place = null;
        Count--;
        Tokens -= waiter.Tokens;
        if (line.Value.Waiters.Count > 0) return true;
        _circle.Remove(line);
        _lines.Remove(waiter.Tenant);
        return true;
    }

    /// <summary>How many are served before the last of a tenant.</summary>
    public int Before(string tenant)
    {
        var own = _lines[tenant].Value.Waiters.Count;
        return _circle.Sum(line => Math.Min(line.Waiters.Count, own)) - 1;
    }

    /// <summary>All, in the order in which they will be served. The line may change meanwhile.</summary>
    public IReadOnlyList<Waiter> InTurn()
    {
        var order = new List<Waiter>(Count);
        var places = _circle.Select(line => line.Waiters.First).ToList();
        while (places.Count > 0)
        {
            order.AddRange(places.Select(place => place!.Value));
            places = [.. places.Select(place => place!.Next).Where(next => next is not null)];
        }
        return order;
    }

    private sealed class TenantLine
    {
        public LinkedList<Waiter> Waiters { get; } = new();
    }
}

/// <summary>A call that waits to be let through.</summary>
internal sealed class Waiter(ModelDefinition model, string tenant, long tokens, TimeSpan givesUp, AttemptWaits waits)
{
    public ModelDefinition Model => model;
    public string Tenant => tenant;
    public long Tokens => tokens;

    /// <summary>On the gate's clock.</summary>
    public TimeSpan GivesUp => givesUp;

    /// <summary>When it is thought to be let through, on the gate's clock; null: not known.</summary>
    public TimeSpan? Expected { get; set; }

    public AttemptWaits Waits => waits;

    /// <summary>What those who ask are told.</summary>
    public ModelWait? Told { get; set; }

    public LinkedListNode<Waiter>? Place { get; set; }

    public TaskCompletionSource<GateEntry> Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
