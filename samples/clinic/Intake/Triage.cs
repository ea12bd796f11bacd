using System.Text.Json.Serialization;

namespace Clinic.Intake;

/// <summary>Where the clinician sends the patient, and from what it follows. It supports the clinician's judgement and never replaces it.</summary>
/// <param name="News2">Null where the score does not hold: children and pregnancy.</param>
internal sealed record Triage(string Encounter, Priority Priority, string Why, string Next, Score? News2, IReadOnlyList<RedFlag> RedFlags, IReadOnlyList<string> Sources)
{
    public static Triage Of(IntakeForm form)
    {
        var flags = Intake.RedFlags.In(form.Complaints);
        var limit = form.Patient.Age < Intake.News2.YoungestAge ? $"NEWS2 does not hold below {Intake.News2.YoungestAge} years"
            : form.Patient.Pregnant ? "NEWS2 does not hold in pregnancy" : null;
        var score = limit is null ? Intake.News2.Of(form.Vitals) : null;

        var priority = flags.Count > 0 ? Priority.Emergency : score is null ? Priority.Urgent : OfRisk(score.Risk);
        string[] reasons = [.. flags.Select(flag => flag.Name).Distinct(), score is null ? limit! : $"NEWS2 {score.Total}, {Words(score.Risk)} risk"];
        return new Triage(form.Encounter, priority, string.Join("; ", reasons), NextStep(priority, score), score, flags, [Intake.News2.Source, Intake.RedFlags.Source]);
    }

    private static Priority OfRisk(Risk risk) => risk switch
    {
        Risk.High => Priority.Emergency,
        Risk.Medium or Risk.LowMedium => Priority.Urgent,
        _ => Priority.Routine,
    };

    // The responses of chart 4 of the same report, in one sentence each.
    private static string NextStep(Priority priority, Score? score) => priority switch
    {
        Priority.Emergency => "Emergency assessment now by a team with critical care skills; continuous monitoring.",
        Priority.Urgent when score is null => "A clinician trained for this patient group assesses now; NEWS2 was not used.",
        Priority.Urgent when score.Risk == Risk.LowMedium => "Urgent review by a clinician, who decides on escalation; vital signs at least hourly.",
        Priority.Urgent => "Urgent assessment by a clinician with skills in acute illness; vital signs at least hourly.",
        _ => score is { Total: 0 } ? "Routine; vital signs at least every 12 hours." : "Routine, assessed by a registered nurse; vital signs at least every 4 to 6 hours.",
    };

    private static string Words(Risk risk) => risk == Risk.LowMedium ? "low to medium" : risk.ToString().ToLowerInvariant();
}

[JsonConverter(typeof(JsonStringEnumConverter<Priority>))]
internal enum Priority
{
    [JsonStringEnumMemberName("routine")]
    Routine,

    [JsonStringEnumMemberName("urgent")]
    Urgent,

    [JsonStringEnumMemberName("emergency")]
    Emergency,
}
