using Headway.Caching;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Caching;

public sealed class A_tenant_has_room_of_its_own : IDisposable
{
    private const int Kilobyte = CachedAnswers.LeastSize;
    private static readonly CacheRoom Room = new(OfTenant: 20 * Kilobyte, InAll: 30 * Kilobyte);
    private static readonly string[] Tenants = ["a", "b", "c"];

    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private int _made;

    [Fact]
    public async Task A_flood_of_one_pushes_out_its_own_oldest_and_nothing_of_another()
    {
        await using var database = Open();
        for (var n = 0; n < 10; n++) await KeepAsync(database, "b", Kilobyte);
        for (var n = 0; n < 100; n++) await KeepAsync(database, "a", Kilobyte);

        Kept(database, "b").ShouldBe(Enumerable.Range(0, 10));
        Kept(database, "a").ShouldBe(Enumerable.Range(90, 20));
    }

    [Fact]
    public async Task Small_answers_count_as_much_as_their_row_and_an_answer_that_is_kept_anew_counts_once()
    {
        await using var database = Open();
        for (var n = 0; n < 25; n++) await KeepAsync(database, "a", 1);
        Kept(database, "a").Count.ShouldBe(20);

        for (var n = 0; n < 5; n++) await database.WriteAsync(new Keeping(Answer("a", 24, 1)));
        Kept(database, "a").Count.ShouldBe(20);
        Sizes(database).ShouldBe([("a", 20 * Kilobyte)]);
    }

    /// <summary>The invariants of <see cref="CachedAnswers"/>, whatever is kept and removed in which order.</summary>
    [Fact]
    public void No_order_of_keeping_and_removing_breaks_its_bounds() => Property.Check(chance => PlayAsync(chance).GetAwaiter().GetResult(), cases: 30);

    private async Task PlayAsync(Random chance)
    {
        await using var database = Open();
        var (asked, owners, pruned) = (Tenants.ToDictionary(tenant => tenant, _ => 0L), new Dictionary<int, string>(), new HashSet<int>());
        for (var step = 0; step < 60; step++)
        {
            if (chance.Next(10) == 0)
            {
                var before = Tenants.SelectMany(tenant => Kept(database, tenant)).ToHashSet();
                await database.WriteAsync(new Pruning(chance.Next(owners.Count + 1)));
                pruned.UnionWith(before.Except(Tenants.SelectMany(tenant => Kept(database, tenant))));
                continue;
            }
            // Most of them are the first one's.
            var tenant = Tenants[Math.Max(0, chance.Next(12) - 9)];
            var length = chance.Next(5 * Kilobyte);
            asked[tenant] += Math.Max(length, Kilobyte);
            var number = owners.Count;
            owners[number] = tenant;
            await database.WriteAsync(new Keeping(Answer(tenant, number, length)));

            var sizes = Sizes(database).ToDictionary(row => row.Tenant, row => row.Size);
            sizes.Values.ShouldAllBe(size => size <= Room.OfTenant);
            sizes.Values.Sum().ShouldBeLessThanOrEqualTo(Room.InAll);
            foreach (var known in Tenants) Sum(database, known).ShouldBe(sizes.GetValueOrDefault(known));
        }
        // Who never asked for more than an even share has lost nothing but what had expired.
        foreach (var tenant in Tenants.Where(tenant => asked[tenant] <= Room.InAll / Tenants.Length))
        {
            Kept(database, tenant).ShouldBe(owners.Where(owner => owner.Value == tenant && !pruned.Contains(owner.Key)).Select(owner => owner.Key), ignoreOrder: true);
        }
    }

    private Task<bool> KeepAsync(Database database, string tenant, int length) => database.WriteAsync(new Keeping(Answer(tenant, _made++, length)));

    private static CachedAnswer Answer(string tenant, int number, int length) =>
        new(tenant, BitConverter.GetBytes(number), default, new byte[length], "text/plain", null, AnswerPieces.Whole, number, number + 1);

    private static List<int> Kept(Database database, string tenant) => database.Read(session =>
    {
        var numbers = new List<int>();
        using var read = session.Prepare("SELECT created FROM cached_answers WHERE tenant = $1 ORDER BY created").Bind(1, tenant);
        while (read.Step()) numbers.Add(read.Int32(0));
        return numbers;
    });

    private static List<(string Tenant, long Size)> Sizes(Database database) => database.Read(session =>
    {
        var sizes = new List<(string, long)>();
        using var read = session.Prepare("SELECT tenant, size FROM cached_sizes ORDER BY tenant");
        while (read.Step()) sizes.Add((read.Text(0)!, read.Int64(1)));
        return sizes;
    });

    private static long Sum(Database database, string tenant) => database.Read(session =>
    {
        using var read = session.Prepare("SELECT coalesce(sum(size), 0) FROM cached_answers WHERE tenant = $1").Bind(1, tenant);
        read.Step();
        return read.Int64(0);
    });

    private Database Open() => Database.Open(TestDatabase.At(Path.Combine(_folder, $"{Guid.NewGuid():N}.db")), TimeProvider.System, NullLogger.Instance);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Keeping(CachedAnswer answer) : Write<bool>
    {
        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            await CachedAnswers.KeepAsync(session, answer, Room);
            return true;
        }
    }

    private sealed class Pruning(long now) : Write<int>
    {
        protected override ValueTask<int> ApplyAsync(Session session) => CachedAnswers.PruneAsync(session, now, 5);
    }
}
