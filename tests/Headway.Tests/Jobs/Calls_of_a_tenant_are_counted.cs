using Headway.Jobs.Accepting;
using Headway.Models.Limits;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Jobs;

/// <summary>The calls a minute of one tenant, without an engine.</summary>
public sealed class Calls_of_a_tenant_are_counted : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private readonly ManualTime _time = new();
    private Database _database = null!;

    public ValueTask InitializeAsync()
    {
        _database = Database.Open(TestDatabase.At(Path.Combine(_folder, "rates.db")), _time, NullLogger.Instance);
        return ValueTask.CompletedTask;
    }

    private CallRate Rate() => new("tenant a", _database, () => 1);

    [Fact]
    public async Task Within_no_minute_do_more_go_and_each_goes_when_it_was_told()
    {
        var rate = Rate();
        var went = new List<DateTimeOffset>();
        for (var i = 0; i < 40; i++)
        {
            if (await rate.TryEnterAsync(10) is { } wait) _time.Advance(wait);
            else went.Add(_time.GetUtcNow());
            if (i % 7 == 0) _time.Advance(TimeSpan.FromSeconds(3));
        }

        foreach (var at in went) went.Count(other => other >= at && other < at + TimeSpan.FromSeconds(60)).ShouldBeLessThanOrEqualTo(10);
        went.Count.ShouldBeGreaterThan(30);
    }

    [Fact]
    public async Task Many_at_once_get_what_is_left_and_no_more()
    {
        var rates = new[] { Rate(), Rate() };

        var entered = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => rates[i % 2].TryEnterAsync(50).AsTask()));
        foreach (var rate in rates) await rate.SettleAsync(all: true);
        var rest = new List<TimeSpan?>();
        for (var i = 0; i < 60; i++) rest.Add(await rates[0].TryEnterAsync(50));

        (entered.Count(wait => wait is null) + rest.Count(wait => wait is null)).ShouldBe(50);
        rates[0].Left(50)!.Value.Calls.ShouldBe(0);
        rates[0].Left(50)!.Value.Until.ShouldBeInRange(TimeSpan.FromSeconds(58), TimeSpan.FromSeconds(63));
    }

    [Fact]
    public async Task What_counts_no_more_is_taken_away()
    {
        await Rate().TryEnterAsync(50);
        (await _database.WriteAsync(new PruneGrants(_database.Now, 10))).ShouldBe(0);
        _time.Advance(TimeSpan.FromMinutes(2));

        (await _database.WriteAsync(new PruneGrants(_database.Now, 10))).ShouldBe(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
