using System.Text;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers;

/// <summary>An answer in the form of the OpenAI API, for a caller who speaks that, of a provider that does not.</summary>
/// <remarks>Beside `reasoning_content`, which is for reading, `thinking_blocks` carries the thoughts with their signatures: put back into the turn of the
/// assistant, they let the model think on. Both names are those that other gateways use.</remarks>
internal sealed class CompletionWire(string? id, string? model, DateTimeOffset now)
{
    private readonly string _id = id ?? "";
    private readonly string _model = model ?? "";
    private readonly long _created = now.ToUnixTimeSeconds();

    public static JsonObject Role => new() { ["role"] = "assistant", ["content"] = "" };

    /// <summary>The turn of a whole answer.</summary>
    public static JsonObject Turn(string? text) => new() { ["role"] = "assistant", ["content"] = text, ["refusal"] = null };

    public static JsonObject Text(string text) => new() { ["content"] = text };

    public static JsonObject Reasoning(string text) => new() { ["reasoning_content"] = text };

    public static JsonObject Thought(JsonObject block) => new() { ["thinking_blocks"] = new JsonArray(block) };

    public static JsonObject Call(int index, string? id, string? name) => Calls(new JsonObject
    {
        ["index"] = index,
        ["id"] = id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["arguments"] = "" },
    });

    public static JsonObject Arguments(int index, string json) => Calls(new JsonObject { ["index"] = index, ["function"] = new JsonObject { ["arguments"] = json } });

    public ReadOnlyMemory<byte> Chunk(JsonObject delta, string? finish = null) => Bytes("chat.completion.chunk", new JsonObject
    {
        ["index"] = 0,
        ["delta"] = delta,
        ["logprobs"] = null,
        ["finish_reason"] = finish,
    }, null);

    /// <summary>The last chunk of a stream that was asked for its usage.</summary>
    public ReadOnlyMemory<byte> Chunk(WireUsage usage) => Bytes("chat.completion.chunk", null, usage);

    public ReadOnlyMemory<byte> Whole(JsonObject turn, string finish, WireUsage usage) => Bytes("chat.completion", new JsonObject
    {
        ["index"] = 0,
        ["message"] = turn,
        ["logprobs"] = null,
        ["finish_reason"] = finish,
    }, usage);

    private static JsonObject Calls(JsonObject call) => new() { ["tool_calls"] = new JsonArray(call) };

    private ReadOnlyMemory<byte> Bytes(string kind, JsonObject? choice, WireUsage? usage)
    {
        var body = new JsonObject
        {
            ["id"] = _id,
            ["object"] = kind,
            ["created"] = _created,
            ["model"] = _model,
            ["choices"] = choice is null ? [] : new JsonArray(choice),
        };
        if (usage is not null)
            body["usage"] = Usage(usage);
        return Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    private static JsonObject Usage(WireUsage usage) => new()
    {
        ["prompt_tokens"] = usage.Input,
        ["completion_tokens"] = usage.Output,
        ["total_tokens"] = usage.Input + usage.Output,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = usage.Cached },
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = usage.Thinking },
    };
}

/// <summary>What an answer used, in tokens.</summary>
/// <param name="Cached">Of the input, what the provider had in its cache.</param>
/// <param name="Thinking">Of the output, what was thought.</param>
internal sealed record WireUsage(long Input, long Output, long Cached = 0, long Thinking = 0);
