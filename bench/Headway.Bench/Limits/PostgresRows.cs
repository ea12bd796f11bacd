using System.Security.Cryptography;
using Headway.Storage;
using Npgsql;

namespace Headway.Bench.Limits;

/// <summary>The very rows that the engine writes on PostgreSQL, by its own statements on one connection, and nothing else: no sealing, no handlers, no promises.</summary>
internal sealed class PostgresRows : IAsyncDisposable
{
    private const int Batch = 200;

    private readonly NpgsqlConnection _connection;
    private readonly SetCommand _payload = new("Jobs/Storage/InsertPayload");
    private readonly SetCommand _job = new("Jobs/Storage/InsertJob");
    private readonly SetCommand _queue = new("Jobs/Storage/InsertQueued");
    private readonly SetCommand _first = new("Audit/FirstEvent");
    private readonly SetCommand _leave = new("Jobs/Storage/LeaveQueue");
    private readonly SetCommand _finish = new("Jobs/Storage/FinishJob");
    private readonly SetCommand _event = new("Audit/AppendEvent");
    private readonly byte[] _mac = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _result = new byte[64];
    private long _payloads;

    private PostgresRows(NpgsqlConnection connection) => _connection = connection;

    public static async Task<PostgresRows> OpenAsync(string address)
    {
        Database.Migrate(address);
        var connection = PostgresLimit.Open(address);
        await using var prepare = new NpgsqlCommand("INSERT INTO pools (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'noop@1'); INSERT INTO leases (id, node, epoch, expires, version, started) OVERRIDING SYSTEM VALUE SELECT 1, 'bench', 1, headway_now() + 3600000, '0', headway_now()", connection);
        await prepare.ExecuteNonQueryAsync();
        return new PostgresRows(connection);
    }

    /// <summary>Accepts so many in one transaction.</summary>
    public async Task AcceptAsync(int count)
    {
        var now = TimeProvider.System.GetUtcNow();
        var at = now.ToUnixTimeMilliseconds();
        var ids = new Guid[count];
        for (var i = 0; i < count; i++) ids[i] = JobId.New(now).Value;
        var first = _payloads;
        _payloads += count;
        await RunAsync(
            _payload.With(count, (parameter, row) => parameter == 1 ? first + row : Node.Input),
            _job.With(count, (parameter, row) => parameter switch
            {
                1 => ids[row],
                2 => "default",
                3 => "local",
                4 => 1,
                5 => 2,
                7 => 5,
                8 or 12 => at,
                20 => first + row,
                21 => "application/json",
                6 or 18 or 29 or 30 or 31 => 0,
                _ => null,
            }),
            _queue.With(count, (parameter, row) => parameter switch { 1 => ids[row], 2 or 3 => 1, 4 => 0, 8 or 17 => 0, 15 => "default", 16 => 5, _ => null }),
            _first.With(count, (parameter, row) => EventOf(parameter, ids[row], at, "submitted")));
    }

    /// <summary>Claims and finishes all that was accepted: in each transaction the claimed end, and the next are claimed.</summary>
    public async Task<long> DrainAsync()
    {
        var (drained, held) = (0L, new List<Guid>());
        do
        {
            var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            await using var transaction = await _connection.BeginTransactionAsync();
            if (held.Count > 0) await FinishAsync(held, at);
            drained += held.Count;
            held = await ClaimAsync(at);
            await transaction.CommitAsync();
        }
        while (held.Count > 0);
        return drained;
    }

    private async Task<List<Guid>> ClaimAsync(long at)
    {
        var held = new List<Guid>();
        await using var claim = new NpgsqlCommand(Sql.At("Jobs/Storage/ClaimJobs").Postgres.Text, _connection);
        foreach (var value in new long[] { 1, at, 1, Batch, 1 }) claim.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
        claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "node" });
        await using var read = await claim.ExecuteReaderAsync();
        while (await read.ReadAsync()) held.Add(read.GetGuid(0));
        return held;
    }

    private Task FinishAsync(List<Guid> held, long at)
    {
        var first = _payloads;
        _payloads += held.Count;
        return RunAsync(
            _leave.With(held.Count, (parameter, row) => parameter == 1 ? held[row] : 1),
            _payload.With(held.Count, (parameter, row) => parameter == 1 ? first + row : _result),
            _finish.With(held.Count, (parameter, row) => parameter switch
            {
                1 => 5,
                2 or 3 => at,
                4 => 1,
                6 => first + row,
                7 => "application/json",
                16 => "node",
                21 => held[row],
                5 or 13 or 14 or 15 or 18 => 0,
                _ => null,
            }),
            _event.With(held.Count, (parameter, row) => EventOf(parameter, held[row], at, "completed")));
    }

    private object? EventOf(int parameter, Guid job, long at, string action) => parameter switch
    {
        1 => job,
        2 => at * 1000,
        3 => "default",
        4 => "local",
        5 => action,
        6 or 9 => 1,
        10 => "node",
        14 => _mac,
        _ => null,
    };

    // In one trip; without a transaction around it, in one of its own.
    private async Task RunAsync(params NpgsqlBatchCommand[] commands)
    {
        await using var batch = new NpgsqlBatch(_connection);
        foreach (var command in commands) batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
