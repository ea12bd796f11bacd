using System.Globalization;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Jobs;

/// <summary>One pool of a real database into which jobs of tenants are accepted and from which they are claimed, by the engine's own writes and without an engine.</summary>
internal sealed class TurnField : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private readonly Dictionary<JobId, string> _names = [];
    private long _now = 1;

    private TurnField()
    {
        Address = TestDatabase.At(Path.Combine(_folder, "turns.db"));
        Database = Database.Open(Address, TimeProvider.System, NullLogger.Instance);
    }

    public string Address { get; }

    public Database Database { get; }

    public long Pool { get; private set; }

    public long Lease { get; private set; }

    public static async Task<TurnField> OpenAsync()
    {
        var field = new TurnField();
        await field.Database.WriteAsync(new Change("INSERT INTO pools (name) VALUES ('work@1')"));
        field.Pool = field.Number("SELECT max(id) FROM pools");
        field.Lease = await field.Database.WriteAsync(new TakeLease("n", 1, long.MaxValue, "1", 0));
        return field;
    }

    /// <param name="name">How it is called when it is claimed; null: as its tenant.</param>
    /// <param name="due">When it may begin, in milliseconds; null: now.</param>
    public async Task<JobId> AcceptAsync(string tenant, int priority = 5, int weight = 1, string? name = null, string? gate = null, long? due = null)
    {
        var job = New(tenant, priority, weight, name, gate, due);
        (await Database.WriteAsync(new AcceptJob(job, null))).ShouldBe(new Acceptance.Accepted(false));
        return job.Origin.Id;
    }

    /// <summary>Accepts a job that may be claimed in the same write; tells whether it was.</summary>
    public async Task<bool> IsClaimedAtOnceAsync(string tenant) =>
        (await Database.WriteAsync(new AcceptJob(New(tenant), null) { Lease = Lease })).ShouldBeOfType<Acceptance.Accepted>().Claimed;

    public NewJob New(string tenant, int priority = 5, int weight = 1, string? name = null, string? gate = null, long? due = null)
    {
        var id = JobId.New(DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Increment(ref _now)));
        lock (_names) _names[id] = name ?? tenant;
        return new NewJob
        {
            Origin = new JobOrigin(id, tenant, "local", null, 1, DataClass.Internal, null),
            Pool = Pool,
            Mode = Mode.Async,
            Priority = priority,
            Created = _now,
            Charge = due is null ? Turns.Charge(weight) : 0,
            Gate = gate,
            Due = due,
        };
    }

    public Task<JobId[]> AcceptManyAsync(int count, string tenant, int priority = 5, int weight = 1) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => AcceptAsync(tenant, priority, weight)));

    /// <returns>The names of the jobs that have their turn, in no order.</returns>
    public async Task<List<string>> ClaimAsync(int slots, Func<string, int?>? limits = null)
    {
        var claimed = await Database.WriteAsync(new ClaimJobs(Pool, Lease, "n", DataClass.Internal, slots, 1) { RunningLimit = limits });
        return [.. claimed.Select(job => _names.GetValueOrDefault(job.Fence.Job, "another"))];
    }

    public Task EndAllAsync() => Database.WriteAsync(new Change("DELETE FROM queue WHERE state = 2"));

    /// <summary>As if a tenant had accepted so many jobs at once.</summary>
    public Task BacklogAsync(string tenant, int count, string? gate = null)
    {
        // Ids that no job of the field has.
        var id = TestDatabase.IsPostgres ? "('ffffffff-0000-0000-0000-' || lpad(to_hex(i), 12, '0'))::uuid" : "CAST(printf('ffffffff%08x', i) AS BLOB)";
        var numbers = TestDatabase.IsPostgres ? $"generate_series(0, {count - 1}) AS n (i)" : $"(WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1}) SELECT i FROM n)";
        var owner = gate is null ? "NULL" : $"'{gate}'";
        return Database.WriteAsync(new Change(string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO queue (job, pool, state, rank, gate) SELECT {id}, {Pool}, 1, i * CAST({Turns.Whole} AS bigint), {owner} FROM {numbers};
            INSERT INTO turns (pool, tenant, lane, slot, base, charged) VALUES ({Pool}, '{tenant}', 5, 0, 0, {count * Turns.Whole})
            """)));
    }

    public long Number(string sql) => Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64(0);
    });

    /// <summary>Jain's index of what each got for its weight: 1 if all got alike, 1/n if one got all.</summary>
    public static double Jain(IReadOnlyCollection<double> shares) => Math.Pow(shares.Sum(), 2) / (shares.Count * shares.Sum(share => share * share));

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
