using System.Text.Json.Nodes;
using Headway.Budgets;
using Headway.Models;

namespace Headway.Handlers.Prompt;

/// <summary>What the body of a caller says of how much is to be answered. Where a budget must be kept, no server may read that otherwise than it is counted here.</summary>
internal static class AskedSize
{
    /// <summary>Null: it can be counted. A limit of null is none: it is taken out, so that ours is set.</summary>
    public static Failure? Settle(JsonObject chat, AttemptBudget budget)
    {
        if (!budget.IsLimited)
            return null;
        foreach (var name in (ReadOnlySpan<string>)["max_completion_tokens", "max_tokens", "n"])
        {
            if (!chat.TryGetPropertyValue(name, out var said))
                continue;
            if (said is null)
                chat.Remove(name);
            else if (said is not JsonValue value || !value.TryGetValue<int>(out var number) || number < 1 || (name == "n" && number > Prices.MostAnswers))
                return PromptFailures.Uncountable(name);
        }

        return null;
    }
}
