using System.Text.RegularExpressions;

namespace Clinic.Intake;

/// <summary>
/// Complaints that must be seen at once whatever the vital signs say. The list is the conditions for which the NHS asks people to call an ambulance
/// or go to an emergency department ("When to call 999", nhs.uk), as patients and front desks word them.
/// </summary>
internal static partial class RedFlags
{
    public const string Source = "NHS, When to call 999 and When to go to A&E (nhs.uk)";

    private static readonly (string Name, string[] Words)[] Flags =
    [
        ("chest pain", ["chest pain", "pain in chest", "pain in my chest", "pain in the chest", "chest tightness", "tight chest", "pressure on the chest"]),
        ("signs of stroke", ["facial droop", "face droop", "face drooping", "slurred speech", "arm weakness", "weakness on one side", "cannot lift arm", "sudden loss of speech"]),
        ("difficulty breathing", ["difficulty breathing", "cannot breathe", "can't breathe", "struggling to breathe", "gasping", "choking", "short of breath at rest"]),
        ("severe bleeding", ["heavy bleeding", "bleeding will not stop", "bleeding that will not stop", "vomiting blood", "coughing up blood", "coughing blood"]),
        ("severe allergic reaction", ["swollen tongue", "swelling of the tongue", "swollen lips", "throat closing", "anaphylaxis", "anaphylactic"]),
        ("sudden severe headache", ["worst headache", "thunderclap headache", "sudden severe headache"]),
        ("seizure", ["seizure", "convulsion", "had a fit", "fitting"]),
        ("loss of consciousness", ["passed out", "blacked out", "collapsed", "fainted", "unconscious"]),
        ("signs of meningitis", ["stiff neck", "rash that does not fade", "non-blanching rash"]),
        ("sudden loss of vision", ["loss of vision", "sudden blindness", "cannot see"]),
        ("risk of self-harm", ["suicidal", "suicide", "self-harm", "wants to die", "overdose"]),
        ("numbness of the saddle area", ["saddle numbness", "saddle anaesthesia", "numb between the legs"]),
    ];

    // "No chest pain", "denies any chest pain": what was asked about and is not there. Anything less plain counts as said: a flag too many costs a look, one too few a life.
    [GeneratedRegex(@"\b(no|not|denies|denied|without|never)(\s+(any|signs?|of))*\s+$")]
    private static partial Regex Denial { get; }

    [GeneratedRegex(@"[.,;:!?]|\bbut\b")]
    private static partial Regex ClauseEnd { get; }

    public static IReadOnlyList<RedFlag> In(IEnumerable<string> complaints) =>
        [.. from complaint in complaints
            from flag in Flags
            where flag.Words.Any(words => IsSaid(complaint.ToLowerInvariant(), words))
            select new RedFlag(flag.Name, complaint)];

    private static bool IsSaid(string complaint, string words) =>
        ClauseEnd.Split(complaint).Any(clause => Places(clause, words).Any(at => !Denial.IsMatch(clause[..at])));

    private static IEnumerable<int> Places(string clause, string words)
    {
        for (var at = clause.IndexOf(words, StringComparison.Ordinal); at >= 0; at = clause.IndexOf(words, at + 1, StringComparison.Ordinal))
        {
            var isStart = at == 0 || !char.IsLetter(clause[at - 1]);
            var end = at + words.Length;
            if (isStart && (end == clause.Length || !char.IsLetter(clause[end]) || clause[end..].StartsWith('s'))) yield return at;
        }
    }
}

/// <param name="Said">The complaint in which it was found.</param>
internal sealed record RedFlag(string Name, string Said);
