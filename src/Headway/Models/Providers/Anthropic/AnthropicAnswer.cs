using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;

namespace Headway.Models.Providers.Anthropic;

/// <summary>Puts an answer together from its content blocks, and decides at its end whether it is one.</summary>
internal sealed class AnthropicAnswer(ModelDefinition model, ModelRequest request, TimeProvider time) : ArrivingAnswer(model, request)
{
    private readonly SortedDictionary<int, Block> _blocks = [];
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private CompletionWire? _wire;
    private string? _providerModel;
    private string? _stop;
    private StopDetails? _details;
    private AnthropicUsage? _usage;
    private bool _counted;

    /// <inheritdoc/>
    public override bool Finished => _stop is not null;

    /// <inheritdoc/>
    protected override bool IsCounted => _usage is not null;

    /// <summary>A stream begins with what went in and ends with what came out; one that was cut says only the first, and the rest is estimated.</summary>
    protected override Usage Usage
    {
        get
        {
            var written = _text.Length + _reasoning.Length + _blocks.Values.Where(block => block.Tool >= 0).Sum(block => block.Content.Length);
            if (_usage is not { } said || !Prices.CanBe(said.Input, said.OutputTokens ?? 0))
                return Prices.Estimate(Model, Request, written);
            return _counted
                ? Prices.Of(Model, said.Input, said.OutputTokens ?? 0, cachedTokens: said.CacheReadInputTokens ?? 0)
                : Prices.Of(Model, said.Input, Math.Max(said.OutputTokens ?? 0, Prices.Tokens(written)), estimated: true, said.CacheReadInputTokens ?? 0);
        }
    }

    /// <summary>What is known of an answer before its content.</summary>
    public ModelPiece Start(AnthropicBody body)
    {
        _providerModel = body.Model;
        _usage = body.Usage;
        _wire = KeepsWire ? new CompletionWire(body.Id, body.Model, time.GetUtcNow()) : null;
        return Piece(null, CompletionWire.Role);
    }

    public ModelPiece Open(int index, ContentBlock block)
    {
        var tool = block.Type == "tool_use" ? _blocks.Values.Count(known => known.Head.Type == "tool_use") : -1;
        _blocks[index] = new Block(block, tool);
        Begun |= block.Type is not "text" || block.Text is { Length: > 0 };
        return block.Type switch
        {
            "text" => Text(block.Text),
            "thinking" => Think(index, block.Thinking, block.Signature),
            "tool_use" => Piece(null, CompletionWire.Call(tool, block.Id, block.Name)),
            _ => default,
        };
    }

    public ModelPiece Add(int index, EventDelta delta)
    {
        Begun = true;
        switch (delta.Type)
        {
            case "text_delta":
                return Text(delta.Text);
            case "thinking_delta" or "signature_delta":
                return Think(index, delta.Thinking, delta.Signature);
            case "input_json_delta" when delta.PartialJson is { Length: > 0 } json && _blocks.TryGetValue(index, out var block) && block.Tool >= 0:
                block.Content.Append(json);
                return Piece(null, CompletionWire.Arguments(block.Tool, json));
            default:
                return default;
        }
    }

    public ModelPiece Close(int index)
    {
        if (!_blocks.TryGetValue(index, out var block))
            return default;
        if (block.Thought() is { } thought)
            return Piece(null, CompletionWire.Thought(thought));

        // A tool without parameters: no delta has come, and the OpenAI API says {}.
        if (block.Tool < 0 || block.Content.Length > 0)
            return default;
        block.Content.Append(block.Head.Input is { ValueKind: JsonValueKind.Object } input ? input.GetRawText() : "{}");
        return Piece(null, CompletionWire.Arguments(block.Tool, block.Content.ToString()));
    }

    /// <summary>Why and with what it ended; adds nothing.</summary>
    public ModelPiece Stop(string? reason, StopDetails? details, AnthropicUsage? usage)
    {
        _stop = reason ?? _stop;
        _details = details ?? _details;
        _counted |= usage is not null;
        if (usage is not null)
            _usage = _usage?.Then(usage) ?? usage;
        return default;
    }

