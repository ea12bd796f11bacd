using Headway.Storage;
using SQLitePCL;

namespace Headway.Bench.Limits;

/// <summary>Claims in batches and finishes each batch in the transaction that claims the next: the rows of the engine, without fence checks, sealing or handlers.</summary>
internal sealed class LimitDrain(LimitDatabase database)
{
    private const int BatchSize = 100;
    private const int CheckpointEvery = 10_000;

    private readonly sqlite3_stmt _claim = database.Prepare(Sql.At("Jobs/Storage/ClaimJobs").Text);
    private readonly sqlite3_stmt _next = database.Prepare(Sql.At("Audit/NextEvent").Text);
    private readonly sqlite3_stmt _started = database.Prepare(Sql.At("Jobs/Storage/AuditStarted").Text);
    private readonly sqlite3_stmt _leave = database.Prepare(Sql.At("Jobs/Storage/LeaveQueue").Text);
    private readonly sqlite3_stmt _payload = database.Prepare(Sql.At("Jobs/Storage/InsertPayload").Text);
    private readonly sqlite3_stmt _finish = database.Prepare(Sql.At("Jobs/Storage/FinishJob").Text);
    private readonly sqlite3_stmt _audit = database.Prepare(Sql.At("Audit/AppendEvent").Text);

    // The last one is which job it is.
    private readonly int _finishParameters = raw.sqlite3_bind_parameter_count(database.Prepare(Sql.At("Jobs/Storage/FinishJob").Text));
    private readonly byte[] _result = new byte[64];
    private readonly byte[] _mac = new byte[32];

    public long Run()
    {
        var (drained, sinceCheckpoint) = (0L, 0);
        var held = new List<byte[]>();
        do
        {
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            database.Step(database.Begin);
            foreach (var job in held) Finish(job, now);
            drained += held.Count;
            sinceCheckpoint += held.Count;
            Claim(held, now);
            database.Step(database.Commit);
            if (sinceCheckpoint < CheckpointEvery) continue;
            database.Checkpoint();
            sinceCheckpoint = 0;
        }
        while (held.Count > 0);
        return drained;
    }

    private void Claim(List<byte[]> held, long now)
    {
        held.Clear();
        LimitRows.Numbers(_claim, (1, 1), (2, now), (3, 1), (4, BatchSize));
        while (raw.sqlite3_step(_claim) == raw.SQLITE_ROW) held.Add(raw.sqlite3_column_blob(_claim, 0).ToArray());
        raw.sqlite3_reset(_claim);
        foreach (var job in held)
        {
            LimitRows.Numbers(_next, (1, now * 1000));
            raw.sqlite3_bind_blob(_next, 2, job);
            raw.sqlite3_step(_next);
            LimitRows.Numbers(_started, (1, raw.sqlite3_column_int64(_next, 0)), (2, 1));
            raw.sqlite3_reset(_next);
            LimitRows.Text(_started, 3, "node");
            raw.sqlite3_bind_blob(_started, 4, job);
            database.Step(_started);
        }
    }

    private void Finish(byte[] job, long now)
    {
        raw.sqlite3_bind_blob(_leave, 1, job);
        LimitRows.Numbers(_leave, (2, 1), (3, 1));
        database.Step(_leave);

        // Unbound, the number is the next one.
        raw.sqlite3_bind_blob(_payload, 2, _result);
        database.Step(_payload);

        LimitRows.Numbers(_finish, (1, 5), (2, now), (3, now), (4, 1), (5, 0), (6, database.LastRowId), (13, 0), (14, 0), (15, 0), (18, 0));
        LimitRows.Text(_finish, 7, "application/json");
        LimitRows.Text(_finish, 16, "node");
        raw.sqlite3_bind_blob(_finish, _finishParameters, job);
        database.Step(_finish);

        raw.sqlite3_bind_blob(_audit, 1, job);
        LimitRows.Numbers(_audit, (2, now * 1000), (6, 1), (9, 1));
        LimitRows.Text(_audit, 3, "default");
        LimitRows.Text(_audit, 4, "local");
        LimitRows.Text(_audit, 5, "completed");
        raw.sqlite3_bind_blob(_audit, 14, _mac);
        database.Step(_audit);
    }
}
