using Headway.Storage.Sqlite;

namespace Headway.Storage;

/// <summary>One operation in a grouped write: many share a transaction and an fsync, each gets its own verdict.</summary>
internal abstract class GroupedWrite
{
    /// <summary>Runs the statements. Called again, alone, if another operation of the group failed unexpectedly: keep no state between calls.</summary>
    internal abstract void ApplyIn(SqliteSession session);

    /// <summary>The transaction is on disk.</summary>
    internal abstract void Release();

    /// <summary>Nothing of it is on disk.</summary>
    internal abstract void Fail(Exception error);
}

/// <summary>An operation with a verdict: what its caller learns once it is durable.</summary>
internal abstract class Write<TVerdict> : GroupedWrite
{
    // Continuations run on the pool: the writer thread serves everybody and must not run a caller's code.
    private readonly TaskCompletionSource<TVerdict> _durable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TVerdict _verdict = default!;

    internal Task<TVerdict> Durable => _durable.Task;

    /// <summary>An expected refusal is a verdict; an exception undoes this operation and no other.</summary>
    protected abstract TVerdict Apply(SqliteSession session);

    internal override void ApplyIn(SqliteSession session) => _verdict = Apply(session);

    internal override void Release() => _durable.TrySetResult(_verdict);

    internal override void Fail(Exception error) => _durable.TrySetException(error);
}
