using Headway.Models.Limits;

namespace Headway.Tests.Models.Limits;

public sealed class FairLineTests
{
    [Fact]
    public void A_thousand_calls_of_one_tenant_delay_a_single_call_of_another_by_one_turn()
    {
        var line = new FairLine();
        for (var i = 0; i < 1_000; i++) line.Add(Waiter("many"));
        line.Take();
        line.Add(Waiter("one"));

        line.Before("one").ShouldBe(1);
        (line.Take().Tenant, line.Take().Tenant).ShouldBe(("many", "one"));
    }

    [Fact]
    public void Nobody_waits_longer_than_one_turn_of_each_other_tenant_and_none_is_lost() => Property.Check(random =>
    {
        var line = new FairLine();
        var waiting = new List<Waiter>();
        var turns = new Dictionary<string, int>();
        for (var i = 0; i < 400; i++)
        {
            if (random.Next(3) > 0 || waiting.Count == 0)
            {
                var waiter = Waiter($"t{random.Next(5)}");
                line.Add(waiter);
                waiting.Add(waiter);
                turns.TryAdd(waiter.Tenant, 0);
                continue;
            }
            if (random.Next(4) == 0)
            {
                var left = waiting[random.Next(waiting.Count)];
                line.Remove(left).ShouldBeTrue();
                line.Remove(left).ShouldBeFalse();
                waiting.Remove(left);
            }
            else
            {
                line.InTurn()[0].ShouldBe(line.First);
                line.InTurn().Count.ShouldBe(waiting.Count);
                var next = line.Take();
                waiting.Remove(next).ShouldBeTrue();
                foreach (var tenant in turns.Keys.ToList()) turns[tenant] = tenant == next.Tenant ? 0 : turns[tenant] + 1;
            }
            foreach (var tenant in turns.Keys.Where(tenant => waiting.TrueForAll(waiter => waiter.Tenant != tenant)).ToList()) turns[tenant] = 0;
            turns.Values.DefaultIfEmpty().Max().ShouldBeLessThan(5);
            line.Count.ShouldBe(waiting.Count);
            line.Tokens.ShouldBe(waiting.Sum(waiter => waiter.Tokens));
        }
    });

    [Fact]
    public void One_tenant_cannot_fill_it_for_the_others()
    {
        var line = new FairLine();
        for (var i = 0; i < FairLine.MostOfTenant; i++) line.Add(Waiter("many"));

        line.HasRoom("many").ShouldBeFalse();
        line.HasRoom("one").ShouldBeTrue();
    }

    private static Waiter Waiter(string tenant) => new(Catalogs.Rehearsal(), tenant, 7, TimeSpan.FromMinutes(1), new AttemptWaits());
}
