using System.Text.Json.Nodes;

namespace Headway.Models;

/// <summary>How a call of one model ended.</summary>
internal abstract record ModelReply
{
    /// <summary>What the provider says is left of its limits; null where it does not say.</summary>
    public UpstreamLimits? Limits { get; init; }

    /// <summary>The model came to an end of its own. Cut or filtered answers are never this.</summary>
    public sealed record Answered(ModelAnswer Answer) : ModelReply;

    public sealed record Failed(ModelFault Fault) : ModelReply;

    /// <summary>Nobody wants the answer any more; what had arrived of it is paid for.</summary>
    public sealed record Stopped(Usage Usage) : ModelReply;
}

/// <summary>A complete answer of a model.</summary>
internal sealed record ModelAnswer
{
    public required string Text { get; init; }

    /// <summary>Why the model declined; only where <see cref="ModelRequest.KeepsWire"/>, for anybody else it is a failure.</summary>
    public string? Refusal { get; init; }

    /// <summary>stop, length or tool_calls.</summary>
    public required string FinishReason { get; init; }

    /// <summary>The text is a JSON value although none was asked for: an embedding.</summary>
    public bool IsJson { get; init; }

    /// <summary>As the wire has them, pieces put together.</summary>
    public JsonArray? ToolCalls { get; init; }
    public required Usage Usage { get; init; }

    /// <summary>As the feature file calls it.</summary>
    public required string Model { get; init; }

    /// <summary>As the provider says it: often more exact than what was asked for.</summary>
    public string? ProviderModel { get; init; }

    /// <summary>The answer as the body of a `chat.completion` (or an embeddings response) of the OpenAI API, unknown fields included; of a
    /// stream what its chunks add up to. Empty unless <see cref="ModelRequest.KeepsWire"/>.</summary>
    public ReadOnlyMemory<byte> Wire { get; init; }

    /// <summary>What the model thought aloud, where its provider tells; no part of the answer.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The same block by block with its signatures (`thinking_blocks`), where the provider wants it back with the next turn.</summary>
    public JsonArray? Thoughts { get; init; }

    /// <summary>The limit of tokens ended it, not the model.</summary>
    public bool Truncated => FinishReason == "length";

    /// <summary>It says all it has to say, and asks for nothing to be done: another call with the same input may be given it.</summary>
    public bool IsWhole => !Truncated && ToolCalls is null && Refusal is null;
}

/// <summary>Why a model gave no answer that can be used.</summary>
/// <param name="OfInput">The request itself is at fault: every other model would be asked in vain, or should not be asked at all.</param>
internal sealed record ModelFault(Failure Failure, bool OfInput = false)
{
    /// <summary>What was paid all the same.</summary>
    public Usage Usage { get; init; }

    /// <summary>Nothing was sent: the model was left out.</summary>
    public bool NotAsked { get; init; }

    /// <summary>It was given up early for its caller's sake, and that tells nothing of the model.</summary>
    public bool Hasty { get; init; }

    /// <summary>The parameter of the request that the model does not know, where that is what is wrong.</summary>
    public string? Unsupported { get; init; }

    /// <summary>How the same model may be asked to mend its answer; null where that cannot help.</summary>
    public Repair? Repair { get; init; }
}

/// <summary>An answer that breaks its rules, and what is told to the model about it.</summary>
internal sealed record Repair(string Answer, string Complaint);

/// <summary>What a provider says is left of its limits (x-ratelimit-*, anthropic-ratelimit-*), and when it is whole again. Null: not said.</summary>
internal sealed record UpstreamLimits
{
    public long? RemainingRequests { get; init; }
    public TimeSpan? RequestsReset { get; init; }
    public long? RemainingTokens { get; init; }
    public TimeSpan? TokensReset { get; init; }
}
