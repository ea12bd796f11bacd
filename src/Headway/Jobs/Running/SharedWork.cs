using Headway.Caching;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Async and hybrid jobs with the same input: one does the work, those that start meanwhile wait for its answer.</summary>
/// <remarks>
/// Invariants. Who waits is a job like any other: it holds its own slot, lease and attempt, is cancelled, drained and rescued by itself, and ends by a write under its own
/// fence. So nothing that happens to the one that works can end, or lose, another. What it is given was kept by the write that ended the job it was made for. It waits
/// once, and no longer than an attempt may take: when that brings no answer it works itself, with its whole timeout before it, so that waiting never becomes a line in which
/// each fails after the other. An answer that was made before the job was accepted is not looked for here: acceptance has done that, and knew what its caller wished.
/// </remarks>
internal sealed class SharedWork(Database database, AnswerCache cache)
{
    // Work that takes longer is so seldom asked for twice at once that a slot is better used by doing it.
    private static readonly TimeSpan WorthWaiting = TimeSpan.FromHours(1);

    private readonly Flights<GivenAnswer> _flights = new();

    /// <summary>How long a job waits for another at most.</summary>
    public static TimeSpan LongestWait(Work work) => !MayWait(work) ? TimeSpan.Zero : work.Version.Timeout < WorthWaiting ? work.Version.Timeout : WorthWaiting;

    /// <summary>Dispose of the turn when the attempt's end is durable.</summary>
    public async ValueTask<Turn> BeginAsync(Work work, CancellationToken stop)
    {
        var key = cache.KeyOf(work.Version, work.CacheInput);
        if (key is null || !MayWait(work)) return new Turn(key);
        if (Find(work, key) is { } made) return new Turn(key) { Given = made };
        var flight = _flights.Join(key, out var leads);
        if (flight is null) return new Turn(key);
        if (!leads) return new Turn(key) { Given = await FollowAsync(flight, work, stop).ConfigureAwait(false) };
        // The one before may have ended between the look and the joining.
        return new Turn(key, answer => _flights.End(flight, answer, Task.CompletedTask)) { Given = Find(work, key) };
    }

    /// <summary>The work as it is settled: with the key under which its answer may be kept.</summary>
    public Work Kept(Work work, Turn turn) => work with { KeepUnder = cache.StillKeyOf(work.Version, work.CacheInput, turn.Key) };

    // A stream is not: who follows would see nothing before the end.
    private static bool MayWait(Work work) => work is { CacheInput: not null, MadeAnew: false, OneShot: false };

    private GivenAnswer? Find(Work work, byte[] key) => cache.Find(work.Origin.Tenant, key, work.Created);

    private async Task<GivenAnswer?> FollowAsync(Flights<GivenAnswer>.Flight flight, Work work, CancellationToken stop)
    {
        try
        {
            var given = await flight.Ended.WaitAsync(LongestWait(work), database.Time, stop).ConfigureAwait(false);
            return given?.Expires > database.Now ? given : null;
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            // Why it was stopped is known to whoever stopped it.
            return null;
        }
        finally
        {
            _flights.Leave(flight);
        }
    }
}

/// <summary>What a job found when its attempt began.</summary>
/// <param name="Key">Where its answer would lie; null: nowhere.</param>
/// <param name="End">Tells those who wait; null: nobody does.</param>
internal sealed record Turn(byte[]? Key, Action<GivenAnswer?>? End = null) : IDisposable
{
    /// <summary>The answer, where it need not be made.</summary>
    public GivenAnswer? Given { get; init; }

    /// <summary>What those who wait are given: set when it is durable.</summary>
    public GivenAnswer? Made { get; set; }

    public void Dispose() => End?.Invoke(Given ?? Made);
}
