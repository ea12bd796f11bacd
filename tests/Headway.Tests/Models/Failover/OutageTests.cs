using Headway.Audit;
using Headway.Features;
using Headway.Models;
using Headway.Models.Failover;
using Headway.Tests.Handlers;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.Failover;

/// <summary>A model that is down while many call it at once.</summary>
public sealed class OutageTests
{
    private const int Callers = 25;

    private static readonly string Stream = Scripts.Fixture("openai/stream");
    private static readonly string Nothing = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private readonly ManualTime _time = new(Attempts.Start);

    [Fact]
    public async Task A_minute_without_the_first_model_costs_no_caller_an_answer_and_ends_half_a_minute_after_its_recovery()
    {
        var up = false;
        await using var fast = await ModelUpstream.StartAsync(context => (Volatile.Read(ref up) ? Scripts.Events(Stream) : Scripts.Whole(503, null, ""))(context));
        await using var strong = await ModelUpstream.StartAsync(Scripts.Events(Stream));
        using var catalog = Catalogs.Of(_time, Asking.Define("fast", fast.BaseUrl), Asking.Define("strong", strong.BaseUrl));
        var chain = new ModelChain(catalog, ["fast", "strong"]);

        for (var second = 0; second < 60; second++) (await CallAsync(chain)).ShouldAllBe(model => model == "strong");
        // Those that were on their way before the first failure came back, and then a probe after 2, 4, 8, 16 and each 20 s.
        fast.Calls.Count.ShouldBeLessThanOrEqualTo(Callers + 7);
        Volatile.Write(ref up, true);
        var seconds = 0;
        while (!(await CallAsync(chain)).Contains("fast")) seconds++;

        seconds.ShouldBeLessThan(30);
        (await CallAsync(chain)).ShouldAllBe(model => model == "fast");
    }

    [Theory]
    [InlineData(503)]
    [InlineData(200)]
    public async Task A_model_alone_meets_no_more_than_a_fifth_of_its_calls_again(int status)
    {
        const int crowd = 200;
        // An answer of nothing shows that the server is up: it is left out by nobody, and only the budget holds repetitions down.
        var (arrived, everybody) = (0, new TaskCompletionSource());
        await using var fast = await ModelUpstream.StartAsync(async context =>
        {
            // All are on their way before the first of them fails.
            if (Interlocked.Increment(ref arrived) == crowd) everybody.SetResult();
            await everybody.Task;
            await (status == 503 ? Scripts.Whole(503, null, "") : Scripts.Events(Nothing))(context);
        });
        using var catalog = Catalogs.Of(_time, Asking.Define("fast", fast.BaseUrl));
        var chain = new ModelChain(catalog, ["fast"]);

        var asked = Enumerable.Range(0, crowd).Select(_ => Task.Run(() => chain.AskAsync(Asking.Request(), Terms(), CancellationToken.None))).ToArray();
        var all = Task.WhenAll(asked);
        while (!all.IsCompleted)
        {
            // A call under way has a limit on the whole; while none has, all that is left wait for the clock.
            if (!_time.Waits.Any(wait => wait.For == TimeSpan.FromSeconds(60))) _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
        }

        (await all).ShouldAllBe(reply => reply.Failure != null);
        var minutes = (_time.GetUtcNow() - Attempts.Start).TotalMinutes;
        var most = (crowd * RetryBudget.Share) + RetryBudget.Floor + (minutes * RetryBudget.FloorPerMinute);
        (fast.Calls.Count - crowd).ShouldBeInRange(1, (int)most);
    }

    private async Task<string[]> CallAsync(ModelChain chain)
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => chain.AskAsync(Asking.Request(), Terms(), CancellationToken.None))));
        _time.Advance(TimeSpan.FromSeconds(1));
        return [.. replies.Select(reply => reply.Answer.ShouldNotBeNull().Model)];
    }

    private ChainTerms Terms() => new() { Until = _time.GetUtcNow().AddSeconds(30), Data = DataClass.Internal, Disclosures = new Unseen() };

    private sealed class Unseen : DisclosureLog
    {
        public override ValueTask OpenAsync(Disclosure disclosure, CancellationToken stop) => ValueTask.CompletedTask;
    }
}
