using System.Collections.Concurrent;
using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Storage;

public sealed class AnnouncementTests : IAsyncLifetime
{
    private readonly string _address = PostgresCluster.Shared.NewDatabase();
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ConcurrentQueue<string> _own = new();
    private readonly SemaphoreSlim _missed = new(0);
    private Database _here = null!;
    private Database _there = null!;

    public async ValueTask InitializeAsync()
    {
        _here = Database.Open(_address, TimeProvider.System, NullLogger.Instance);
        _there = Database.Open(_address, TimeProvider.System, NullLogger.Instance);
        _here.Listen((topic, key) => _own.Enqueue($"{topic} {key}"), () => { });
        _there.Listen((topic, key) => _heard.Enqueue($"{topic} {key}"), () => _missed.Release());
        while (_here.LookAfter < TimeSpan.FromSeconds(1) || _there.LookAfter < TimeSpan.FromSeconds(1)) await _here.ReadAsync(_ => ValueTask.FromResult(0));
        // What is said before it listens.
        await _missed.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Many_words_of_one_moment_arrive_each_once_and_the_one_who_says_them_hears_none()
    {
        var words = Enumerable.Range(0, 3_000).Select(n => $"{n}-{new string('k', 30)}").ToList();

        foreach (var word in words) _here.Announce("job", word);
        await UntilAsync(() => _heard.Count >= words.Count);

        _heard.Order(StringComparer.Ordinal).ShouldBe(words.Select(word => "job " + word).Order(StringComparer.Ordinal));
        _own.ShouldBeEmpty();
        _missed.CurrentCount.ShouldBe(0);
    }

    [Fact]
    public async Task Where_there_are_too_many_the_others_are_told_to_look_for_themselves()
    {
        for (var n = 0; n < 200_000; n++) _here.Announce("job", $"{n}");

        (await _missed.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_last_words_of_one_that_closes_are_heard()
    {
        await using (var leaving = Database.Open(_address, TimeProvider.System, NullLogger.Instance))
        {
            leaving.Listen((_, _) => { }, () => { });
            leaving.Announce("pool", "7");
        }

        await UntilAsync(() => _heard.Contains("pool 7"));
    }

    private async Task UntilAsync(Func<bool> heard)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!heard())
        {
            late.Token.ThrowIfCancellationRequested();
            await _there.ReadAsync(_ => ValueTask.FromResult(0));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        _missed.Dispose();
    }
}
