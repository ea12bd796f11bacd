using System.Collections.Concurrent;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Workers;

/// <summary>The attempts that workers are at, as this node needs them to seal and to settle what they send.</summary>
/// <remarks>Invariant: what is known here is the same in the database, from which it is read where it is not known: so a worker may go on with any node. Whether an attempt
/// is still its worker's is never decided here, but by the write.</remarks>
internal sealed class HeldWork(Database database, WorkReader reader)
{
    // Some kilobytes each: beyond it, what is needed is read again.
    private const int Kept = 4_096;

    private readonly ConcurrentDictionary<Fence, HeldAttempt> _known = new();

    public void Keep(HeldAttempt held)
    {
        if (_known.Count >= Kept) _known.Clear();
        _known[held.Claimed.Fence] = held with { Work = held.Work with { Input = WithoutContent(held.Work.Input) } };
    }

    public void Drop(Fence fence) => _known.TryRemove(fence, out _);

    /// <summary>What is known of the attempt; null: it is not its worker's any more. It may have ceased to be: the write that follows decides.</summary>
    public async ValueTask<HeldAttempt?> FindAsync(Fence fence) => _known.TryGetValue(fence, out var known) ? known : await ReadAsync(fence).ConfigureAwait(false);

    /// <summary>As the database has it now, for what no write follows. Null: the attempt is not its worker's any more.</summary>
    public async ValueTask<HeldAttempt?> ReadAsync(Fence fence)
    {
        if (await database.ReadAsync(session => HeldByWorker.FindAsync(session, fence)).ConfigureAwait(false) is not { } claimed) return null;
        var rows = await reader.FindAsync([claimed]).ConfigureAwait(false);
        Keep(new HeldAttempt(await reader.OpenAsync(rows[0], CancellationToken.None).ConfigureAwait(false), claimed));
        return _known.GetValueOrDefault(fence);
    }

    private static JobInput WithoutContent(JobInput input) => new() { MediaType = input.MediaType, Json = default, Files = input.Files };
}

/// <summary>An attempt that a worker is at.</summary>
internal sealed record HeldAttempt(Work Work, ClaimedJob Claimed)
{
    private long _logged = -1;

    /// <summary>How much of its output was logged, as far as this node knows; less than zero: it has not looked yet.</summary>
    public long Logged
    {
        get => Volatile.Read(ref _logged);
        set => Volatile.Write(ref _logged, value);
    }
}
