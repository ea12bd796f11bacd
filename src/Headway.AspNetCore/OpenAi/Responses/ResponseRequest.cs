using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>A request for a response: judged, and what of it is asked of a model.</summary>
internal sealed class ResponseRequest
{
    // Said otherwise in a chat completion, or no business of the model's. Anything else goes on as it is, known or not.
    private static readonly HashSet<string> Own =
    [
        "input", "instructions", "previous_response_id", "include", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning", "max_output_tokens", "max_tool_calls",
        "metadata", "store", "background", "stream", "stream_options", "truncation", "top_logprobs", "conversation", "prompt", "context_management", "messages",
    ];

    private ResponseRequest(JsonObject body, JsonArray items) => (Body, Items) = (body, items);

    /// <summary>As it was sent.</summary>
    public JsonObject Body { get; }

    /// <summary>Its input, without what an earlier response adds.</summary>
    public JsonArray Items { get; }

    public string Model => Body["model"].Text() ?? "";
    public bool Stream => Body["stream"].Flag() is true;
    public bool Store => Body["store"].Flag() is not false;
    public bool Background => Body["background"].Flag() is true;

    /// <summary>What the model cannot take any more is left out from the start of the conversation.</summary>
    public bool MayShorten => Body["truncation"].Text() == "auto";
    public string? Previous => Body["previous_response_id"].Text();

    public bool Includes(string what) => (Body["include"] as JsonArray ?? []).Any(said => said.Text() == what);

    public static (Problem? Problem, ResponseRequest? Request) Read(ReadOnlyMemory<byte> json)
    {
        var (broken, body) = RequestRules.Parse(json);
        return broken is not null ? (broken, null) : Read(body!);
    }

    public static (Problem? Problem, ResponseRequest? Request) Read(JsonObject body)
    {
        if ((RequestRules.Judge(body) ?? ChatTools.Judge(body)) is { } wrong) return (wrong, null);
        var (problem, items) = InputItems.Of(body["input"]);
        return problem is not null ? (problem, null) : (null, new ResponseRequest(body, items));
    }

    /// <summary>The same as the body of a chat completion.</summary>
    /// <param name="items">Those of the responses that it goes on from, and its own, with what their summaries say.</param>
    public JsonObject Chat(IEnumerable<JsonNode?> items)
    {
        var chat = new JsonObject { ["model"] = Model, ["messages"] = ChatTurns.Of(Body["instructions"].Text(), items) };
        ChatTools.Write(Body, chat);
        if (Body["max_output_tokens"].Whole() is { } most) chat["max_completion_tokens"] = most;
        if (Body["reasoning"].Of("effort").Text() is { } effort) chat["reasoning_effort"] = effort;
        if (Body["top_logprobs"].Whole() is { } top and > 0) (chat["logprobs"], chat["top_logprobs"]) = (true, top);
        else if (Includes(RequestRules.Probabilities)) chat["logprobs"] = true;
        foreach (var (name, value) in Body)
            if (value is not null && name != "model" && !Own.Contains(name)) chat[name] = value.DeepClone();
        if (Stream) chat["stream"] = true;
        return chat;
    }
}
