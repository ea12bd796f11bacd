using System.Text;
using System.Text.Json.Nodes;
using Headway.Features;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Puts an answer together, and decides at its end whether it is one.</summary>
internal sealed class AnswerBuilder(ModelDefinition model, ModelRequest request)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _refusal = new();
    private readonly SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)> _tools = [];
    private long _reasoning;
    private string? _finish;
    private string? _providerModel;
    private TokenUsage? _usage;

    public ModelDefinition Model => model;

    /// <summary>Something of the answer has arrived, and so is paid for.</summary>
    public bool Begun { get; private set; }

    /// <summary>The model said that it has ended.</summary>
    public bool Finished => _finish is not null;

    /// <summary>Takes a chunk or a whole answer; gives the text that is new.</summary>
    public string? Add(Completion part)
    {
        _providerModel ??= part.Model;
        _usage = part.Usage ?? _usage;
        if (part.Choices?.Find(choice => choice.Index == 0) is not { } choice)
            return null;
        _finish = choice.FinishReason ?? _finish;
        if ((choice.Delta ?? choice.Message) is not { } turn)
            return null;
        _refusal.Append(turn.Refusal);
        _text.Append(turn.Content);
        _reasoning += turn.Reasoning?.Length ?? 0;
        for (var i = 0; i < turn.ToolCalls?.Count; i++)
            Add(turn.ToolCalls[i], i);
        Begun |= turn.Content is { Length: > 0 } || turn.Refusal is { Length: > 0 } || turn.Reasoning is { Length: > 0 } || turn.ToolCalls is { Count: > 0 };
        return turn.Content is { Length: > 0 } text ? text : null;
    }

    /// <summary>A fault, with what it cost.</summary>
    public ModelReply Failed(ModelFault fault) => new ModelReply.Failed(Begun || _usage is not null ? fault with { Usage = Usage() } : fault);

    /// <summary>Stopped from our side, with what it cost.</summary>
    public ModelReply Stopped() => new ModelReply.Stopped(Usage());

    /// <summary>The upstream ended in order: is what it said an answer?</summary>
    public ModelReply End()
    {
        if (_finish == "content_filter")
            return Failed(Faults.ContentFilter(model, null));
        if (_refusal.Length > 0)
            return Failed(Faults.Refused(model, _refusal.ToString()));
        if (_text.Length == 0 && _tools.Count == 0 && _finish != "length")
            return Failed(Faults.Empty(model));
        return new ModelReply.Answered(new ModelAnswer
        {
            Text = _text.ToString(),
            FinishReason = _finish ?? "stop",
            ToolCalls = _tools.Count == 0 ? null : Tools(),
            Usage = Usage(),
            Model = model.Name,
            ProviderModel = _providerModel,
        });
    }

    private void Add(ToolCall piece, int place)
    {
        var at = piece.Index ?? place;
        var known = _tools.TryGetValue(at, out var tool) ? tool : (null, null, new StringBuilder());
        known.Arguments.Append(piece.Function?.Arguments);
        _tools[at] = (piece.Id ?? known.Id, piece.Function?.Name ?? known.Name, known.Arguments);
    }

    private JsonArray Tools() => [.. _tools.Values.Select(tool => (JsonNode)new JsonObject
    {
        ["id"] = tool.Id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = tool.Name, ["arguments"] = tool.Arguments.ToString() },
    })];

    private Usage Usage() => _usage is { } said
        ? Prices.Of(model, said.Input, said.Output)
        : Prices.Estimate(model, request, _text.Length + _refusal.Length + _reasoning + _tools.Values.Sum(tool => tool.Arguments.Length));
}
