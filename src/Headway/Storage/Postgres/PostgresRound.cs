using Npgsql;
using NpgsqlTypes;

namespace Headway.Storage.Postgres;

/// <summary>
/// One trip to the server with everything that the operations of a group ask at this point. What many ask with the same statement is one command where
/// the statement takes a set, and one after the other in the same trip where it does not.
/// </summary>
/// <remarks>Invariant: what one operation asks keeps its order. Between operations there is none, which is why each brings its claims.</remarks>
internal sealed class PostgresRound
{
    private readonly List<(PostgresText Text, List<PostgresStatement> Asked)> _commands = [];
    private readonly Dictionary<PostgresText, Standing> _standing = [];

    private sealed record Sent(NpgsqlBatchCommand Command, PostgresText Text, IReadOnlyList<PostgresStatement> Asked);

    /// <summary>Of a statement: how often it is asked next by an operation, and how often at all.</summary>
    private sealed class Standing
    {
        public int Next { get; set; }
        public int InAll { get; set; }
    }

    /// <summary>Takes what the sessions ask.</summary>
    public static PostgresRound Of(IReadOnlyCollection<PostgresSession> sessions)
    {
        var round = new PostgresRound();
        var waiting = sessions.Where(session => session.Asked.Count > 0).ToList();
        round.Count(waiting);
        while (waiting.Count > 0)
        {
            round.Take(waiting, round.Best());
            waiting.RemoveAll(session => session.Asked.Count == 0);
        }
        foreach (var session in sessions) session.Leave();
        return round;
    }

    /// <summary>In the same trip, after these.</summary>
    public PostgresRound Then(PostgresRound next)
    {
        _commands.AddRange(next._commands);
        return this;
    }

    private void Count(List<PostgresSession> waiting)
    {
        foreach (var session in waiting)
        {
            foreach (var statement in session.Asked) StandingOf(statement.Words).InAll++;
            StandingOf(session.Asked.Peek().Words).Next++;
        }
    }

    private Standing StandingOf(PostgresText text)
    {
        if (!_standing.TryGetValue(text, out var standing)) _standing[text] = standing = new Standing();
        return standing;
    }

    // One that is nobody's later statement is asked by all who ask it; otherwise the one that most ask now.
    private PostgresText Best()
    {
        PostgresText? best = null;
        var most = 0;
        foreach (var (text, standing) in _standing)
        {
            if (standing.Next == 0) continue;
            // Locks of the database come before locks of rows, in every group alike.
            if (ReferenceEquals(text, PostgresLocks.Lock.Postgres)) return text;
            if (standing.Next == standing.InAll) return text;
            if (standing.Next > most) (best, most) = (text, standing.Next);
        }
        return best!;
    }

    private void Take(List<PostgresSession> waiting, PostgresText text)
    {
        var asked = new List<PostgresStatement>();
        foreach (var session in waiting)
        {
            if (!ReferenceEquals(session.Asked.Peek().Words, text)) continue;
            _standing[text].Next--;
            do
            {
                asked.Add(session.Asked.Dequeue());
                _standing[text].InAll--;
            }
            while (session.Asked.Count > 0 && ReferenceEquals(session.Asked.Peek().Words, text));
            if (session.Asked.Count > 0) _standing[session.Asked.Peek().Words].Next++;
        }
        _commands.Add((text, asked));
    }

