namespace Headway.Storage;

/// <summary>
/// Releases the callers of a group that is on disk, on a thread of the pool: the writer hands over once a group instead of once a caller, and
/// goes on with the next one.
/// </summary>
internal sealed class DurableGroup(IReadOnlyList<GroupedWrite> writes) : IThreadPoolWorkItem
{
    public void Execute()
    {
        foreach (var write in writes) write.Release();
    }
}
