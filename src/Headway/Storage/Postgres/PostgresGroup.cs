using System.Data;
using System.Globalization;
using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>Operations that share a transaction and go on in step: each until it needs an answer, then all that was asked goes to the server.</summary>
/// <remarks>
/// Invariant: at no time do two operations run that claim the same, nor one that finds what it acts on beside one that knows it. One whose claim is taken begins when the other has ended, in the same transaction, and
/// so sees what it did. What other nodes, or the other writers of this one, may decide about at the same time is decided by one guarded statement, or under a lock of the database.
/// </remarks>
/// <param name="payloads">Numbers that no other has.</param>
/// <param name="mark">What its transaction leaves behind.</param>
/// <param name="now">The time that the database takes for its own, in milliseconds since 1970; null: the server's.</param>
internal sealed class PostgresGroup(PayloadNumbers payloads, CommitMark mark, long? now)
{
    private sealed record Begun(GroupedWrite Write, PostgresSession Session, Task Ended);

    private static readonly Sql OwnId = Sql.Of("transaction", "SELECT pg_current_xact_id()::text");
    private static readonly Sql OwnIdAndTime = Sql.Of("transaction and time", "SELECT pg_current_xact_id()::text, set_config('headway.now', $1, true)");

    private readonly HashSet<Claim> _claimed = [];
    private readonly List<Begun> _going = [];

    // What operations that have ended only sent, and is not at the server yet.
    private readonly List<PostgresSession> _left = [];

    // What the server refused and nobody made good by going back to a savepoint. A COMMIT would answer as if all were well, and keep nothing.
    private Exception? _refused;

    public CommitMark Mark => mark;

    /// <summary>The id of the transaction, by which it can be told whether it still runs when the connection is lost; null: not known yet.</summary>
    public string? Transaction { get; private set; }

    /// <summary>True once the command that commits is on its way.</summary>
    public bool IsCommitting { get; private set; }

    /// <param name="beforeCommit">Told when all is written and nothing is durable; null where nobody asks, which saves a trip.</param>
    public async ValueTask RunAsync(NpgsqlConnection connection, IReadOnlyList<GroupedWrite> writes, Action? beforeCommit)
    {
        var waiting = new List<GroupedWrite>(writes);
        var begin = "BEGIN";
        LockFirst(writes);
        Begin(waiting);
        while (_going.Count > 0)
        {
            await GoOnAsync(connection, begin, alone: writes.Count == 1).ConfigureAwait(false);
            begin = null;
            await EndAsync().ConfigureAwait(false);
            Begin(waiting);
        }
        await CommitAsync(connection, begin, beforeCommit).ConfigureAwait(false);
    }

    private async ValueTask GoOnAsync(NpgsqlConnection connection, string? begin, bool alone)
    {
        var id = begin is null ? null : AskTransaction();
        // What has ended comes first: whoever began after it sees what it did.
        var round = PostgresRound.Of(_left).Then(PostgresRound.Of(_going.ConvertAll(begun => begun.Session)));
        _left.Clear();
        try
        {
            await round.RunAsync(connection, begin).ConfigureAwait(false);
            if (id is not null && await id.StepAsync().ConfigureAwait(false)) Transaction = id.Text(0);
            _refused = null;
        }
        catch (StorageException error) when (alone && connection.State is ConnectionState.Open)
        {
            // It has been told if it waited, and may know what to do about it.
            _refused = error;
        }
    }

    private PostgresStatement AskTransaction()
    {
        var own = new PostgresSession(payloads);
        var id = (PostgresStatement)(now is { } time ? own.Use(OwnIdAndTime).Bind(1, time.ToString(CultureInfo.InvariantCulture)) : own.Use(OwnId));
        id.Send();
        _left.Insert(0, own);
        return id;
    }

    private async ValueTask CommitAsync(NpgsqlConnection connection, string? begin, Action? beforeCommit)
    {
        if (_refused is not null) throw _refused;
        var own = new PostgresSession(payloads);
        mark.LeaveIn(own);
        _left.Add(own);
        var round = PostgresRound.Of(_left);
        if (beforeCommit is not null)
        {
            await round.RunAsync(connection, begin).ConfigureAwait(false);
            beforeCommit();
            (round, begin) = (PostgresRound.Of([]), null);
        }
        IsCommitting = true;
        await round.RunAsync(connection, begin, "COMMIT").ConfigureAwait(false);
    }

    // All at once and in one order, before any row: one that begins in a later round would take its locks after rows and locks that others hold by then, and
    // two nodes could wait for each other.
    private void LockFirst(IReadOnlyList<GroupedWrite> writes)
    {
        var own = new PostgresSession(payloads);
        foreach (var write in writes) PostgresLocks.Take(own, write.Claims);
        // Then rows, kind by kind in an order of the kinds, too.
        foreach (var rows in writes.Select(write => write.LocksFirst).OfType<RowLock>().OrderBy(rows => rows.Statement.Name, StringComparer.Ordinal)) rows.Take(own);
        if (own.Asked.Count > 0) _left.Add(own);
    }

    // Those whose claims are free. One that asks nothing of the server ends at once, and may free the next.
    private void Begin(List<GroupedWrite> waiting)
    {
        for (var i = 0; i < waiting.Count;)
        {
            var claims = waiting[i].Claims;
            if (claims.Any(_claimed.Contains) || (waiting[i].FindsItsJobs && !OnlyFindersAreLeft(waiting)))
            {
                i++;
                continue;
            }
            foreach (var claim in claims) _claimed.Add(claim);
            var session = new PostgresSession(payloads, group: this);
            _going.Add(new Begun(waiting[i], session, waiting[i].ApplyIn(session).AsTask()));
            waiting.RemoveAt(i);
        }
    }

    private bool OnlyFindersAreLeft(List<GroupedWrite> waiting) => waiting.TrueForAll(write => write.FindsItsJobs) && _going.TrueForAll(begun => begun.Write.FindsItsJobs);

    private async ValueTask EndAsync()
    {
        for (var i = _going.Count - 1; i >= 0; i--)
        {
            var begun = _going[i];
            await SettledAsync(begun).ConfigureAwait(false);
            if (!begun.Ended.IsCompleted) continue;
            await begun.Ended.ConfigureAwait(false);
            foreach (var claim in begun.Write.Claims) _claimed.Remove(claim);
            // What it only sent goes with the next trip.
            if (begun.Session.Asked.Count > 0) _left.Add(begun.Session);
            _going.RemoveAt(i);
        }
    }

    // Whoever had an answer has gone on by now, on this thread, but where the stack was too deep for that.
    private static async ValueTask SettledAsync(Begun begun)
    {
        for (var looks = 0; !begun.Ended.IsCompleted && begun.Session.Awaited == 0; looks++)
        {
            if (looks > 10_000) throw new InvalidOperationException($"{begun.Write.GetType().Name} waits for something other than the database.");
            await Task.Yield();
        }
    }
}
