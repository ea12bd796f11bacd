using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Models.Providers.Anthropic;

/// <summary>One event of a stream: the fields that are read, by the names of the Messages API.</summary>
internal sealed record StreamEvent
{
    public string? Type { get; init; }
    public AnthropicBody? Message { get; init; }
    public int Index { get; init; }
    public ContentBlock? ContentBlock { get; init; }
    public EventDelta? Delta { get; init; }
    public AnthropicUsage? Usage { get; init; }
    public JsonElement? Error { get; init; }
}

/// <summary>A whole answer, or what is known of it when a stream begins.</summary>
internal sealed record AnthropicBody
{
    public string? Type { get; init; }
    public string? Id { get; init; }
    public string? Model { get; init; }
    public List<ContentBlock>? Content { get; init; }
    public string? StopReason { get; init; }
    public StopDetails? StopDetails { get; init; }
    public AnthropicUsage? Usage { get; init; }

    /// <summary>In place of all others.</summary>
    public JsonElement? Error { get; init; }
}

internal sealed record ContentBlock
{
    public string? Type { get; init; }
    public string? Text { get; init; }
    public string? Thinking { get; init; }
    public string? Signature { get; init; }

    /// <summary>Thoughts that only the provider can read.</summary>
    public string? Data { get; init; }
    public string? Id { get; init; }
    public string? Name { get; init; }
    public JsonElement? Input { get; init; }
}

/// <summary>What a content_block_delta or the message_delta adds.</summary>
internal sealed record EventDelta
{
    public string? Type { get; init; }
    public string? Text { get; init; }
    public string? PartialJson { get; init; }
    public string? Thinking { get; init; }
    public string? Signature { get; init; }
    public string? StopReason { get; init; }
    public StopDetails? StopDetails { get; init; }
}

/// <summary>Why a model refused.</summary>
internal sealed record StopDetails
{
    public string? Category { get; init; }
    public string? Explanation { get; init; }
}

internal sealed record AnthropicUsage
{
    /// <summary>Without what was read from the cache or written to it.</summary>
    public long? InputTokens { get; init; }
    public long? CacheReadInputTokens { get; init; }
    public long? CacheCreationInputTokens { get; init; }

    /// <summary>Thinking included.</summary>
    public long? OutputTokens { get; init; }
    public OutputDetails? OutputTokensDetails { get; init; }

    public long Input => (InputTokens ?? 0) + (CacheReadInputTokens ?? 0) + (CacheCreationInputTokens ?? 0);

    /// <summary>The counts of a message_delta are sums, and it leaves out what has not changed.</summary>
    public AnthropicUsage Then(AnthropicUsage later) => new()
    {
        InputTokens = later.InputTokens ?? InputTokens,
        CacheReadInputTokens = later.CacheReadInputTokens ?? CacheReadInputTokens,
        CacheCreationInputTokens = later.CacheCreationInputTokens ?? CacheCreationInputTokens,
        OutputTokens = later.OutputTokens ?? OutputTokens,
        OutputTokensDetails = later.OutputTokensDetails ?? OutputTokensDetails,
    };
}

internal sealed record OutputDetails
{
    public long? ThinkingTokens { get; init; }
}

// Of a member that is there twice each reader takes another.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(StreamEvent))]
[JsonSerializable(typeof(AnthropicBody))]
internal sealed partial class AnthropicWire : JsonSerializerContext;
