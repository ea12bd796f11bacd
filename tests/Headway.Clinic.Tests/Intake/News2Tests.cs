using Clinic.Intake;

namespace Headway.Clinic.Tests.Intake;

/// <summary>Every cell of the chart, at both its edges.</summary>
public sealed class News2Tests
{
    private static readonly Vitals Well = new(RespirationRate: 16, OxygenSaturation: 98, SystolicBloodPressure: 120, Pulse: 70, Consciousness.Alert, Temperature: 37.0m);

    [Fact]
    public void A_well_patient_scores_nothing()
    {
        var score = News2.Of(Well);
        (score.Total, score.Risk).ShouldBe((0, Risk.Low));
        score.Parameters.Count.ShouldBe(7);
    }

    [Theory]
    [InlineData(0, 3), InlineData(8, 3), InlineData(9, 1), InlineData(11, 1), InlineData(12, 0), InlineData(20, 0), InlineData(21, 2), InlineData(24, 2), InlineData(25, 3)]
    public void Respiration_rate_scores_by_the_chart(int rate, int points) => Points(Well with { RespirationRate = rate }, "respirationRate").ShouldBe(points);

    [Theory]
    [InlineData(91, 3), InlineData(92, 2), InlineData(93, 2), InlineData(94, 1), InlineData(95, 1), InlineData(96, 0), InlineData(100, 0)]
    public void Oxygen_saturation_on_scale_1_is_the_same_with_and_without_oxygen(int percent, int points)
    {
        Points(Well with { OxygenSaturation = percent }, "oxygenSaturation").ShouldBe(points);
        Points(Well with { OxygenSaturation = percent, OnOxygen = true }, "oxygenSaturation").ShouldBe(points);
    }

    [Theory]
    [InlineData(83, 3, 3), InlineData(84, 2, 2), InlineData(85, 2, 2), InlineData(86, 1, 1), InlineData(87, 1, 1), InlineData(88, 0, 0), InlineData(92, 0, 0)]
    [InlineData(93, 0, 1), InlineData(94, 0, 1), InlineData(95, 0, 2), InlineData(96, 0, 2), InlineData(97, 0, 3), InlineData(100, 0, 3)]
    public void Oxygen_saturation_on_scale_2_punishes_too_much_oxygen(int percent, int onAir, int onOxygen)
    {
        Points(Well with { OxygenScale = 2, OxygenSaturation = percent }, "oxygenSaturation").ShouldBe(onAir);
        Points(Well with { OxygenScale = 2, OxygenSaturation = percent, OnOxygen = true }, "oxygenSaturation").ShouldBe(onOxygen);
    }

    [Theory]
    [InlineData(false, 0), InlineData(true, 2)]
    public void Oxygen_costs_two_points(bool onOxygen, int points) => Points(Well with { OnOxygen = onOxygen }, "oxygen").ShouldBe(points);

    [Theory]
    [InlineData(90, 3), InlineData(91, 2), InlineData(100, 2), InlineData(101, 1), InlineData(110, 1), InlineData(111, 0), InlineData(219, 0), InlineData(220, 3)]
    public void Systolic_blood_pressure_scores_by_the_chart(int pressure, int points) => Points(Well with { SystolicBloodPressure = pressure }, "systolicBloodPressure").ShouldBe(points);

    [Theory]
    [InlineData(40, 3), InlineData(41, 1), InlineData(50, 1), InlineData(51, 0), InlineData(90, 0), InlineData(91, 1), InlineData(110, 1), InlineData(111, 2), InlineData(130, 2), InlineData(131, 3)]
    public void Pulse_scores_by_the_chart(int rate, int points) => Points(Well with { Pulse = rate }, "pulse").ShouldBe(points);

    [Theory]
    [InlineData("Alert", 0), InlineData("Confusion", 3), InlineData("Voice", 3), InlineData("Pain", 3), InlineData("Unresponsive", 3)]
    public void Anything_but_alert_scores_three(string response, int points) => Points(Well with { Consciousness = Enum.Parse<Consciousness>(response) }, "consciousness").ShouldBe(points);

    [Theory]
    [InlineData(350, 3), InlineData(351, 1), InlineData(360, 1), InlineData(361, 0), InlineData(380, 0), InlineData(381, 1), InlineData(390, 1), InlineData(391, 2)]
    public void Temperature_scores_by_tenths_of_a_degree(int tenths, int points) => Points(Well with { Temperature = tenths / 10m }, "temperature").ShouldBe(points);

    [Theory]
    [InlineData(0, false, "Low"), InlineData(4, false, "Low"), InlineData(3, true, "LowMedium"), InlineData(4, true, "LowMedium")]
    [InlineData(5, false, "Medium"), InlineData(5, true, "Medium"), InlineData(6, true, "Medium"), InlineData(7, false, "High"), InlineData(20, true, "High")]
    public void The_sum_and_a_single_three_give_the_risk(int total, bool isAnyThree, string risk) => News2.RiskOf(total, isAnyThree).ShouldBe(Enum.Parse<Risk>(risk));

    [Fact]
    public void The_sickest_patient_scores_twenty()
    {
        var score = News2.Of(new Vitals(30, 80, 70, 150, Consciousness.Unresponsive, 40m, OnOxygen: true));
        (score.Total, score.Risk).ShouldBe((19, Risk.High));
        News2.Of(new Vitals(30, 80, 70, 150, Consciousness.Unresponsive, 34m, OnOxygen: true)).Total.ShouldBe(20);
    }

    private static int Points(Vitals vitals, string parameter) => News2.Of(vitals).Parameters.Single(item => item.Name == parameter).Points;
}