    /// <summary>Sends it and hands out the answers; whoever waited goes on before this returns.</summary>
    /// <param name="first">A command before all others, such as BEGIN.</param>
    /// <param name="last">A command after all others, such as COMMIT.</param>
    public async ValueTask RunAsync(NpgsqlConnection connection, string? first = null, string? last = null)
    {
        await using var batch = new NpgsqlBatch(connection);
        var sent = Fill(batch, first, last);
        try
        {
            await ReadAsync(batch, sent).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
        Answer(sent);
    }

    /// <summary>The same, while the thread waits.</summary>
    public void Run(NpgsqlConnection connection)
    {
        using var batch = new NpgsqlBatch(connection);
        var sent = Fill(batch, null, null);
        try
        {
            Read(batch, sent);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
        Answer(sent);
    }

    private List<Sent> Fill(NpgsqlBatch batch, string? first, string? last)
    {
        if (first is not null) batch.BatchCommands.Add(new NpgsqlBatchCommand(first));
        var sent = new List<Sent>(_commands.Count);
        foreach (var (text, asked) in _commands)
        {
            if (text.IsSet) Add(batch, sent, text, asked, Set(text, asked));
            else foreach (var one in asked) Add(batch, sent, text, [one], One(text, one));
        }
        if (last is not null) batch.BatchCommands.Add(new NpgsqlBatchCommand(last));
        return sent;
    }

    private Exception Failed(Exception error)
    {
        var fault = PostgresFault.From(error);
        foreach (var (_, asked) in _commands)
        {
            foreach (var statement in asked) statement.Fail(fault);
        }
        return fault;
    }

    private static void Answer(List<Sent> sent)
    {
        foreach (var (command, text, asked) in sent)
        {
            if (!text.IsSet) asked[0].Touched((int)command.RecordsAffected);
            foreach (var statement in asked) statement.Answer();
        }
    }

    private static void Add(NpgsqlBatch batch, List<Sent> sent, PostgresText text, IReadOnlyList<PostgresStatement> asked, NpgsqlBatchCommand command)
    {
        batch.BatchCommands.Add(command);
        sent.Add(new Sent(command, text, asked));
    }

    private static async ValueTask ReadAsync(NpgsqlBatch batch, List<Sent> sent)
    {
        await using var reader = await batch.ExecuteReaderAsync().ConfigureAwait(false);
        foreach (var (_, text, asked) in sent)
        {
            if (!text.GivesRows) continue;
            while (await reader.ReadAsync().ConfigureAwait(false)) Hand(reader, text, asked);
            await reader.NextResultAsync().ConfigureAwait(false);
        }
        // What follows gives no rows, and must have gone well.
        while (await reader.NextResultAsync().ConfigureAwait(false)) { }
    }

    private static void Read(NpgsqlBatch batch, List<Sent> sent)
    {
        using var reader = batch.ExecuteReader();
        foreach (var (_, text, asked) in sent)
        {
            if (!text.GivesRows) continue;
            while (reader.Read()) Hand(reader, text, asked);
            reader.NextResult();
        }
        while (reader.NextResult()) { }
    }

    // Of a set the last column says whose row it is.
    private static void Hand(NpgsqlDataReader reader, PostgresText text, IReadOnlyList<PostgresStatement> asked)
    {
        var row = new object[reader.FieldCount];
        reader.GetValues(row);
        var whose = text.IsSet ? (int)Convert.ToInt64(row[^1], System.Globalization.CultureInfo.InvariantCulture) - 1 : 0;
        asked[whose].Take(row);
    }

    private static NpgsqlBatchCommand One(PostgresText text, PostgresStatement asked)
    {
        var command = new NpgsqlBatchCommand(text.Text);
        for (var i = 1; i <= asked.Count; i++) command.Parameters.Add(asked[i].IsBound ? new NpgsqlParameter { NpgsqlDbType = asked[i].Type, Value = asked[i].Boxed } : new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = DBNull.Value });
        return command;
    }

    private static NpgsqlBatchCommand Set(PostgresText text, List<PostgresStatement> asked)
    {
        var command = new NpgsqlBatchCommand(text.Text);
        for (var i = 1; i <= asked[0].Count; i++)
        {
            command.Parameters.Add(asked[0][i].Type switch
            {
                NpgsqlDbType.Bigint => new NpgsqlParameter<long?[]> { TypedValue = Column(asked, i, value => value.IsNull ? (long?)null : value.Number), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                NpgsqlDbType.Bytea => new NpgsqlParameter<byte[]?[]> { TypedValue = Column(asked, i, value => value.Other as byte[]), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
                NpgsqlDbType.Uuid => new NpgsqlParameter<Guid?[]> { TypedValue = Column(asked, i, value => value.Other as Guid?), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                _ => new NpgsqlParameter<string?[]> { TypedValue = Column(asked, i, value => value.Other as string), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            });
        }
        return command;
    }

    private static T[] Column<T>(List<PostgresStatement> asked, int parameter, Func<PostgresStatement.Value, T> read)
    {
        var column = new T[asked.Count];
        for (var i = 0; i < column.Length; i++) column[i] = read(asked[i][parameter]);
        return column;
    }
}
