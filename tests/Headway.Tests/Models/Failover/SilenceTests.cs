using Headway.Models;
using Headway.Models.Failover;
using Headway.Tests.Handlers;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.Failover;

/// <summary>A model that keeps silent while another stands ready.</summary>
public sealed class SilenceTests : ChainCase
{
    /// <summary>Only so that a model which is waited for in vain is told of: the clock that counts is moved by hand.</summary>
    private const int Longest = 20_000;

    [Fact(Timeout = Longest)]
    public async Task A_model_that_is_silent_beyond_half_of_the_time_makes_room_for_the_next()
    {
        await using var silent = await ModelUpstream.StartAsync(Scripts.Silence());
        await using var strong = await ModelUpstream.StartAsync(Scripts.Events(Stream));
        // The limit on the first token is 4 s.
        var asked = AskAsync(Terms() with { Until = Attempts.Start.AddSeconds(3) }, Asking.Define("silent", silent.BaseUrl), Asking.Define("strong", strong.BaseUrl));
        await silent.ArrivedAsync(1);

        Time.Advance(TimeSpan.FromMilliseconds(1499));
        strong.Calls.ShouldBeEmpty();
        Time.Advance(TimeSpan.FromMilliseconds(1));

        (await asked).Answer.ShouldNotBeNull().Model.ShouldBe("strong");
    }

    [Fact(Timeout = Longest)]
    public async Task An_answer_that_stalls_unseen_makes_room_for_the_next()
    {
        await using var stalls = await ModelUpstream.StartAsync(Scripts.StallAfter(Stream.Before("twice"), new TaskCompletionSource().Task));
        await using var strong = await ModelUpstream.StartAsync(Scripts.Events(Stream));

        // The limit on silence is 10 s, and the attempt has 5.
        var asked = AskAsync(Terms() with { Until = Attempts.Start.AddSeconds(5) }, Asking.Define("stalls", stalls.BaseUrl, firstToken: 1), Asking.Define("strong", strong.BaseUrl));
        while (!Time.Waits.Any(wait => wait.For == TimeSpan.FromSeconds(2.5))) await Task.Yield();
        Time.Advance(TimeSpan.FromSeconds(2.5));

        (await asked).Answer.ShouldNotBeNull().Model.ShouldBe("strong");
    }

    [Fact(Timeout = Longest)]
    public async Task Callers_with_little_time_do_not_take_a_model_from_all_others()
    {
        await using var slow = await ModelUpstream.StartAsync(Scripts.Silence());
        using var catalog = Catalogs.Of(Time, Asking.Define("slow", slow.BaseUrl), Catalogs.Rehearsal("strong"));
        var chain = new ModelChain(catalog, ["slow", "strong"]);

        for (var call = 1; call <= ModelHealth.OpensAfter + 1; call++)
        {
            var asked = chain.AskAsync(Asking.Request(), Terms() with { Until = Time.GetUtcNow().AddSeconds(1) }, CancellationToken.None);
            await slow.ArrivedAsync(call);
            Time.Advance(TimeSpan.FromSeconds(0.5));
            (await asked).Answer.ShouldNotBeNull().Model.ShouldBe("strong");
        }
    }
}
