using System.Collections.Concurrent;
using Headway.Features;
using Headway.Storage;

namespace Headway.Access;

/// <summary>Who calls which version of a feature: so that one that is on its way out can be taken away when nobody calls it any more.</summary>
/// <remarks>Counted in memory and added to the database some seconds later, so that a call costs no write. A process that is killed takes those seconds with it: when a consumer last called is exact to them, and the count is no bill.</remarks>
internal sealed class ConsumerLog(Database database)
{
    /// <summary>Whom nobody can tell apart any more: more callers than this between two looks.</summary>
    public const string Others = "others";

    private const int MostBetween = 10_000;
    private const int Batch = 500;

    // Who called a moment ago will call again.
    private const long QuietMilliseconds = 60_000;

    // Who has not called for so long is no consumer.
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(400);

    private readonly ConcurrentDictionary<Name, Count> _counts = new();

    public void Note(FeatureVersion version, Caller caller) => Add(new Name(caller.Tenant, version.Feature, version.Number, caller.Actor), database.Now, 1);

    /// <summary>Adds what was counted; how many consumers it was of.</summary>
    public async Task<int> TellAsync()
    {
        var (told, now) = (0, database.Now);
        foreach (var some in _counts.ToArray().Chunk(Batch))
        {
            var rows = some.Select(one => new Calls(one.Key.Tenant, one.Key.Feature, one.Key.Version, one.Key.Actor, one.Value.Last, one.Value.Take())).Where(row => row.Number > 0).ToList();
            foreach (var one in some.Where(one => one.Value.TryRetire(now - QuietMilliseconds))) _counts.TryRemove(one);
            if (rows.Count == 0) continue;
            try
            {
                await database.WriteAsync(new AddCalls(rows)).ConfigureAwait(false);
                told += rows.Count;
            }
            catch (StorageException)
            {
                foreach (var row in rows) Add(new Name(row.Tenant, row.Feature, row.Version, row.Actor), row.Last, row.Number);
                throw;
            }
        }
        return told;
    }

    public Task<int> ForgetAsync() => database.WriteAsync(new ForgetConsumers((database.Time.GetUtcNow() - KeptFor).ToUnixTimeMilliseconds(), Batch));

    /// <summary>By feature and version, who called last first; up to the limit.</summary>
    /// <param name="tenant">Null: of all.</param>
    /// <param name="feature">Null: of all.</param>
    public async Task<IReadOnlyList<Consumer>> ListAsync(string? tenant, string? feature, int limit)
    {
        await TellAsync().ConfigureAwait(false);
        return await database.ReadAsync(session => AddCalls.ReadAsync(session, tenant, feature, limit)).ConfigureAwait(false);
    }

    private void Add(Name name, long at, long calls)
    {
        while (true)
        {
            if (!_counts.TryGetValue(name, out var count)) count = _counts.GetOrAdd(_counts.Count < MostBetween ? name : name with { Actor = Others }, static _ => new Count());
            if (count.TryAdd(at, calls)) return;
        }
    }

    private readonly record struct Name(string Tenant, string Feature, int Version, string Actor);

    private sealed class Count
    {
        private readonly Lock _gate = new();
        private long _calls;
        private long _last;
        private bool _retired;

        public long Last
        {
            get
            {
                lock (_gate) return _last;
            }
        }

        /// <summary>False: it is retired, and another takes its place.</summary>
        public bool TryAdd(long at, long calls)
        {
            lock (_gate)
            {
                if (_retired) return false;
                (_last, _calls) = (Math.Max(_last, at), _calls + calls);
                return true;
            }
        }

        public long Take()
        {
            lock (_gate)
            {
                var calls = _calls;
                _calls = 0;
                return calls;
            }
        }

        public bool TryRetire(long before)
        {
            lock (_gate) return _retired |= _calls == 0 && _last < before;
        }
    }
}

/// <summary>Somebody who calls a version of a feature.</summary>
/// <param name="Since">When it first did.</param>
internal sealed record Consumer(string Tenant, string Feature, int Version, string Actor, DateTimeOffset Since, DateTimeOffset Last, long Calls);

internal sealed record Calls(string Tenant, string Feature, int Version, string Actor, long Last, long Number);

internal sealed class AddCalls(IReadOnlyList<Calls> rows) : Write<bool>
{
    private static readonly Sql Add = Sql.At("Access/Consumers/AddCalls");
    private static readonly Sql ReadOf = Sql.At("Access/Consumers/ReadConsumers");
    private static readonly Sql ReadAll = Sql.At("Access/Consumers/ReadAllConsumers");

    // Nodes that add for the same consumers at once would wait for each other's rows in a circle.
    internal override IReadOnlyList<Claim> Claims => [new Claim("consumers", "all", OnEveryNode: true)];

    internal override Writer Writer => Writer.Upkeep;

    protected override ValueTask<bool> ApplyAsync(Session session)
    {
        foreach (var row in rows) session.Use(Add).Bind(1, row.Tenant).Bind(2, row.Feature).Bind(3, (long)row.Version).Bind(4, row.Actor).Bind(5, row.Last).Bind(6, row.Number).Send();
        return ValueTask.FromResult(true);
    }

    public static async ValueTask<IReadOnlyList<Consumer>> ReadAsync(Session session, string? tenant, string? feature, int limit)
    {
        var found = new List<Consumer>();
        var (name, any) = (feature ?? "", feature is null ? 1L : 0L);
        using var read = tenant is null ? session.Use(ReadAll).Bind(1, name).Bind(2, any).Bind(3, (long)limit) : session.Use(ReadOf).Bind(1, tenant).Bind(2, name).Bind(3, any).Bind(4, (long)limit);
        while (await read.StepAsync().ConfigureAwait(false)) found.Add(new Consumer(read.Text(0)!, read.Text(1)!, read.Int32(2), read.Text(3)!, read.Time(4), read.Time(5), read.Int64(6)));
        return found;
    }
}

internal sealed class ForgetConsumers(long before, int limit) : Write<int>
{
    private static readonly Sql Forget = Sql.At("Access/Consumers/ForgetConsumers");

    protected override async ValueTask<int> ApplyAsync(Session session)
    {
        using var forget = session.Use(Forget).Bind(1, before).Bind(2, (long)limit);
        return await forget.ExecuteAsync().ConfigureAwait(false);
    }
}
