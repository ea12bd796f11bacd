using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.Anthropic;

/// <summary>The fields of a chat completion and what becomes of each. The table in docs/guides/prompts-and-models.md is held against this one by a test.</summary>
/// <remarks>A hint that the Messages API does not know is left out: the answer stays an answer to what was asked. What changes the meaning of the
/// answer is refused, and so is what nobody knows: dropping it would be a guess.</remarks>
internal static class AnthropicFields
{
    /// <summary>Translated, each by the code named after it.</summary>
    public static readonly FrozenSet<string> Adapted = FrozenSet.Create(
        "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "tools", "tool_choice", "parallel_tool_calls",
        "response_format", "reasoning_effort", "user", "safety_identifier");

    /// <summary>Fields of the Messages API itself, which the OpenAI API does not have: they go as they are.</summary>
    public static readonly FrozenSet<string> Passed = FrozenSet.Create("top_k", "thinking", "output_config", "cache_control", "inference_geo");

    /// <summary>Hints, and what concerns only OpenAI's own storage and prices.</summary>
    public static readonly FrozenSet<string> Dropped = FrozenSet.Create(
        "seed", "frequency_penalty", "presence_penalty", "prediction", "verbosity", "store", "metadata", "service_tier", "prompt_cache_key", "prompt_cache_retention");

    /// <summary>Refused where they say something: what was asked for, and the cure.</summary>
    public static readonly FrozenDictionary<string, string> Refused = new Dictionary<string, string>
    {
        ["n"] = "it gives one answer a call; ask as often as answers are wanted",
        ["logprobs"] = "it does not tell probabilities; leave it out",
        ["top_logprobs"] = "it does not tell probabilities; leave it out",
        ["logit_bias"] = "it cannot ban or favour tokens; say it in the prompt, or give the shape of the answer with response_format",
        ["modalities"] = "it answers with text only",
        ["audio"] = "it answers with text only",
        ["functions"] = "this old form has no counterpart; use tools",
        ["function_call"] = "this old form has no counterpart; use tool_choice",
        ["web_search_options"] = "searching belongs to OpenAI's own models; give it a tool",
    }.ToFrozenDictionary();

    /// <summary>Set by whoever talks to the provider, never by the caller.</summary>
    private static readonly FrozenSet<string> OurOwn = FrozenSet.Create("model", "stream", "stream_options");

    public static void Check(JsonObject body, Objections objections)
    {
        foreach (var (name, value) in body)
        {
            if (value is null || OurOwn.Contains(name) || Adapted.Contains(name) || Passed.Contains(name) || Dropped.Contains(name))
                continue;
            if (!Refused.TryGetValue(name, out var why))
                objections.Add(name, "the Messages API has no such field; leave it out");
            else if (Says(name, value))
                objections.Add(name, why);
        }
    }

    /// <summary>A field that is set to what holds anyway asks for nothing.</summary>
    private static bool Says(string name, JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.False => false,
        JsonValueKind.Number => !double.TryParse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var number) || number != (name == "n" ? 1 : 0),
        JsonValueKind.Array when name == "modalities" => ((JsonArray)value).Any(modality => modality.Text() != "text"),
        JsonValueKind.Array => ((JsonArray)value).Count > 0,
        JsonValueKind.Object => name == "web_search_options" || ((JsonObject)value).Count > 0,
        JsonValueKind.String => value.Text() is not ("none" or "auto"),
        _ => true,
    };
}
