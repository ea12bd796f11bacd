using System.Text.Json.Nodes;

namespace Headway.Models;

/// <summary>How a call of one model ended.</summary>
internal abstract record ModelReply
{
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

    /// <summary>The limit of tokens ended it, not the model.</summary>
    public bool Truncated => FinishReason == "length";
}

/// <summary>Why a model gave no answer that can be used.</summary>
/// <param name="OfInput">The request itself is at fault: every other model would be asked in vain, or should not be asked at all.</param>
internal sealed record ModelFault(Failure Failure, bool OfInput = false)
{
    /// <summary>What was paid all the same.</summary>
    public Usage Usage { get; init; }
}
