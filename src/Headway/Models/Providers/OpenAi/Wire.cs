using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Models.Providers.OpenAi;

/// <summary>A chat completion, or one chunk of it: the fields that are read, by the names of the OpenAI API.</summary>
internal sealed record Completion
{
    public string? Model { get; init; }
    public List<Choice>? Choices { get; init; }
    public TokenUsage? Usage { get; init; }
    public JsonElement? Error { get; init; }
}

internal sealed record Choice
{
    public int Index { get; init; }

    /// <summary>In a whole answer.</summary>
    public Turn? Message { get; init; }

    /// <summary>In a chunk.</summary>
    public Turn? Delta { get; init; }

    [JsonPropertyName("finish_reason")]
    public string? FinishReason { get; init; }
}

internal sealed record Turn
{
    public string? Content { get; init; }
    public string? Refusal { get; init; }

    /// <summary>Thinking aloud; not part of the answer, but a sign of life.</summary>
    [JsonPropertyName("reasoning_content")]
    public string? Reasoning { get; init; }

    [JsonPropertyName("tool_calls")]
    public List<ToolCall>? ToolCalls { get; init; }
}

internal sealed record ToolCall
{
    /// <summary>Missing in a whole answer and with some servers: then the place in the list counts.</summary>
    public int? Index { get; init; }
    public string? Id { get; init; }
    public ToolFunction? Function { get; init; }
}

internal sealed record ToolFunction
{
    public string? Name { get; init; }
    public string? Arguments { get; init; }
}

internal sealed record TokenUsage
{
    [JsonPropertyName("prompt_tokens")]
    public long Input { get; init; }

    [JsonPropertyName("completion_tokens")]
    public long Output { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Completion))]
internal sealed partial class Wire : JsonSerializerContext;
