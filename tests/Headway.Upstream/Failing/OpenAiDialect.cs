using System.Text.Json.Nodes;

namespace Headway.Upstream.Failing;

/// <summary>The chat completions of the OpenAI API.</summary>
public sealed class OpenAiDialect : Dialect
{
    /// <inheritdoc/>
    public override string Provider => "openai";

    /// <inheritdoc/>
    public override IReadOnlyList<Fault> Own { get; } =
    [
        new("two choices", play => FaultList.PartAsync(play, 4, Chunk(play.Reply, new JsonObject { ["content"] = "another" }, index: 1) + play.Dialect.Finish(play.Reply, Failing.Finish.Stop, null) + play.Dialect.End), OfPieces: true),
    ];

    /// <inheritdoc/>
    public override string End => "data: [DONE]\n\n";

    /// <inheritdoc/>
    public override string Role(Reply reply) => Chunk(reply, new JsonObject { ["role"] = "assistant", ["content"] = "" });

    /// <inheritdoc/>
    public override string Piece(Reply reply, string text) => Chunk(reply, new JsonObject { ["content"] = text });

    /// <inheritdoc/>
    public override string Refusal(Reply reply, string text) => Chunk(reply, new JsonObject { ["refusal"] = text });

    /// <inheritdoc/>
    public override string Tool(Reply reply) => Chunk(reply, new JsonObject
    {
        ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = 0, ["id"] = "call_1", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "look_up", ["arguments"] = "{}" } }),
    });

    /// <inheritdoc/>
    public override string Finish(Reply reply, Finish reason, Tokens? usage) => Chunk(reply, [], finish: Word(reason)) + (usage is not { } used ? "" : Event(new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["model"] = reply?.Model,
        ["choices"] = new JsonArray(),
        ["usage"] = Count(used),
    }));

    /// <inheritdoc/>
    public override string Whole(Reply reply, string text, Finish reason, Tokens? usage) => new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["model"] = reply?.Model,
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text, ["refusal"] = reason is Failing.Finish.Refused ? "I cannot help with that." : null },
            ["finish_reason"] = Word(reason),
        }),
        ["usage"] = usage is { } used ? Count(used) : null,
    }.ToJsonString();

    /// <inheritdoc/>
    public override string Error(Complaint complaint)
    {
        var (type, code, said, param) = complaint switch
        {
            Complaint.RateLimit => ("tokens", "rate_limit_exceeded", "Rate limit reached.", null),
            Complaint.Quota => ("insufficient_quota", "insufficient_quota", "You exceeded your current quota.", null),
            Complaint.Overloaded => ("server_error", null, "The engine is currently overloaded.", null),
            Complaint.ContextLength => ("invalid_request_error", "context_length_exceeded", "This model's maximum context length is 8192 tokens.", "messages"),
            Complaint.Filtered => ("invalid_request_error", "content_filter", "The response was filtered.", "prompt"),
            Complaint.Key => ("invalid_request_error", "invalid_api_key", "Incorrect API key provided.", null),
            Complaint.Model => ("invalid_request_error", "model_not_found", "The model does not exist.", null),
            Complaint.Parameter => ("invalid_request_error", "unsupported_parameter", "Unsupported parameter: 'response_format'.", "response_format"),
            _ => ("invalid_request_error", (string?)null, "Something is wrong with the request.", (string?)null),
        };
        return new JsonObject { ["error"] = new JsonObject { ["message"] = said, ["type"] = type, ["param"] = param, ["code"] = code } }.ToJsonString();
    }

    /// <inheritdoc/>
    public override string ErrorEvent(Complaint complaint) => $"data: {Error(complaint)}\n\n";

    private static string Chunk(Reply? reply, JsonObject delta, string? finish = null, int index = 0) => Event(new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["model"] = reply?.Model,
        ["choices"] = new JsonArray(new JsonObject { ["index"] = index, ["delta"] = delta, ["finish_reason"] = finish }),
    });

    private static string Event(JsonObject data) => $"data: {data.ToJsonString()}\n\n";

    private static JsonObject Count(Tokens used) => new() { ["prompt_tokens"] = used.Input, ["completion_tokens"] = used.Output, ["total_tokens"] = unchecked(used.Input + used.Output) };

    private static string? Word(Finish reason) => reason switch
    {
        Failing.Finish.Stop or Failing.Finish.Refused => "stop",
        Failing.Finish.Length => "length",
        Failing.Finish.Filtered => "content_filter",
        Failing.Finish.Tools => "tool_calls",
        Failing.Finish.Broken => "error",
        _ => null,
    };
}
