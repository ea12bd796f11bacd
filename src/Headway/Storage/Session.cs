namespace Headway.Storage;

/// <summary>What a read or a write sees of the database: statements, one after the other, in one transaction.</summary>
/// <remarks>
/// On SQLite a statement has run when its method returns, and nothing here ever waits. On PostgreSQL the writes of a group run in step: each goes on
/// until it needs an answer, and what all of them ask at that point goes to the server together. So a write must bring its own ties to others
/// (<see cref="GroupedWrite.Claims"/>) and keep nothing outside itself between two statements.
/// </remarks>
internal abstract class Session
{
    /// <summary>The statement, ready to bind. Disposing it makes it ready for the next use.</summary>
    public abstract Statement Use(Sql sql);

    /// <summary>A statement used once, for text that is built (filters).</summary>
    public abstract Statement Prepare(string text);

    /// <summary>What both databases read alike, and what they don't: for the few texts that are built.</summary>
    public abstract SqlDialect Dialect { get; }

    /// <summary>One row's part of a transaction: what goes wrong in it undoes it alone. For upkeep, which takes many rows at once.</summary>
    /// <returns>What was wrong with the row; null: nothing. Trouble of the disk is not the row's, ends the whole transaction, and is thrown.</returns>
    public abstract ValueTask<Exception?> ApartAsync(Func<ValueTask> row);

    /// <summary>Does the same for each, in one go where the database is asked: none may depend on what another has done.</summary>
    public virtual async ValueTask<IReadOnlyList<TResult>> EachAsync<T, TResult>(IReadOnlyList<T> items, Func<T, ValueTask<TResult>> each)
    {
        var results = new TResult[items.Count];
        for (var i = 0; i < results.Length; i++) results[i] = await each(items[i]).ConfigureAwait(false);
        return results;
    }

    /// <summary>What stands for the transaction that operations share in step; null: they do not, and each sees all that was done before it.</summary>
    public virtual object? Group => null;

    /// <summary>A number for a payload that no other has or had.</summary>
    public abstract ValueTask<long> NewPayloadAsync();
}

/// <summary>Which database it is.</summary>
internal enum SqlDialect { Sqlite, Postgres }
