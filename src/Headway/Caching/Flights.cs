namespace Headway.Caching;

/// <summary>Identical calls that are under way at once: one of them asks, the others wait for its answer.</summary>
/// <remarks>
/// Invariants. Of one key at most one flight is open, so at most one call asks. A flight that ends without an answer is closed before those who wait
/// are told, so that the first of them opens the next and the others wait again. The work is stopped only when neither the one that asks nor anybody
/// who waits is there any more, and such a flight is closed in the same moment: nobody joins work that is being stopped.
/// </remarks>
internal sealed class Flights<TAnswer>
    where TAnswer : class
{
    /// <summary>Each is a caller that is kept; beyond it a call goes its own way, to the pool and its bounds.</summary>
    private const int MostWaiting = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Flight> _open = [];

    /// <summary>Null: too many wait already.</summary>
    /// <param name="leads">True: the caller asks, and ends the flight.</param>
    public Flight? Join(byte[] key, out bool leads)
    {
        var id = new Guid(key);
        lock (_gate)
        {
            leads = !_open.TryGetValue(id, out var flight);
            if (flight is null) return _open[id] = new Flight(id);
            if (flight.Waiting >= MostWaiting) return null;
            flight.Waiting++;
            return flight;
        }
    }

    /// <summary>The answer of a flight that has ended and is not found in the cache yet.</summary>
    public TAnswer? AnswerOf(byte[] key)
    {
        lock (_gate) return _open.TryGetValue(new Guid(key), out var flight) ? flight.Answer : null;
    }

    /// <summary>One who waited has its answer, or waits no more.</summary>
    public void Leave(Flight flight)
    {
        lock (_gate)
        {
            flight.Waiting--;
            StopIfNobodyIsThere(flight);
        }
    }

    /// <summary>The caller of the one who asks is gone. Its work goes on for those who wait.</summary>
    public void LeaderLeft(Flight flight)
    {
        lock (_gate)
        {
            flight.LeaderIsGone = true;
            StopIfNobodyIsThere(flight);
        }
    }

    /// <summary>Tells those who wait; null: there is no answer, and the next of them asks.</summary>
    /// <param name="kept">With an answer: completes when it is found in the cache. Until then who comes gets it here.</param>
    public void End(Flight flight, TAnswer? answer, Task kept)
    {
        lock (_gate) flight.Answer = answer;
        if (answer is null || kept.IsCompleted) Close(flight);
        else _ = CloseAfterAsync(flight, kept);
        flight.Answered.TrySetResult(answer);
    }

    private async Task CloseAfterAsync(Flight flight, Task kept)
    {
        await kept.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Close(flight);
    }

    private void Close(Flight flight)
    {
        lock (_gate) Remove(flight);
    }

    private void Remove(Flight flight)
    {
        if (_open.TryGetValue(flight.Id, out var open) && open == flight) _open.Remove(flight.Id);
    }

    private void StopIfNobodyIsThere(Flight flight)
    {
        if (!flight.LeaderIsGone || flight.Waiting > 0 || flight.Answered.Task.IsCompleted) return;
        Remove(flight);
        // Off this thread: what is cancelled runs code of its own.
        _ = flight.Nobody.CancelAsync();
    }

    /// <summary>What identical calls share.</summary>
    public sealed class Flight(Guid id)
    {
        internal Guid Id => id;
        internal int Waiting { get; set; }
        internal bool LeaderIsGone { get; set; }
        internal TAnswer? Answer { get; set; }
        internal CancellationTokenSource Nobody { get; } = new();
        internal TaskCompletionSource<TAnswer?> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Cancelled when nobody is there for the answer.</summary>
        public CancellationToken NobodyIsThere => Nobody.Token;

        /// <summary>The answer; null: there is none.</summary>
        public Task<TAnswer?> Ended => Answered.Task;
    }
}
