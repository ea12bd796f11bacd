namespace Headway.Storage;

/// <summary>One operation in a grouped write: many share a transaction and an fsync, each gets its own verdict.</summary>
internal abstract class GroupedWrite
{
    /// <summary>
    /// What the operation decides about. Two that claim the same never run in step: the later one sees what the earlier one did. What a single
    /// guarded statement decides needs no claim. Asked where writes run in step, which they do on PostgreSQL.
    /// </summary>
    internal virtual IReadOnlyList<Claim> Claims => [];

    /// <summary>What is to be locked before anything of its group is touched; null: nothing. Asked where writes run in step.</summary>
    internal virtual RowLock? LocksFirst => null;

    /// <summary>Who writes it, where there is more than one.</summary>
    internal virtual Writer Writer => Writer.Changes;

    /// <summary>
    /// Learns from the database which jobs it acts on, and so cannot claim them: where writes run in step it begins when all others of its group have
    /// ended. Else a job could be taken and cancelled in one group, and its events told in another order than they happened.
    /// </summary>
    internal virtual bool FindsItsJobs => false;

    /// <summary>
    /// Of a new job: locks rows that those lock as well who change what is there, such as budgets, in an order that nobody can foresee. It is written while no change is
    /// (<see cref="Writer.Changes"/>), or the two would often wait for each other in a circle.
    /// </summary>
    internal virtual bool MeetsChanges => false;

    /// <summary>Looked for jobs (<see cref="FindsItsJobs"/>) and found none: its commit is nobody's boundary, and no fault is told of it. Known once it was applied.</summary>
    internal virtual bool FoundNothing => false;

    /// <summary>What it overwrites must be read nowhere any more: on SQLite the log, which holds what the file held before, is emptied after it.</summary>
    internal virtual bool LeavesNoTrace => false;

    /// <summary>What its commit is the boundary of, for tests that end a node there.</summary>
    internal virtual IEnumerable<string> Boundaries => [GetType().Name];

    /// <summary>Runs the statements. Called again, alone, if another operation of the group failed unexpectedly: keep no state between calls.</summary>
    internal abstract ValueTask ApplyIn(Session session);

    /// <summary>The transaction is on disk.</summary>
    internal abstract void Release();

    /// <summary>Nothing of it is on disk.</summary>
    internal abstract void Fail(Exception error);
}

/// <summary>An operation with a verdict: what its caller learns once it is durable.</summary>
internal abstract class Write<TVerdict> : GroupedWrite
{
    // Continuations run on the pool: the writer serves everybody and must not run a caller's code.
    private readonly TaskCompletionSource<TVerdict> _durable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TVerdict _verdict = default!;

    internal Task<TVerdict> Durable => _durable.Task;

    internal override bool FoundNothing => FindsItsJobs && _verdict is System.Collections.ICollection { Count: 0 };

    /// <summary>An expected refusal is a verdict; an exception undoes this operation and no other.</summary>
    protected abstract ValueTask<TVerdict> ApplyAsync(Session session);

    /// <summary>As a part of another operation, in its transaction; that one names the claims.</summary>
    internal ValueTask<TVerdict> WithinAsync(Session session) => ApplyAsync(session);

    internal override ValueTask ApplyIn(Session session)
    {
        var verdict = ApplyAsync(session);
        if (!verdict.IsCompletedSuccessfully) return KeepAsync(verdict);
        _verdict = verdict.Result;
        return ValueTask.CompletedTask;
    }

    private async ValueTask KeepAsync(ValueTask<TVerdict> verdict) => _verdict = await verdict.ConfigureAwait(false);

    internal override void Release() => _durable.TrySetResult(_verdict);

    internal override void Fail(Exception error) => _durable.TrySetException(error);
}

/// <summary>The writers of a node: on PostgreSQL each has a connection of its own and knows nothing of the others; a file has one for all.</summary>
/// <remarks>
/// Invariant: what two writers may decide about at the same time is decided by the rows they lock, as between nodes. Whoever writes about a job whose acceptance is on
/// its way waits until that is durable. What writes use in memory without a lock, all that use it are of one writer.
/// </remarks>
internal enum Writer
{
    /// <summary>Of jobs that are there: their ends above all.</summary>
    Changes,

    /// <summary>Of new jobs. So a caller waits for others who call, and not for those whose work ends. The room in queues (<see cref="Jobs.Storage.QueueRoom"/>) is theirs.</summary>
    Acceptances,

    /// <summary>Of what waits for anybody: so the next jobs are claimed while others are ended.</summary>
    Claims,

    /// <summary>Takes many rows at once and undoes single ones (<see cref="Session.ApartAsync"/>): each alone, and nobody's call waits for it.</summary>
    Upkeep,
}
