using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;

namespace Headway.Models.Providers.Anthropic;

/// <summary>A chat completion as a request of the Messages API.</summary>
/// <remarks>Source: platform.claude.com/docs/en/api/messages/create.</remarks>
internal sealed class AnthropicRequest
{
    /// <summary>The API wants a limit. Every model that is served takes this one, it leaves room for thinking, and it is no promise: a model ends when it is done.</summary>
    public const int DefaultMaxTokens = 16_384;

    private readonly JsonObject _asked;
    private readonly JsonObject _body;
    private readonly Claude _claude;
    private readonly Objections _objections = new();

    private AnthropicRequest(ModelDefinition model, ModelRequest request)
    {
        var name = model.Model ?? model.Name;
        _asked = request.Body;
        _claude = Claude.Of(name);
        _body = new JsonObject { ["model"] = name, ["max_tokens"] = request.MaxTokens ?? DefaultMaxTokens };
        AnthropicFields.Check(_asked, _objections);
        foreach (var field in AnthropicFields.Passed.Where(field => _asked[field] is not null))
            _body[field] = _asked[field]!.DeepClone();

        var turns = new AnthropicTurns(_objections);
        turns.Read(_asked["messages"]);
        if (Instruction() is { } instruction)
            turns.System.Add(new JsonObject { ["type"] = "text", ["text"] = instruction });
        if (turns.System.Count > 0)
            _body["system"] = turns.System;
        _body["messages"] = turns.Turns;

        AnthropicTools.Write(_asked, _body, _claude, _objections);
        AnthropicThinking.Write(_asked, _body, _claude, limited: request.MaxTokens is not null, _objections);
        WriteSampling();
        WriteStop();
        if ((_asked["safety_identifier"] ?? _asked["user"]).Text() is { Length: > 0 } user)
            _body["metadata"] = new JsonObject { ["user_id"] = user };
        if (request.Stream)
            _body["stream"] = true;
    }

    /// <summary>The body; or why it cannot be asked.</summary>
    public static (JsonObject? Body, Objection? Objection) Of(ModelDefinition model, ModelRequest request)
    {
        var made = new AnthropicRequest(model, request);
        return made._objections.First is { } objection ? (null, objection) : (made._body, null);
    }

    /// <summary>Asks for the shape by the API's own means where it can express it; else gives the words that ask for it.</summary>
    private string? Instruction()
    {
        if (_asked["response_format"] is not { } format)
            return null;
        switch (format.Member("type").Text())
        {
            case "text":
                return null;
            case "json_object":
                return "Answer with one JSON object and nothing else: no explanation, no Markdown fence.";
            case "json_schema" when format.Object("json_schema").Object("schema") is { } schema:
                if (!_claude.TakesShapes || AnthropicSchema.Of(schema) is not { } shape)
                    return $"Answer with one JSON value that satisfies this JSON Schema and nothing else: no explanation, no Markdown fence.\n{schema.Json()}";
                OutputConfig(_body)["format"] = new JsonObject { ["type"] = "json_schema", ["schema"] = shape };
                return null;
            default:
                _objections.Add("response_format", "only text, json_object and json_schema are known");
                return null;
        }
    }

    /// <summary>Hints, which newer generations refuse, the API refuses together, and a model that thinks refuses at all.</summary>
    private void WriteSampling()
    {
        if (!_claude.TakesSampling || _body["thinking"] is { } thinking && thinking.Member("type").Text() != "disabled")
        {
            _body.Remove("top_k");
            return;
        }

        // The OpenAI API goes to 2: what is above 1 asks for more variety than there is, and gets the most there is.
        if (Number("temperature") is { } temperature)
            _body["temperature"] = Math.Clamp(temperature, 0, 1);
        else if (Number("top_p") is { } top)
            _body["top_p"] = Math.Clamp(top, 0, 1);
    }

    private double? Number(string field)
    {
        if (_asked[field] is not { } node)
            return null;
        if (node is JsonValue && node.GetValueKind() is JsonValueKind.Number)
            return double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
        _objections.Add(field, "it must be a number");
        return null;
    }

    private void WriteStop()
    {
        if (_asked["stop"] is not { } stop)
            return;
        var sequences = (stop is JsonArray list ? list.Select(Loosely.Text) : [stop.Text()]).ToArray();
        if (sequences.Any(string.IsNullOrWhiteSpace))
            _objections.Add("stop", "each must be a text that is not only white space, at which it would not stop");
        else if (sequences.Length > 0)
            _body["stop_sequences"] = new JsonArray([.. sequences.Select(sequence => (JsonNode)sequence!)]);
    }

    /// <summary>The object that effort and format share, with what the caller put there.</summary>
    internal static JsonObject OutputConfig(JsonObject body)
    {
        if (body["output_config"] is not JsonObject config)
            body["output_config"] = config = [];
        return config;
    }
}
