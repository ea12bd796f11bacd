namespace Clinic.Interactions;

/// <summary>Looks at every pair of a patient's drugs.</summary>
internal sealed class InteractionCheck(InteractionTable table)
{
    /// <summary>More drugs at once than this are a mistake of the sender, not a patient.</summary>
    public const int MostDrugs = 40;

    /// <summary>Null: the question can be answered. Otherwise what is wrong with it.</summary>
    public static string? Objection(InteractionQuestion question)
    {
        var drugs = Distinct(question.Drugs ?? []);
        if (drugs.Any(string.IsNullOrWhiteSpace)) return "A drug without a name cannot be checked.";
        if (drugs.Length < 2) return "Name at least two different drugs: an interaction is between two.";
        return drugs.Length > MostDrugs ? $"Name at most {MostDrugs} drugs." : null;
    }

    /// <summary>The pairs of drugs that the table knows, in the order of the question.</summary>
    public IReadOnlyList<(Drug One, Drug Other)> Pairs(InteractionQuestion question)
    {
        Drug[] known = [.. Distinct(question.Drugs!).Select(table.Find).OfType<Drug>().Distinct()];
        return [.. from one in Enumerable.Range(0, known.Length)
                   from other in Enumerable.Range(one + 1, known.Length - one - 1)
                   select (known[one], known[other])];
    }

    public IEnumerable<FoundInteraction> Between(Drug one, Drug other) =>
        table.Between(one, other).Select(item => new FoundInteraction(one.Name, other.Name, item.Severity, item.Effect, item.Advice, item.Source));

    public InteractionAnswer Answer(InteractionQuestion question, int pairs, IEnumerable<FoundInteraction> found)
    {
        UnknownDrug[] unknown = [.. Distinct(question.Drugs!).Where(name => table.Find(name) is null).Select(name => new UnknownDrug(name, table.Nearest(name)))];
        FoundInteraction[] worstFirst = [.. found.OrderByDescending(item => item.Severity)];
        return new InteractionAnswer(worstFirst, worstFirst.Length == 0 ? null : worstFirst[0].Severity, pairs, unknown.Length == 0, unknown, table.Note);
    }

    private static string[] Distinct(IEnumerable<string> names) => [.. names.Select(name => name?.Trim() ?? "").Distinct(StringComparer.OrdinalIgnoreCase)];
}

internal sealed record InteractionQuestion(IReadOnlyList<string>? Drugs);

/// <param name="Worst">Null when nothing was found.</param>
/// <param name="PairsChecked">Pairs of drugs that were looked up.</param>
/// <param name="Complete">False when a drug was not known: then nothing found does not mean that nothing is there.</param>
internal sealed record InteractionAnswer(
    IReadOnlyList<FoundInteraction> Interactions, Severity? Worst, int PairsChecked, bool Complete, IReadOnlyList<UnknownDrug> Unknown, string Note);

internal sealed record FoundInteraction(string One, string Other, Severity Severity, string Effect, string Advice, string Source);

/// <param name="DidYouMean">A known drug whose name is nearly the same.</param>
internal sealed record UnknownDrug(string Name, string? DidYouMean);
