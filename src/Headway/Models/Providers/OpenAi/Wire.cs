using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Models.Providers.OpenAi;

/// <summary>A chat completion, or one chunk of it: the fields that are read, by the names of the OpenAI API.</summary>
/// <remarks>Set, not init: what is read through constructor parameters costs the serializer three times as much, for each chunk (`bench`, gateway).</remarks>
internal sealed record Completion
{
    public string? Model { get; set; }
    public List<Choice>? Choices { get; set; }
    public TokenUsage? Usage { get; set; }
    public JsonElement? Error { get; set; }

    /// <summary>Every choice is one.</summary>
    [JsonIgnore]
    public bool IsSound => Choices?.Contains(null!) is not true;
}

internal sealed record Choice
{
    public int Index { get; set; }

    /// <summary>In a whole answer.</summary>
    public Turn? Message { get; set; }

    /// <summary>In a chunk.</summary>
    public Turn? Delta { get; set; }

    [JsonPropertyName("finish_reason")]
    public string? FinishReason { get; set; }
}

internal sealed record Turn
{
    [JsonConverter(typeof(WireText))]
    public string? Content { get; set; }
    public string? Refusal { get; set; }

    /// <summary>Thinking aloud; not part of the answer, but a sign of life. DeepSeek and older servers say it here,</summary>
    [JsonConverter(typeof(WireText)), JsonPropertyName("reasoning_content")]
    public string? ReasoningContent { get; set; }

    /// <summary>OpenRouter and newer ones here; one that says it in both says the same.</summary>
    [JsonConverter(typeof(WireText))]
    public string? Reasoning { get; set; }

    [JsonIgnore]
    public string? Thoughts => ReasoningContent is { Length: > 0 } ? ReasoningContent : Reasoning;

    /// <summary>Kept as they are: they hold more than this program knows, such as signatures that must come back with the next turn.</summary>
    [JsonPropertyName("tool_calls")]
    public JsonElement? ToolCalls { get; set; }

    public Sound? Audio { get; set; }
}

/// <summary>A spoken answer, or a piece of one.</summary>
internal sealed record Sound
{
    public string? Data { get; set; }
    public string? Transcript { get; set; }
}

/// <summary>The answer to a call for embeddings.</summary>
internal sealed record Embeddings
{
    public string? Model { get; set; }
    public JsonElement? Data { get; set; }
    public TokenUsage? Usage { get; set; }
    public JsonElement? Error { get; set; }
}

internal sealed record TokenUsage
{
    [JsonPropertyName("prompt_tokens")]
    public long Input { get; set; }

    [JsonPropertyName("completion_tokens")]
    public long Output { get; set; }

    [JsonPropertyName("prompt_tokens_details")]
    public InputDetails? Details { get; set; }

    /// <summary>As DeepSeek says it.</summary>
    [JsonPropertyName("prompt_cache_hit_tokens")]
    public long? CacheHits { get; set; }

    [JsonIgnore]
    public long Cached => Details?.Cached ?? CacheHits ?? 0;
}

internal sealed record InputDetails
{
    [JsonPropertyName("cached_tokens")]
    public long? Cached { get; set; }
}

// Of a member that is there twice each reader takes another.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(Embeddings))]
internal sealed partial class Wire : JsonSerializerContext;
