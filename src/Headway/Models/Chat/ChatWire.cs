using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Headway.Models.Chat;

/// <summary>Turns of Microsoft.Extensions.AI in the form of the OpenAI API, and back.</summary>
internal static class ChatWire
{
    /// <param name="thinksOn">The model takes back what it thought.</param>
    public static JsonObject Body(IEnumerable<ChatMessage> turns, ChatOptions? options, bool thinksOn)
    {
        var messages = new JsonArray();
        if (options?.Instructions is { Length: > 0 } instructions)
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = instructions });
        foreach (var turn in turns.SelectMany(turn => Turns(turn, thinksOn)))
            messages.Add(turn);
        var body = new JsonObject { ["messages"] = messages };
        if (options is null)
            return body;

        Set(body, "temperature", options.Temperature);
        Set(body, "top_p", options.TopP);
        Set(body, "seed", options.Seed);
        Set(body, "frequency_penalty", options.FrequencyPenalty);
        Set(body, "presence_penalty", options.PresencePenalty);
        if (options.StopSequences is { Count: > 0 } stops)
            body["stop"] = new JsonArray([.. stops.Select(stop => (JsonNode)stop)]);
        if (options.ResponseFormat is ChatResponseFormatJson json)
            body["response_format"] = Format(json);
        if (options.Tools?.OfType<AIFunctionDeclaration>().Select(Tool).ToArray() is { Length: > 0 } tools)
            body["tools"] = new JsonArray(tools);
        if (options.ToolMode is RequiredChatToolMode required)
            body["tool_choice"] = required.RequiredFunctionName is { } name ? new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name } } : "required";
        else if (options.ToolMode is NoneChatToolMode)
            body["tool_choice"] = "none";
        return body;
    }

    /// <summary>Thinking first, as it came about.</summary>
    public static IList<AIContent> Contents(ModelAnswer answer)
    {
        List<AIContent> contents = [.. Thinking(answer)];
        if (answer.Text.Length > 0)
            contents.Add(new TextContent(answer.Text));
        return [.. contents, .. Calls(answer)];
    }

    /// <summary>What was thought, with what proves it: the signature, or the whole of it where only the provider can read it.</summary>
    public static IEnumerable<AIContent> Thinking(ModelAnswer answer) => answer switch
    {
        { Thoughts: { } blocks } => blocks.OfType<JsonObject>().Select(block =>
            new TextReasoningContent(block["thinking"]?.ToString() ?? "") { ProtectedData = (block["signature"] ?? block["data"])?.ToString(), RawRepresentation = block }),
        { Reasoning: { Length: > 0 } thoughts } => [new TextReasoningContent(thoughts)],
        _ => [],
    };

    public static IEnumerable<AIContent> Calls(ModelAnswer answer) => (answer.ToolCalls ?? []).Where(call => call?["function"] is JsonObject).Select(call => FunctionCallContent.CreateFromParsedArguments(
        call!["function"]!["arguments"]!.ToString(), call["id"]?.ToString() ?? "", call["function"]!["name"]?.ToString() ?? "",
        static text => JsonSerializer.Deserialize<Dictionary<string, object?>>(text)));

    public static UsageDetails Usage(ModelAnswer answer) => new()
    {
        InputTokenCount = answer.Usage.InputTokens,
        OutputTokenCount = answer.Usage.OutputTokens,
        TotalTokenCount = answer.Usage.InputTokens + answer.Usage.OutputTokens,
    };

    /// <summary>One turn, or one for each tool result in it.</summary>
    private static IEnumerable<JsonNode> Turns(ChatMessage turn, bool thinksOn)
    {
        var results = turn.Contents.OfType<FunctionResultContent>().ToArray();
        foreach (var result in results)
            yield return new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.CallId, ["content"] = result.Result as string ?? JsonSerializer.Serialize(result.Result) };
        if (results.Length > 0)
            yield break;

        var message = new JsonObject { ["role"] = turn.Role.Value };
        var parts = turn.Contents.Select(Part).OfType<JsonNode>().ToArray();
        message["content"] = turn.Contents.All(content => content is TextContent or FunctionCallContent or TextReasoningContent) ? turn.Text : new JsonArray(parts);
        if (turn.Contents.OfType<FunctionCallContent>().Select(Call).ToArray() is { Length: > 0 } calls)
            message["tool_calls"] = new JsonArray(calls);
        if (thinksOn && turn.Contents.OfType<TextReasoningContent>().Select(Thought).OfType<JsonNode>().ToArray() is { Length: > 0 } thoughts)
            message["thinking_blocks"] = new JsonArray(thoughts);
        yield return message;
    }

    /// <summary>A turn that was kept by its host and read again has no block any more; without a signature it is no thought that can go back.</summary>
    private static JsonNode? Thought(TextReasoningContent content) => content switch
    {
        { RawRepresentation: JsonObject block } => block.DeepClone(),
        { ProtectedData: not { Length: > 0 } } => null,
        { Text.Length: > 0 } => new JsonObject { ["type"] = "thinking", ["thinking"] = content.Text, ["signature"] = content.ProtectedData },
        _ => new JsonObject { ["type"] = "redacted_thinking", ["data"] = content.ProtectedData },
    };

    private static JsonNode? Part(AIContent content) => content switch
    {
        TextContent text => new JsonObject { ["type"] = "text", ["text"] = text.Text },
        DataContent data when data.HasTopLevelMediaType("image") => new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = data.Uri } },
        UriContent link when link.HasTopLevelMediaType("image") => new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = link.Uri.AbsoluteUri } },
        DataContent data when data.HasTopLevelMediaType("audio") => new JsonObject
        {
            ["type"] = "input_audio",
            ["input_audio"] = new JsonObject { ["data"] = data.Base64Data.ToString(), ["format"] = data.MediaType.EndsWith("wav", StringComparison.OrdinalIgnoreCase) ? "wav" : "mp3" },
        },
        DataContent data => new JsonObject { ["type"] = "file", ["file"] = new JsonObject { ["filename"] = data.Name ?? "file.pdf", ["file_data"] = data.Uri } },
        // What a model thought is no part of what it said.
        FunctionCallContent or TextReasoningContent => null,
        _ => throw new NotSupportedException($"A {content.GetType().Name} cannot be sent to a model."),
    };

    private static JsonNode Call(FunctionCallContent call) => new JsonObject
    {
        ["id"] = call.CallId,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = JsonSerializer.Serialize(call.Arguments) },
    };

    private static JsonNode Tool(AIFunctionDeclaration tool) => new JsonObject
    {
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = tool.Name, ["description"] = tool.Description, ["parameters"] = JsonNode.Parse(tool.JsonSchema.GetRawText()) },
    };

    private static JsonObject Format(ChatResponseFormatJson json) => json.Schema is not { } schema
        ? new JsonObject { ["type"] = "json_object" }
        : new JsonObject
        {
            ["type"] = "json_schema",
            ["json_schema"] = new JsonObject { ["name"] = json.SchemaName ?? "answer", ["schema"] = JsonNode.Parse(schema.GetRawText()) },
        };

    private static void Set<T>(JsonObject body, string name, T? value)
        where T : struct
    {
        if (value is { } set)
            body[name] = JsonValue.Create(set);
    }
}
