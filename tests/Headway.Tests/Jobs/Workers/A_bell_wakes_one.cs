using Headway.Jobs.Workers;

namespace Headway.Tests.Jobs.Workers;

/// <summary>How claims that wait are woken: one for each word.</summary>
public sealed class A_bell_wakes_one
{
    private readonly WorkerBell _bell = new();

    [Fact]
    public void A_word_wakes_one_and_another_the_next()
    {
        using var first = _bell.Expect([1, 2]);
        using var second = _bell.Expect([1]);
        using var other = _bell.Expect([2]);

        _bell.Ring(1);
        (first.IsWoken, second.IsWoken, other.IsWoken).ShouldBe((true, false, false));
        _bell.Ring(1);
        (first.IsWoken, second.IsWoken, other.IsWoken).ShouldBe((true, true, false));
        _bell.RingAll();
        other.IsWoken.ShouldBeTrue();
    }

    [Fact]
    public void A_word_of_a_tenant_wakes_one_of_its_own_and_one_of_all()
    {
        using var ours = _bell.Expect([1], "ours");
        using var theirs = _bell.Expect([1], "theirs");
        using var all = _bell.Expect([1]);

        _bell.Ring(1, "theirs");
        (ours.IsWoken, theirs.IsWoken, all.IsWoken).ShouldBe((false, true, true));
        _bell.Ring(1);
        ours.IsWoken.ShouldBeTrue("it may be its tenant's");
    }

    [Fact]
    public void A_word_of_a_tenant_for_all_pools_wakes_nobody_who_waits_for_another()
    {
        using var ours = _bell.Expect([1, 2], "ours");
        using var theirs = _bell.Expect([2], "theirs");
        _bell.RingAll("theirs");
        (ours.IsWoken, theirs.IsWoken).ShouldBe((false, true));
        _bell.RingAll("ours", but: 1);
        ours.IsWoken.ShouldBeTrue("by the other pool");
    }

    [Fact]
    public void One_that_leaves_wakes_nobody_who_waits_for_another_tenant()
    {
        var ours = _bell.Expect([1], "ours");
        using var next = _bell.Expect([1], "ours");
        using var theirs = _bell.Expect([1], "theirs");
        _bell.Ring(1, "ours");
        ours.Dispose();
        (next.IsWoken, theirs.IsWoken).ShouldBe((true, false));
    }

    [Fact]
    public void One_that_was_woken_and_leaves_without_a_look_wakes_the_next()
    {
        var first = _bell.Expect([1]);
        using var second = _bell.Expect([1]);
        _bell.Ring(1);
        first.Dispose();
        second.IsWoken.ShouldBeTrue();
    }

    [Fact]
    public void One_that_took_as_much_as_it_may_wakes_the_next_and_one_that_found_nothing_does_not()
    {
        var full = _bell.Expect([1]);
        var empty = _bell.Expect([1]);
        using var next = _bell.Expect([1]);
        empty.Found(mayBeMore: false);
        empty.Dispose();
        next.IsWoken.ShouldBeFalse();
        full.Found(mayBeMore: true);
        full.Dispose();
        next.IsWoken.ShouldBeTrue();
    }
}
