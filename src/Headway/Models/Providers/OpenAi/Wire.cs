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
    [JsonConverter(typeof(WireText))]
    public string? Content { get; init; }
    public string? Refusal { get; init; }

    /// <summary>Thinking aloud; not part of the answer, but a sign of life. DeepSeek and older servers say it here,</summary>
    [JsonConverter(typeof(WireText)), JsonPropertyName("reasoning_content")]
    public string? ReasoningContent { get; init; }

    /// <summary>OpenRouter and newer ones here; one that says it in both says the same.</summary>
    [JsonConverter(typeof(WireText))]
    public string? Reasoning { get; init; }

    [JsonIgnore]
    public string? Thoughts => ReasoningContent is { Length: > 0 } ? ReasoningContent : Reasoning;

    /// <summary>Kept as they are: they hold more than this program knows, such as signatures that must come back with the next turn.</summary>
    [JsonPropertyName("tool_calls")]
    public JsonElement? ToolCalls { get; init; }

    public Sound? Audio { get; init; }
}

/// <summary>A spoken answer, or a piece of one.</summary>
internal sealed record Sound
{
    public string? Data { get; init; }
    public string? Transcript { get; init; }
}

/// <summary>The answer to a call for embeddings.</summary>
internal sealed record Embeddings
{
    public string? Model { get; init; }
    public JsonElement? Data { get; init; }
    public TokenUsage? Usage { get; init; }
    public JsonElement? Error { get; init; }
}

internal sealed record TokenUsage
{
    [JsonPropertyName("prompt_tokens")]
    public long Input { get; init; }

    [JsonPropertyName("completion_tokens")]
    public long Output { get; init; }

    [JsonPropertyName("prompt_tokens_details")]
    public InputDetails? Details { get; init; }

    /// <summary>As DeepSeek says it.</summary>
    [JsonPropertyName("prompt_cache_hit_tokens")]
    public long? CacheHits { get; init; }

    [JsonIgnore]
    public long Cached => Details?.Cached ?? CacheHits ?? 0;
}

internal sealed record InputDetails
{
    [JsonPropertyName("cached_tokens")]
    public long? Cached { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(Embeddings))]
internal sealed partial class Wire : JsonSerializerContext;
