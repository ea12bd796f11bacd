using Headway.Features;
using Headway.Models.Limits;

namespace Headway.Tests.Models.Limits;

public sealed class RateWindowTests
{
    private const long Start = 1_772_442_000_000;

    [Fact]
    public void Whatever_is_granted_and_whenever_it_is_used_no_sixty_seconds_see_more_than_the_limit() => Property.Check(random =>
    {
        var limits = new ModelLimits { RequestsPerMinute = random.Next(1, 40), TokensPerMinute = random.Next(100, 4_000) };
        var counted = new List<Granted>();
        var uses = new List<(long At, long Requests, long Tokens)>();
        for (var now = Start + random.Next(1_000); now < Start + 200_000; now += random.Next(1, 3_000))
        {
            counted.RemoveAll(second => second.Second <= RateWindow.LastPassed(now));
            var (requests, tokens) = RateWindow.Grant(counted, limits, random.Next(1, 50), random.Next(1, 3_000), random.Next(100));
            if (requests == 0) continue;
            Add(counted, new Granted(RateWindow.SecondOf(now), requests, tokens));
            // The worst: all of it at once, at some moment of the time in which it may be used.
            uses.Add((now + (long)(random.NextDouble() * (RateWindow.UsableFor(now).TotalMilliseconds - 1)), requests, tokens));
        }

        foreach (var first in uses)
        {
            var stretch = uses.Where(use => use.At >= first.At && use.At < first.At + 60_000).ToList();
            stretch.Sum(use => use.Requests).ShouldBeLessThanOrEqualTo(limits.RequestsPerMinute!.Value);
            stretch.Sum(use => use.Tokens).ShouldBeLessThanOrEqualTo(limits.TokensPerMinute!.Value);
        }
        uses.Sum(use => use.Requests).ShouldBeGreaterThan(limits.RequestsPerMinute!.Value);
    });

    [Fact]
    public void There_is_room_at_the_moment_that_is_told_and_not_a_millisecond_before() => Property.Check(random =>
    {
        var limits = new ModelLimits { RequestsPerMinute = random.Next(1, 20), TokensPerMinute = random.Next(100, 1_000) };
        var counted = new List<Granted>();
        var now = Start;
        for (var i = 0; i < 40; i++, now += random.Next(900)) Add(counted, new Granted(RateWindow.SecondOf(now), random.Next(3), random.Next(60)));
        var least = random.Next(1, limits.TokensPerMinute!.Value);

        var (requests, tokens) = RateWindow.FreeAt(counted, limits, 1, least, now);
        var at = Math.Max(requests, tokens);

        IsFree(counted, limits, least, at).ShouldBeTrue();
        if (at > now) IsFree(counted, limits, least, at - 1).ShouldBeFalse();
    });

    [Fact]
    public void The_last_of_it_goes_one_by_one()
    {
        var limits = new ModelLimits { RequestsPerMinute = 10 };

        RateWindow.Grant([], limits, 100, 0, 0).Requests.ShouldBe(5);
        RateWindow.Grant([new Granted(1, 7, 0)], limits, 100, 0, 0).Requests.ShouldBe(1);
        RateWindow.Grant([new Granted(1, 9, 0)], limits, 100, 0, 0).Requests.ShouldBe(1);
        RateWindow.Grant([new Granted(1, 10, 0)], limits, 100, 0, 0).Requests.ShouldBe(0);
    }

    private static bool IsFree(List<Granted> counted, ModelLimits limits, long least, long now) =>
        RateWindow.Grant([.. counted.Where(second => second.Second > RateWindow.LastPassed(now))], limits, 1, least, least).Requests > 0;

    private static void Add(List<Granted> counted, Granted granted)
    {
        var at = counted.FindIndex(second => second.Second == granted.Second);
        if (at < 0) counted.Add(granted);
        else counted[at] = granted with { Requests = granted.Requests + counted[at].Requests, Tokens = granted.Tokens + counted[at].Tokens };
    }
}
