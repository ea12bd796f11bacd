using System.Text.Json.Nodes;

namespace Headway.Models.Providers.Anthropic;

/// <summary>`reasoning_effort` as `thinking` and `output_config.effort`.</summary>
/// <remarks>Thinking is always asked for with its summary: without it a model is silent for minutes, which no limit on silence could tell from a hang.</remarks>
internal static class AnthropicThinking
{
    /// <summary>The smallest budget that the API takes.</summary>
    private const int SmallestBudget = 1024;

    /// <summary>Together with the usual limit still within the 32 000 tokens that each of these models can answer.</summary>
    private const int LargestBudget = 15_000;

    /// <param name="limited">The caller set a limit of tokens, of which thinking is a part; else the budget comes on top.</param>
    public static void Write(JsonObject asked, JsonObject body, Claude claude, bool limited, Objections objections)
    {
        if (asked["reasoning_effort"] is not { } said)
            return;
        if (said.Text() is not ("none" or "minimal" or "low" or "medium" or "high" or "xhigh" or "max") || said.Text() is not { } effort)
        {
            objections.Add("reasoning_effort", "known are none, minimal, low, medium, high, xhigh and max");
            return;
        }

        if (claude.ThinksByEffort)
            WriteEffort(body, claude, effort);
        else if (claude.ThinksByBudget)
            WriteBudget(body, effort, limited);
    }

    private static void WriteEffort(JsonObject body, Claude claude, string effort)
    {
        var config = AnthropicRequest.OutputConfig(body);
        if (!config.ContainsKey("effort"))
        {
            config["effort"] = effort switch
            {
                "none" or "minimal" => "low",
                "xhigh" or "max" when !claude.TakesHighestEfforts => "high",
                _ => effort,
            };
        }

        if (effort != "none" && MayThink(body))
            body["thinking"] = new JsonObject { ["type"] = "adaptive", ["display"] = "summarized" };
    }

    private static void WriteBudget(JsonObject body, string effort, bool limited)
    {
        var budget = effort switch { "none" => 0, "minimal" => SmallestBudget, "low" => 2048, "medium" => 8192, _ => LargestBudget };
        var most = body["max_tokens"]!.GetValue<int>();
        if (limited)
            budget = Math.Min(budget, most / 2);
        if (budget < SmallestBudget || !MayThink(body) || AnswersTools(body))
            return;
        if (!limited)
            body["max_tokens"] = most + budget;
        body["thinking"] = new JsonObject { ["type"] = "enabled", ["budget_tokens"] = budget };
    }

    /// <summary>What the caller asks for in the API's own words stands, and a tool that must be called is more than a hint: the API takes no thinking with it.</summary>
    private static bool MayThink(JsonObject body) => !body.ContainsKey("thinking") && body["tool_choice"].Member("type").Text() is not ("any" or "tool");

    /// <summary>Whether the last turn of the assistant called tools without its thoughts: models that think by budget then want no thinking, or the thoughts.</summary>
    private static bool AnswersTools(JsonObject body)
    {
        var last = ((JsonArray)body["messages"]!).LastOrDefault(turn => turn.Member("role").Text() == "assistant");
        var parts = last.Member("content") as JsonArray ?? [];
        return parts.Any(part => part.Member("type").Text() == "tool_use") && parts[0].Member("type").Text() is not ("thinking" or "redacted_thinking");
    }
}
