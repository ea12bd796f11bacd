using Headway.Delivery;

namespace Headway.Tests.Delivery;

public sealed class DeliveryScheduleTests
{
    private static readonly double[] Seconds = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

    [Fact]
    public void Ten_tries_go_from_seconds_to_a_day()
    {
        DeliverySchedule.Tries.ShouldBe(10);
        for (var tries = 0; tries < 10; tries++)
        {
            DeliverySchedule.After(tries, null, 0.5)!.Value.TotalSeconds.ShouldBe(Seconds[tries]);
            DeliverySchedule.After(tries, null, 0)!.Value.TotalSeconds.ShouldBe(Seconds[tries] * 0.9, 0.001);
            DeliverySchedule.After(tries, null, 1)!.Value.TotalSeconds.ShouldBe(Seconds[tries] * 1.1, 0.001);
        }
        DeliverySchedule.After(10, null, 0.5).ShouldBeNull();
        DeliverySchedule.After(10, TimeSpan.FromSeconds(1), 0.5).ShouldBeNull("a receiver that asks for more time gets no more tries");
    }

    [Fact]
    public void A_receiver_may_ask_for_more_time_but_not_for_less_or_for_ever()
    {
        DeliverySchedule.After(1, TimeSpan.FromMinutes(7), 0.5).ShouldBe(TimeSpan.FromMinutes(7));
        DeliverySchedule.After(4, TimeSpan.FromSeconds(1), 0.5).ShouldBe(TimeSpan.FromHours(2));
        DeliverySchedule.After(1, TimeSpan.FromDays(400), 0.5).ShouldBe(TimeSpan.FromHours(24));
    }
}
