using System.Text.Json.Serialization;

namespace Clinic.Intake;

/// <summary>What the front desk notes when a patient arrives. Unknown patients have no name here: the encounter is enough.</summary>
internal sealed record IntakeForm(string Encounter, Patient Patient, IReadOnlyList<string> Complaints, Vitals Vitals);

/// <param name="Age">In years.</param>
internal sealed record Patient(int Age, bool Pregnant = false);

/// <summary>The physiological parameters of NEWS2, in the units of its chart.</summary>
/// <param name="RespirationRate">Breaths a minute.</param>
/// <param name="OxygenSaturation">SpO2 in per cent.</param>
/// <param name="SystolicBloodPressure">In mmHg.</param>
/// <param name="Pulse">Beats a minute.</param>
/// <param name="Temperature">In degrees Celsius.</param>
/// <param name="OnOxygen">Breathes supplemental oxygen.</param>
/// <param name="OxygenScale">2 only where a clinician has confirmed hypercapnic respiratory failure, with a target of 88 to 92 per cent.</param>
internal sealed record Vitals(
    int RespirationRate, int OxygenSaturation, int SystolicBloodPressure, int Pulse, Consciousness Consciousness, decimal Temperature, bool OnOxygen = false, int OxygenScale = 1);

/// <summary>ACVPU: the deepest response that was seen.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Consciousness>))]
internal enum Consciousness
{
    [JsonStringEnumMemberName("alert")]
    Alert,

    [JsonStringEnumMemberName("confusion")]
    Confusion,

    [JsonStringEnumMemberName("voice")]
    Voice,

    [JsonStringEnumMemberName("pain")]
    Pain,

    [JsonStringEnumMemberName("unresponsive")]
    Unresponsive,
}
