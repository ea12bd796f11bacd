using System.Text.Json.Nodes;

namespace Headway.Upstream.Failing;

/// <summary>The Messages API of Anthropic.</summary>
public sealed class AnthropicDialect : Dialect
{
    private const string Ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

    /// <inheritdoc/>
    public override string Provider => "anthropic";

    /// <inheritdoc/>
    public override IReadOnlyList<Fault> Own { get; } =
    [
        new("529, overloaded", play => play.StatusAsync(529, Complaint.Overloaded)),
        new("pings, and no token", async play =>
        {
            await play.BeginAsync(0).ConfigureAwait(false);
            if (play.Streams) await play.SendAsync(Ping + Ping + Ping).ConfigureAwait(false);
            await play.WaitAsync(play.Streams ? Wait.FirstToken : Wait.Total).ConfigureAwait(false);
        }, OfPieces: true),
        new("a ping in the middle, then silence", async play =>
        {
            await play.BeginAsync(1).ConfigureAwait(false);
            if (play.Streams) await play.SendAsync(Ping).ConfigureAwait(false);
            await play.WaitAsync(play.Streams ? Wait.Idle : Wait.Total).ConfigureAwait(false);
        }, OfPieces: true),
        new("a rate limit as an error in the middle", play => FaultList.PartAsync(play, 2, play.Dialect.ErrorEvent(Complaint.RateLimit)), OfPieces: true),
        new("refuses in the middle", play => FaultList.EndAsync(play, 2, Failing.Finish.Refused)),
        new("an event that nobody knows", play => FaultList.PartAsync(play, 4, Event("content_glow", new JsonObject { ["index"] = 7 }) + play.Dialect.Finish(play.Reply, Failing.Finish.Stop, null) + play.Dialect.End), OfPieces: true),
    ];

    /// <inheritdoc/>
    public override string End => Event("message_stop", []);

    /// <inheritdoc/>
    public override string Role(Reply reply) => Event("message_start", new JsonObject
    {
        ["message"] = new JsonObject
        {
            ["id"] = "msg_1",
            ["type"] = "message",
            ["role"] = "assistant",
            ["model"] = reply?.Model,
            ["content"] = new JsonArray(),
            ["stop_reason"] = null,
            ["usage"] = Count(new Tokens(reply!.Usage.Input, 1)),
        },
    }) + Event("content_block_start", new JsonObject { ["index"] = 0, ["content_block"] = new JsonObject { ["type"] = "text", ["text"] = "" } });

    /// <inheritdoc/>
    public override string Piece(Reply reply, string text) =>
        Event("content_block_delta", new JsonObject { ["index"] = 0, ["delta"] = new JsonObject { ["type"] = "text_delta", ["text"] = text } });

    /// <summary>Nothing: the reason to end tells it.</summary>
    public override string Refusal(Reply reply, string text) => "";

    /// <inheritdoc/>
    public override string Tool(Reply reply) =>
        Event("content_block_start", new JsonObject { ["index"] = 1, ["content_block"] = new JsonObject { ["type"] = "tool_use", ["id"] = "toolu_1", ["name"] = "look_up", ["input"] = new JsonObject() } })
        + Event("content_block_stop", new JsonObject { ["index"] = 1 });

    /// <inheritdoc/>
    public override string Finish(Reply reply, Finish reason, Tokens? usage)
    {
        var delta = new JsonObject { ["delta"] = new JsonObject { ["stop_reason"] = Word(reason), ["stop_sequence"] = null } };
        if (usage is { } used) delta["usage"] = Count(used);
        return Event("content_block_stop", new JsonObject { ["index"] = 0 }) + Event("message_delta", delta);
    }

    /// <inheritdoc/>
    public override string Whole(Reply reply, string text, Finish reason, Tokens? usage) => new JsonObject
    {
        ["id"] = "msg_1",
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = reply?.Model,
        ["content"] = string.IsNullOrEmpty(text) ? new JsonArray() : new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
        ["stop_reason"] = Word(reason),
        ["usage"] = usage is { } used ? Count(used) : null,
    }.ToJsonString();

    /// <inheritdoc/>
    public override string Error(Complaint complaint) => Complained(complaint).ToJsonString();

    /// <inheritdoc/>
    public override string ErrorEvent(Complaint complaint) => $"event: error\ndata: {Complained(complaint).ToJsonString()}\n\n";

    private static JsonObject Complained(Complaint complaint)
    {
        var (type, said) = complaint switch
        {
            Complaint.RateLimit => ("rate_limit_error", "This request would exceed your organization's rate limit."),
            Complaint.Quota => ("invalid_request_error", "You have reached your specified API usage limits."),
            Complaint.Overloaded => ("overloaded_error", "Overloaded"),
            Complaint.ContextLength => ("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
            Complaint.Filtered => ("invalid_request_error", "Output blocked by content filtering policy"),
            Complaint.Key => ("authentication_error", "invalid x-api-key"),
            Complaint.Model => ("not_found_error", "model: claude-none"),
            Complaint.Parameter => ("invalid_request_error", "response_format: Extra inputs are not permitted"),
            _ => ("invalid_request_error", "Something is wrong with the request."),
        };
        return new JsonObject { ["type"] = "error", ["error"] = new JsonObject { ["type"] = type, ["message"] = said }, ["request_id"] = "req_1" };
    }

    private static string Event(string type, JsonObject data)
    {
        data["type"] = type;
        return $"event: {type}\ndata: {data.ToJsonString()}\n\n";
    }

    private static JsonObject Count(Tokens used) => new() { ["input_tokens"] = used.Input, ["cache_creation_input_tokens"] = 0, ["cache_read_input_tokens"] = 0, ["output_tokens"] = used.Output };

    private static string? Word(Finish reason) => reason switch
    {
        Failing.Finish.Stop => "end_turn",
        Failing.Finish.Length => "max_tokens",
        // The API has no other word for its filter.
        Failing.Finish.Refused or Failing.Finish.Filtered => "refusal",
        Failing.Finish.Tools => "tool_use",
        Failing.Finish.Broken => "pause_turn",
        _ => null,
    };
}
