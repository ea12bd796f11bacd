using Headway.Access;

namespace Headway.AspNetCore.Events;

/// <summary>How many connections a caller, and all callers together, hold open on this node.</summary>
/// <remarks>A key that is lost in a loop, or a page that connects again and again, must not take what the others need: each connection costs memory and reads.</remarks>
internal sealed class SocketSeats
{
    /// <summary>A product's servers behind one key, some connections each; each of them carries many subscriptions.</summary>
    public const int MostPerCaller = 100;

    /// <summary>With what may wait for each (<see cref="UnsentEvents"/>) a quarter of a gigabyte, if nobody reads.</summary>
    public const int MostPerNode = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string Who), int> _taken = [];
    private int _all;

    /// <summary>A seat that is given back when it is disposed of. Null: there is none.</summary>
    /// <param name="isCallersOwn">Whether it is the caller who has too many, and not all together.</param>
    public IDisposable? Take(Caller caller, out bool isCallersOwn)
    {
        // Where nobody shows a key everybody is called the same, and is told apart by address.
        var who = (caller.Tenant, caller.Actor == Caller.Local.Actor ? $"{caller.Actor} {caller.Address}" : caller.Actor);
        lock (_gate)
        {
            var taken = _taken.GetValueOrDefault(who);
            isCallersOwn = taken >= MostPerCaller;
            if (isCallersOwn || _all >= MostPerNode) return null;
            _taken[who] = taken + 1;
            _all++;
        }

        return new Seat(this, who);
    }

    private void GiveBack((string, string) who)
    {
        lock (_gate)
        {
            _all--;
            if (--_taken[who] == 0) _taken.Remove(who);
        }
    }

    private sealed class Seat(SocketSeats seats, (string, string) who) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0) seats.GiveBack(who);
        }
    }
}
