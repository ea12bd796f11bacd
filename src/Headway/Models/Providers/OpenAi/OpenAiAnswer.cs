using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Puts an answer together, and decides at its end whether it is one.</summary>
internal sealed class OpenAiAnswer(ModelDefinition model, ModelRequest request) : ArrivingAnswer(model, request)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _refusal = new();
    private readonly StringBuilder _thoughts = new();
    private readonly JsonObject _calls = [];
    private readonly WireMerge _merge = new();
    private long _callCharacters;
    private bool _hasSound;
    private string? _finish;
    private string? _providerModel;
    private TokenUsage? _usage;

    /// <inheritdoc/>
    public override bool Finished => _finish is not null;

    /// <inheritdoc/>
    protected override bool IsCounted => _usage is not null;

    /// <inheritdoc/>
    protected override Usage Usage => _usage is { } said && Prices.CanBe(said.Input, said.Output)
        ? Prices.Of(Model, said.Input, said.Output, cachedTokens: said.Cached)
        : Prices.Estimate(Model, Request, Model.Kind is ModelKind.Embedding ? 0 : _text.Length + _refusal.Length + _thoughts.Length + _callCharacters);

    /// <summary>Takes a chunk or a whole answer; gives the text that is new.</summary>
    public string? Add(Completion part)
    {
        Take(part.Model, part.Usage);
        if (part.Choices?.Find(choice => choice.Index == 0) is not { } choice)
            return null;
        _finish = choice.FinishReason ?? _finish;
        if ((choice.Delta ?? choice.Message) is not { } turn)
            return null;
        // A spoken answer has no other text than what was said.
        var text = turn.Content ?? turn.Audio?.Transcript;
        _refusal.Append(turn.Refusal);
        _text.Append(text);
        _thoughts.Append(turn.Thoughts);
        _hasSound |= turn.Audio?.Data is { Length: > 0 };
        var calls = turn.ToolCalls is { ValueKind: JsonValueKind.Array } said && said.GetArrayLength() > 0;
        if (calls)
            Add(turn.ToolCalls!.Value);
        Begun |= calls || _hasSound || text is { Length: > 0 } || turn.Refusal is { Length: > 0 } || turn.Thoughts is { Length: > 0 };
        return text is { Length: > 0 } ? text : null;
    }

    /// <summary>Takes a piece of the text that goes on.</summary>
    public void Add(string text)
    {
        _text.Append(text);
        Begun = true;
    }

    /// <summary>What an answer says of itself beside its content.</summary>
    public void Take(string? providerModel, TokenUsage? usage)
    {
        // Azure's first chunk tells of its filters and has no model.
        if (string.IsNullOrEmpty(_providerModel))
            _providerModel = providerModel;
        _usage = usage ?? _usage;
    }

    /// <summary>The upstream ended in order: is what it said an answer?</summary>
    /// <param name="wire">The body, or what the chunks add up to; empty where nobody asked for it.</param>
    public ModelReply End(ReadOnlyMemory<byte> wire = default)
    {
        if (_finish == "content_filter")
            return Failed(Faults.ContentFilter(Model, null));
        if (IsBroken(_finish))
            return Failed(Faults.Cut(Model, $"in the middle of its answer, with finish_reason {_finish}"));
        // Who speaks the OpenAI API has a field for it; to anybody else a refusal is no answer.
        if (_refusal.Length > 0 && !KeepsWire)
            return Failed(Faults.Refused(Model, _refusal.ToString()));
        if (_text.Length == 0 && _refusal.Length == 0 && _calls.Count == 0 && !_hasSound && _finish != "length")
            return Failed(Faults.Empty(Model));
        return Answered(new ModelAnswer
        {
            Text = _text.ToString(),
            Refusal = _refusal.Length == 0 ? null : _refusal.ToString(),
            FinishReason = _finish ?? "stop",
            ToolCalls = _calls.Count == 0 ? null : Calls(),
            Reasoning = _thoughts.Length == 0 ? null : _thoughts.ToString(),
            Wire = wire,
            Usage = Usage,
            Model = Model.Name,
            ProviderModel = _providerModel,
        });
    }

    /// <summary>Vectors, which are JSON and are handed on as they came.</summary>
    public ModelReply EndEmbeddings(ReadOnlyMemory<byte> body) => Answered(new ModelAnswer
    {
        Text = Encoding.UTF8.GetString(body.Span),
        IsJson = true,
        FinishReason = "stop",
        Wire = KeepsWire ? body : default,
        Usage = Usage,
        Model = Model.Name,
        ProviderModel = _providerModel,
    });

    // Servers that end in order and say that the answer is none: OpenRouter, vLLM, DeepSeek.
    private static bool IsBroken(string? finish) => finish is "error" or "abort" or "insufficient_system_resource";

    private void Add(JsonElement calls)
    {
        _merge.Merge(_calls, "tool_calls", calls);
        foreach (var call in calls.EnumerateArray())
        {
            if (call.ValueKind is JsonValueKind.Object && call.TryGetProperty("function", out var function) && function.ValueKind is JsonValueKind.Object
                && function.TryGetProperty("arguments", out var arguments))
                _callCharacters += arguments.GetRawText().Length;
        }
    }

    private JsonArray Calls()
    {
        _merge.Settle();
        var calls = (JsonArray)_calls["tool_calls"]!;
        _calls.Remove("tool_calls");
        foreach (var call in calls.OfType<JsonObject>())
        {
            call.Remove("index");
            if (call["function"] is not JsonObject function)
                continue;
            call.TryAdd("type", "function");
            function.TryAdd("arguments", "");
        }

        return calls;
    }
}
