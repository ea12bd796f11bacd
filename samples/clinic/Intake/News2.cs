using System.Text.Json.Serialization;

namespace Clinic.Intake;

/// <summary>
/// The National Early Warning Score 2: each parameter scores 0 to 3, oxygen 0 or 2, and the sum says how urgently the patient must be seen.
/// </summary>
/// <remarks>
/// Source: Royal College of Physicians, "National Early Warning Score (NEWS) 2: Standardising the assessment of acute-illness severity in the NHS",
/// updated report of a working party, London: RCP, 2017; chart 1 (the scoring system) and chart 2 (thresholds and triggers).
/// It holds for patients of 16 years and older who are not pregnant.
/// </remarks>
internal static class News2
{
    public const string Source = "Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, charts 1 and 2";
    public const int YoungestAge = 16;

    public static Score Of(Vitals vitals)
    {
        Parameter[] parameters =
        [
            new("respirationRate", vitals.RespirationRate, Respiration(vitals.RespirationRate)),
            new("oxygenSaturation", vitals.OxygenSaturation, vitals.OxygenScale == 2 ? Saturation2(vitals.OxygenSaturation, vitals.OnOxygen) : Saturation1(vitals.OxygenSaturation)),
            new("oxygen", null, vitals.OnOxygen ? 2 : 0),
            new("systolicBloodPressure", vitals.SystolicBloodPressure, Pressure(vitals.SystolicBloodPressure)),
            new("pulse", vitals.Pulse, Pulse(vitals.Pulse)),
            new("consciousness", null, vitals.Consciousness == Consciousness.Alert ? 0 : 3),
            new("temperature", vitals.Temperature, Temperature(vitals.Temperature)),
        ];
        var total = parameters.Sum(parameter => parameter.Points);
        return new Score(total, RiskOf(total, parameters.Any(parameter => parameter.Points == 3)), parameters);
    }

    public static Risk RiskOf(int total, bool isAnyThree) => total switch
    {
        >= 7 => Risk.High,
        >= 5 => Risk.Medium,
        _ => isAnyThree ? Risk.LowMedium : Risk.Low,
    };

    private static int Respiration(int rate) => rate switch { <= 8 => 3, <= 11 => 1, <= 20 => 0, <= 24 => 2, _ => 3 };

    private static int Saturation1(int percent) => percent switch { <= 91 => 3, <= 93 => 2, <= 95 => 1, _ => 0 };

    // Above the target of 88 to 92 it is the oxygen that harms; on air the same figure is a good sign.
    private static int Saturation2(int percent, bool onOxygen) => percent switch
    {
        <= 83 => 3,
        <= 85 => 2,
        <= 87 => 1,
        <= 92 => 0,
        _ when !onOxygen => 0,
        <= 94 => 1,
        <= 96 => 2,
        _ => 3,
    };

    private static int Pressure(int systolic) => systolic switch { <= 90 => 3, <= 100 => 2, <= 110 => 1, <= 219 => 0, _ => 3 };

    private static int Pulse(int rate) => rate switch { <= 40 => 3, <= 50 => 1, <= 90 => 0, <= 110 => 1, <= 130 => 2, _ => 3 };

    private static int Temperature(decimal celsius) => celsius switch { <= 35.0m => 3, <= 36.0m => 1, <= 38.0m => 0, <= 39.0m => 1, _ => 2 };
}

/// <param name="Total">0 to 20.</param>
internal sealed record Score(int Total, Risk Risk, IReadOnlyList<Parameter> Parameters);

/// <param name="Value">As measured; null where the parameter is not a number.</param>
internal sealed record Parameter(string Name, decimal? Value, int Points);

/// <summary>Clinical risk by chart 2. LowMedium: a low sum in which one parameter alone scores 3.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Risk>))]
internal enum Risk
{
    [JsonStringEnumMemberName("low")]
    Low,

    [JsonStringEnumMemberName("low-medium")]
    LowMedium,

    [JsonStringEnumMemberName("medium")]
    Medium,

    [JsonStringEnumMemberName("high")]
    High,
}
