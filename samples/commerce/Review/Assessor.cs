using Microsoft.Extensions.AI;

namespace Commerce.Review;

/// <summary>The work of `assess-clause`: the playbook finds the risks, a model says of each what it means for the shop.</summary>
internal static class Assessor
{
    private const int LongestNote = 200;

    public static async Task<Assessment> AssessAsync(Clause clause, IChatClient model, CancellationToken stop)
    {
        var risks = new List<Risk>();
        foreach (var (entry, quote) in Playbook.In(clause))
        {
            var note = await model.GetResponseAsync(
                [
                    new ChatMessage(ChatRole.System, "You advise a shop that buys from suppliers. Say in one sentence, in plain words, what the quoted term means for the shop at worst. Add nothing else."),
                    new ChatMessage(ChatRole.User, $"Clause {clause.Number} {clause.Heading}, flagged as {entry.Kind}: “{quote}”"),
                ],
                new ChatOptions { MaxOutputTokens = LongestNote }, stop);
            risks.Add(new Risk(entry.Kind, entry.Severity, quote, note.Text.Trim()));
        }
        return new Assessment(clause.Number, clause.Heading, clause.Page, risks);
    }
}

/// <summary>What was found in a clause.</summary>
/// <param name="Missing">Why it was not assessed: a stable code.</param>
internal sealed record Assessment(string Number, string Heading, int Page, IReadOnlyList<Risk> Risks, string? Missing = null);

/// <param name="Quote">The sentence, word for word.</param>
/// <param name="Note">What it means, in a model's words.</param>
internal sealed record Risk(string Kind, Severity Severity, string Quote, string Note);
