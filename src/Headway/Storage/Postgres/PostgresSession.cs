using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>What one operation asks of PostgreSQL: its statements gather here until the round that it takes part in goes to the server.</summary>
/// <param name="payloads">Numbers that no other has.</param>
/// <param name="blocking">For a caller who cannot await: each statement is answered when its method returns.</param>
/// <param name="group">The operations in step of which this is one.</param>
internal sealed class PostgresSession(PayloadNumbers payloads, NpgsqlConnection? blocking = null, object? group = null) : Session
{
    private readonly Queue<PostgresStatement> _asked = [];

    public override SqlDialect Dialect => SqlDialect.Postgres;

    public override object? Group => group;

    /// <summary>In the order they were asked.</summary>
    public Queue<PostgresStatement> Asked => _asked;

    /// <summary>Whether a blocking session has had an answer.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Statements that somebody waits for.</summary>
    public int Awaited { get; private set; }

    public override Statement Use(Sql sql) => new PostgresStatement(this, sql.Postgres);

    public override Statement Prepare(string text) => new PostgresStatement(this, PostgresText.Of(text));

    public void Add(PostgresStatement statement)
    {
        _asked.Enqueue(statement);
        if (!statement.IsAwaited) return;
        Awaited++;
        if (blocking is null) return;
        PostgresRound.Of([this]).Run(blocking);
        IsAnswered = true;
    }

    /// <summary>The statements go to the server: what is asked from now on is of the next round.</summary>
    public void Leave() => Awaited = 0;

    public override async ValueTask<IReadOnlyList<TResult>> EachAsync<T, TResult>(IReadOnlyList<T> items, Func<T, ValueTask<TResult>> each)
    {
        // All begin before the first is waited for, so that what they ask is asked together.
        var begun = new ValueTask<TResult>[items.Count];
        for (var i = 0; i < begun.Length; i++) begun[i] = each(items[i]).Preserve();
        var results = new TResult[begun.Length];
        for (var i = 0; i < begun.Length; i++) results[i] = await begun[i].ConfigureAwait(false);
        return results;
    }

    public override async ValueTask<Exception?> ApartAsync(Func<ValueTask> row)
    {
        // Waited for, so that it stands whatever the row does before it asks anything.
        await Prepare("SAVEPOINT apart").ExecuteAsync().ConfigureAwait(false);
        try
        {
            await row().ConfigureAwait(false);
            // Waited for: what the row only sent must have gone well before it is kept.
            await Prepare("RELEASE SAVEPOINT apart").ExecuteAsync().ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // Whatever is wrong with one row must not stop the others.
        catch (Exception error) when (error is not StorageException { MayPass: true })
#pragma warning restore CA1031
        {
            // What the row had sent, and is not at the server yet, is undone with it.
            _asked.Clear();
            await Prepare("ROLLBACK TO SAVEPOINT apart").ExecuteAsync().ConfigureAwait(false);
            Prepare("RELEASE SAVEPOINT apart").Send();
            return error;
        }
    }

    public override ValueTask<long> NewPayloadAsync() => payloads.NextAsync(this);
}