    /// <summary>The upstream ended in order: is what it said an answer?</summary>
    public ModelReply End()
    {
        var calls = _blocks.Values.Where(block => block.Tool >= 0).ToArray();
        switch (_stop)
        {
            case "end_turn" or "stop_sequence" or "tool_use" when _text.Length == 0 && calls.Length == 0:
                return Failed(Faults.Empty(Model));
            case "end_turn" or "stop_sequence" or "tool_use":
                return Answered(calls.Length > 0 ? "tool_calls" : "stop", calls);
            case "max_tokens" or "model_context_window_exceeded":
                return Answered("length", calls);
            case "refusal":
                return Failed(Faults.Refused(Model, _details?.Explanation ?? _details?.Category ?? (_text.Length > 0 ? _text.ToString() : null)));
            case "pause_turn":
                // Only tools that run at the provider end a turn so, and those are not asked for.
                return Failed(Faults.Cut(Model, "with its turn paused (pause_turn)"));
            default:
                return Failed(Faults.Malformed(Model, $"a stop_reason ({_stop})"));
        }
    }

    /// <summary>The chunks that end a stream of the OpenAI API.</summary>
    public IEnumerable<ModelPiece> Last(ModelAnswer answer) => _wire is null
        ? []
        : [new ModelPiece(null, _wire.Chunk([], answer.FinishReason)), new ModelPiece(null, _wire.Chunk(Counted))];

    private ModelReply.Answered Answered(string finish, Block[] calls)
    {
        JsonArray? tools = calls.Length == 0 ? null : [.. calls.Select(call => (JsonNode)call.Call())];
        return Answered(new ModelAnswer
        {
            Text = _text.ToString(),
            FinishReason = finish,
            ToolCalls = tools,
            Usage = Usage,
            Model = Model.Name,
            ProviderModel = _providerModel,
            Reasoning = _reasoning.Length > 0 ? _reasoning.ToString() : null,
            Thoughts = Thoughts(),
            Wire = _wire?.Whole(Turn(tools), finish, Counted) ?? default,
        });
    }

    private WireUsage Counted => _usage is { } said
        ? new WireUsage(said.Input, said.OutputTokens ?? 0, said.CacheReadInputTokens ?? 0, said.OutputTokensDetails?.ThinkingTokens ?? 0)
        : new WireUsage(0, 0);

    private JsonArray? Thoughts() => _blocks.Values.Select(block => block.Thought()).OfType<JsonNode>().ToArray() is { Length: > 0 } thoughts ? new JsonArray(thoughts) : null;

    private JsonObject Turn(JsonArray? tools)
    {
        var turn = CompletionWire.Turn(_text.Length > 0 || tools is null ? _text.ToString() : null);
        if (_reasoning.Length > 0)
            turn["reasoning_content"] = _reasoning.ToString();
        if (Thoughts() is { } thoughts)
            turn["thinking_blocks"] = thoughts;
        if (tools is not null)
            turn["tool_calls"] = tools.DeepClone();
        return turn;
    }

    private ModelPiece Text(string? text)
    {
        if (text is not { Length: > 0 })
            return default;
        _text.Append(text);
        return Piece(text, CompletionWire.Text(text));
    }

    private ModelPiece Think(int index, string? thinking, string? signature)
    {
        if (!_blocks.TryGetValue(index, out var block))
            return default;
        block.Signature.Append(signature);
        if (thinking is not { Length: > 0 })
            return default;
        block.Content.Append(thinking);
        _reasoning.Append(thinking);
        return Piece(null, CompletionWire.Reasoning(thinking));
    }

    private ModelPiece Piece(string? text, JsonObject delta) => new(text, _wire?.Chunk(delta) ?? default);

    /// <summary>One block as far as it has come.</summary>
    /// <param name="Tool">Its place among the calls of tools; -1: none.</param>
    private sealed record Block(ContentBlock Head, int Tool)
    {
        public StringBuilder Content { get; } = new();
        public StringBuilder Signature { get; } = new();

        public JsonObject? Thought() => Head.Type switch
        {
            "thinking" => new JsonObject { ["type"] = "thinking", ["thinking"] = Content.ToString(), ["signature"] = Signature.ToString() },
            "redacted_thinking" => new JsonObject { ["type"] = "redacted_thinking", ["data"] = Head.Data },
            _ => null,
        };

        public JsonObject Call() => new()
        {
            ["id"] = Head.Id,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = Head.Name, ["arguments"] = Content.ToString() },
        };
    }
}
