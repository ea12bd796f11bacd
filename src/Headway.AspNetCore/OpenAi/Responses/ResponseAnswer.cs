using System.Text.Json.Nodes;
using Headway.Jobs;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>What came of a request: its output, and why that ended.</summary>
internal sealed record ResponseAnswer(JsonArray Output)
{
    public static readonly ResponseAnswer None = new([]);

    /// <summary>`max_output_tokens` or `content_filter`; null: it is whole.</summary>
    public string? Incomplete { get; init; }

    /// <summary>`usage` of the completion; null: the job knows what is to be known.</summary>
    public JsonNode? Usage { get; init; }
    public string? Tier { get; init; }

    public static string? ReasonOf(string? finish) => finish switch
    {
        "length" => "max_output_tokens",
        "content_filter" => "content_filter",
        _ => null,
    };

    /// <summary>Of a feature: one turn with its result.</summary>
    public static ResponseAnswer OfText(Job job, string text) =>
        new([OutputShapes.Turn(ResponseId.OfOutput("msg", job.Id, job.Attempt, 0), "completed", [OutputShapes.Text(text)])]);

    /// <summary>Of a model: a whole chat completion.</summary>
    /// <param name="signed">With the thoughts that only their model can read.</param>
    public static ResponseAnswer OfCompletion(Job job, JsonNode completion, bool signed)
    {
        var choice = completion.Of("choices") is JsonArray { Count: > 0 } choices ? choices[0] : null;
        var (turn, incomplete) = (choice.Of("message"), ReasonOf(choice.Of("finish_reason").Text()));
        var output = new JsonArray();
        string Id(string kind) => ResponseId.OfOutput(kind, job.Id, job.Attempt, output.Count);
        var blocks = turn.Of("thinking_blocks") as JsonArray;
        if (OutputShapes.ThoughtOf(turn) is { Length: > 0 } || blocks is { Count: > 0 }) output.Add(OutputShapes.Reasoning(Id("rs"), "completed", OutputShapes.ThoughtOf(turn), signed ? blocks : null));
        if (ContentOf(turn, choice) is { Count: > 0 } content) output.Add(OutputShapes.Turn(Id("msg"), "completed", content));
        foreach (var call in (turn.Of("tool_calls") as JsonArray ?? []).Where(call => call.Of("function") is not null))
            output.Add(OutputShapes.Call(Id("fc"), "completed", call.Of("id").Text() ?? "", call.Of("function").Of("name").Text() ?? "", call.Of("function").Of("arguments").Text() ?? ""));
        if (incomplete is not null && output.Count > 0) output[^1]!["status"] = "incomplete";
        return new ResponseAnswer(output) { Incomplete = incomplete, Usage = completion.Of("usage"), Tier = completion.Of("service_tier").Text() };
    }

    private static JsonArray ContentOf(JsonNode? turn, JsonNode? choice)
    {
        var content = new JsonArray();
        var text = turn.Of("content") is JsonArray parts ? string.Concat(parts.Select(part => part.Of("text").Text())) : turn.Of("content").Text();
        if (!string.IsNullOrEmpty(text)) content.Add(OutputShapes.Text(text, OutputShapes.Probabilities(choice)?.DeepClone()));
        if (turn.Of("refusal").Text() is { Length: > 0 } refusal) content.Add(OutputShapes.Refusal(refusal));
        return content;
    }
}
