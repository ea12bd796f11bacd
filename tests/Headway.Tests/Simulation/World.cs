using System.Globalization;
using Headway.Budgets;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Simulation;

/// <summary>A real database in which one story after the other takes place, each in a time of its own.</summary>
internal sealed class World : IAsyncDisposable
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retention: { payload: 1h, record: 2h, dead: 3h } }
          pull: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retention: { payload: 1h, record: 2h, dead: 3h }, pool: { concurrency: 4 } }
        """;

    private static readonly string[] Tables = ["queue", "jobs", "payloads", "attempts", "idempotency", "former_inputs", "model_calls", "budgets", "reservations", "turns", "gate_turns", "leases"];

    private static readonly Sql Queue = Sql.Of("places", "SELECT job, state, lease, attempt, failures, crashes, started, due, deadline, hold, hold_until, why, gate, rank, until FROM queue");
    private static readonly Sql Records = Sql.Of("records", "SELECT id, state, attempt, failures, started, finished, deadline, nano_usd, error_code, prune, CASE WHEN input IS NULL THEN 0 ELSE 1 END, CASE WHEN result IS NULL THEN 0 ELSE 1 END FROM jobs");
    private static readonly Sql Events = Sql.Of("events", "SELECT job, action, outcome FROM audit_events WHERE job >= $1 ORDER BY job, id");
    private static readonly Sql Attempts = Sql.Of("attempts", "SELECT job, number, outcome FROM attempts ORDER BY job, number");
    private static readonly Sql Keys = Sql.Of("keys", "SELECT tenant, key, job, expires FROM idempotency");

    // In one, because each is a trip: what it is, of whom, and numbers.
    private static readonly Sql Sums = Sql.Of("sums", """
        SELECT 1, owner, CAST(NULL AS text), nano, CAST(NULL AS bigint), CAST(NULL AS bigint) FROM reservations
        UNION ALL SELECT 2, job, NULL, count(*), NULL, NULL FROM former_inputs GROUP BY job
        UNION ALL SELECT 3, NULL, NULL, id, expires, NULL FROM leases
        UNION ALL SELECT 4, NULL, tenant, CAST(sum(charged) AS bigint), NULL, NULL FROM turns GROUP BY tenant
        UNION ALL SELECT 5, NULL, NULL, spent, reserved, maybe_paid FROM budgets
        UNION ALL SELECT 6, NULL, NULL, (SELECT count(*) FROM payloads),
            (SELECT count(*) FROM jobs WHERE input IS NOT NULL AND input NOT IN (SELECT p.id FROM payloads p) OR result IS NOT NULL AND result NOT IN (SELECT p.id FROM payloads p)),
            (SELECT count(*) FROM payloads p WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE input = p.id OR result = p.id) AND NOT EXISTS (SELECT 1 FROM former_inputs f WHERE f.payload = p.id))
        """);

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "headway-" + Path.GetRandomFileName())).FullName;
    private RegisteredVersion _version = null!;
    private RegisteredVersion _pulled = null!;
    private int _stories;

    private World() => Database = Database.Open(TestDatabase.At(Path.Combine(_folder, "simulation.db")), TimeProvider.System, NullLogger.Instance);

    public Database Database { get; }

    public static async Task<World> OpenAsync()
    {
        var world = new World();
        var file = Path.Combine(world._folder, "headway.yaml");
        await File.WriteAllTextAsync(file, Features);
        var features = FeatureFileReader.Read(file, _ => null).File.ShouldNotBeNull().Features;
        world._version = await world.Database.WriteAsync(new RegisterVersion(features["work"].Latest, 0));
        world._pulled = await world.Database.WriteAsync(new RegisterVersion(features["pull"].Latest, 0));
        if (TestDatabase.IsPostgres) await world.Database.WriteAsync(new Change("CREATE TABLE simulated (now bigint NOT NULL); INSERT INTO simulated VALUES (0); CREATE OR REPLACE FUNCTION headway_now() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT now FROM simulated $$"));
        return world;
    }

    /// <summary>Takes away all that the last story left.</summary>
    /// <returns>Where the next one takes place, and when it begins.</returns>
    public async Task<(Place Place, long Begins)> ClearAsync(Terms terms)
    {
        await Database.WriteAsync(new Change(string.Join(';', Tables.Select(table => $"DELETE FROM {table}")) + "; UPDATE pools SET turn = 0"));
        var limit = terms.Budget is { } budget ? new BudgetLimit("tenant:all/month", 0, budget, DateTimeOffset.MaxValue) : null;
        var version = terms.Pull ? _pulled : _version;
        return (new Place(version.Pool, version.Definition, limit, terms.Pull ? new WantedPool(version) : null), 1_800_000_000_000 + (++_stories * 1_000_000_000L));
    }

    /// <summary>What the database takes for the time. A file has none of its own.</summary>
    public Task SetClockAsync(long now)
    {
        if (!TestDatabase.IsPostgres) return Task.CompletedTask;
        return Database.WriteAsync(new Change(string.Create(CultureInfo.InvariantCulture, $"UPDATE simulated SET now = {now}")));
    }

    /// <summary>The rows of jobs and queue. Null: they are as they must be. What the model cannot know of them it learns.</summary>
    public ValueTask<string?> CompareAsync(Model model) => Database.ReadAsync(async session =>
    {
        var (records, places, ranks) = (new Dictionary<JobId, string>(), new Dictionary<JobId, string>(), new Dictionary<JobId, long>());
        using (var row = session.Use(Records))
        {
            while (await row.StepAsync()) records.Add(row.JobId(0), $"record {row.Int64(1)} attempt {row.Int64(2)} failures {row.Int64(3)} started {row.Int64OrNull(4)} finished {row.Int64OrNull(5)} deadline {row.Int64OrNull(6)} nano {row.Int64(7)} code {row.Text(8)} prune {row.Int64OrNull(9)} input {row.Int64(10)} result {row.Int64(11)}");
        }
        using (var row = session.Use(Queue))
        {
            while (await row.StepAsync())
            {
                places.Add(row.JobId(0), $"queue {row.Int64(1)} lease {row.Int64OrNull(2)} attempt {row.Int64(3)} failures {row.Int64(4)} crashes {row.Int64(5)} started {row.Int64OrNull(6)} due {row.Int64OrNull(7)} deadline {row.Int64OrNull(8)} hold {Text(row.Blob(9))} until {row.Int64OrNull(10)} why {row.Text(11)} gate {row.Text(12)}{(row.Int64(1) == (long)JobState.Running ? $" cut off {row.Int64OrNull(14)}" : "")}");
                ranks.Add(row.JobId(0), row.Int64(13));
            }
        }
        return Differ(model, records, places) ?? model.UnderWay.Select(job => Learn(job, ranks[job.Id])).FirstOrDefault(wrong => wrong is not null);
    });

    /// <summary>All other rows. Null: they are as they must be.</summary>
    public async ValueTask<string?> CompareRestAsync(Model model, long begins)
    {
        var found = await Database.ReadAsync(session => RestAsync(session, model, begins));
        var expected = model.Rest().ToHashSet();
        var (missing, surplus) = (expected.Except(found).ToList(), found.Except(expected).ToList());
        return missing.Count + surplus.Count == 0 ? null : $"expected: {string.Join("; ", missing)}\n  found:    {string.Join("; ", surplus)}";
    }

    private static string? Differ(Model model, Dictionary<JobId, string> records, Dictionary<JobId, string> places)
    {
        foreach (var job in model.Jobs.Values)
        {
            if (records.GetValueOrDefault(job.Id) is var record && record != job.Record) return $"job {job.Number}\n  expected: {job.Record}\n  found:    {record ?? "no record"}";
            if (places.GetValueOrDefault(job.Id) is var place && place != job.Place) return $"job {job.Number}\n  expected: {job.Place ?? "not in the queue"}\n  found:    {place ?? "not in the queue"}";
        }
        return records.Count == model.Jobs.Count && places.Count == model.UnderWay.Count() ? null : $"{records.Count} records and {places.Count} in the queue, and not {model.Jobs.Count} and {model.UnderWay.Count()}";
    }

    // A rank is given once for each time a job comes to the queue, and does not change while it waits there.
    private static string? Learn(ModelJob job, long rank)
    {
        if (job.Rank is { } known && known != rank) return $"job {job.Number} was given the rank {known} and has {rank}";
        if (job.MayRank is { } may && !may(rank)) return $"job {job.Number} was claimed at once with the rank {rank}, and others come before it";
        (job.Rank, job.MayRank) = (rank, null);
        return null;
    }

    private static async ValueTask<HashSet<string>> RestAsync(Session session, Model model, long begins)
    {
        var rest = new HashSet<string>();
        foreach (var told in (await ReadAsync(session.Use(Events).Bind(1, JobIds.At(begins, 0)), row => (Job: row.JobId(0), What: row.Text(2) is { } outcome ? $"{row.Text(1)}:{outcome}" : row.Text(1)!))).GroupBy(told => told.Job)) rest.Add($"events of {Model.Name(told.Key)}: {string.Join(' ', told.Select(each => each.What))}");
        foreach (var tried in (await ReadAsync(session.Use(Attempts), row => (Job: row.JobId(0), What: $"{row.Int64(1)} {row.Text(2)}"))).GroupBy(tried => tried.Job)) rest.Add($"attempts of {Model.Name(tried.Key)}: {string.Join(", ", tried.Select(each => each.What))}");
        rest.UnionWith(await ReadAsync(session.Use(Keys), row => $"key {row.Text(0)}/{Text(row.Blob(1))} is of {Model.Name(row.JobId(2))} until {row.Int64(3)}"));
        rest.UnionWith(await ReadAsync(session.Use(Sums), row => row.Int64(0) switch
        {
            1 => $"held for {Model.Name(row.JobId(1))}: {row.Int64(3)}",
            2 => $"former inputs of {Model.Name(row.JobId(1))}: {row.Int64(3)}",
            3 => $"lease {row.Int64(3)} until {row.Int64(4)}",
            4 => model.Charge(row.Text(2)!, row.Int64(3)),
            5 => $"budget: spent {row.Int64(3)} reserved {row.Int64(4)} maybe paid {row.Int64(5)}",
            _ => $"payloads: {row.Int64(3)}, lost with {row.Int64(4)} jobs, {row.Int64(5)} left over",
        }));
        return rest;
    }

    private static async ValueTask<List<T>> ReadAsync<T>(Statement statement, Func<Statement, T> read)
    {
        var rows = new List<T>();
        using (statement)
        {
            while (await statement.StepAsync()) rows.Add(read(statement));
        }
        return rows;
    }

    private static string? Text(byte[]? bytes) => bytes is null ? null : System.Text.Encoding.UTF8.GetString(bytes);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

internal static class JobIds
{
    /// <summary>The same in each telling of a story, and in the order in which they are drawn.</summary>
    public static JobId At(long now, int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, (now << 16) | 0x7000L | (uint)number);
        bytes[8] = 0x80;
        return JobId.FromBytes(bytes);
    }
}
