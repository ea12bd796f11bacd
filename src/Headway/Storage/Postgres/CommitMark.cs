using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>
/// What a transaction leaves behind to be known by when nobody acknowledged its commit. The server's own word, by the number of the transaction, is no proof:
/// a server that crashed gives the numbers of those that left nothing on disk to others.
/// </summary>
/// <param name="Writer">One connection that writes.</param>
/// <param name="Number">How many transactions it has begun, this one with it.</param>
internal readonly record struct CommitMark(JobId Writer, long Number)
{
    // Nobody asks after a connection that was lost a week ago.
    private const string ForgetOld = "DELETE FROM commits WHERE at < now() - interval '7 days'";

    private static readonly Sql Leave = Sql.Of("mark of a commit",
        "INSERT INTO commits (id, last, at) VALUES ($1, $2, now()) ON CONFLICT (id) DO UPDATE SET last = excluded.last, at = excluded.at");

    /// <summary>The mark of the connection's first transaction.</summary>
    public static async ValueTask<CommitMark> FirstAsync(NpgsqlConnection connection)
    {
        await using var forget = new NpgsqlCommand(ForgetOld, connection);
        await forget.ExecuteNonQueryAsync().ConfigureAwait(false);
        return new CommitMark(JobId.New(TimeProvider.System.GetUtcNow()), 1);
    }

    public CommitMark Next => this with { Number = Number + 1 };

    public void LeaveIn(Session session) => session.Use(Leave).Bind(1, Writer).Bind(2, Number).Send();

    /// <summary>Whether it is there; null: its transaction has not ended yet.</summary>
    /// <param name="transaction">The number of the transaction, or of another that has it by now: as long as that one runs, nothing is known.</param>
    public async ValueTask<bool?> IsLeftAsync(NpgsqlConnection connection, string transaction)
    {
        if (await IsRunningAsync(connection, transaction).ConfigureAwait(false)) return null;
        // Apart, because a statement sees nothing of what ends while it runs.
        await using var ask = new NpgsqlCommand("SELECT EXISTS (SELECT 1 FROM commits WHERE id = $1 AND last >= $2)", connection);
        ask.Parameters.Add(new NpgsqlParameter { Value = Writer.Value });
        ask.Parameters.Add(new NpgsqlParameter { Value = Number });
        return (bool)(await ask.ExecuteScalarAsync().ConfigureAwait(false))!;
    }

    private static async ValueTask<bool> IsRunningAsync(NpgsqlConnection connection, string transaction)
    {
        try
        {
            await using var ask = new NpgsqlCommand($"SELECT pg_xact_status('{transaction}')", connection);
            return await ask.ExecuteScalarAsync().ConfigureAwait(false) is "in progress";
        }
        catch (PostgresException future) when (future.SqlState is PostgresErrorCodes.InvalidParameterValue)
        {
            // A server that crashed knows nothing of the number, and has not given it to another.
            return false;
        }
    }
}
