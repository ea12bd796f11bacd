using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>What the fields of a request must be; what would be taken and then not kept is refused by name.</summary>
/// <remarks>Source: platform.openai.com/docs/api-reference/responses/create and the Open Responses specification.</remarks>
internal static class RequestRules
{
    private static readonly string[] Texts = ["instructions", "previous_response_id", "user", "safety_identifier", "prompt_cache_key", "service_tier", "truncation"];
    private static readonly string[] Flags = ["store", "background", "parallel_tool_calls", "stream"];
    private static readonly string[] Objects = ["text", "reasoning", "metadata", "stream_options"];
    private static readonly string[] Lists = ["include", "tools"];
    private static readonly (string Name, double Least, double Most)[] Numbers = [("temperature", 0, 2), ("top_p", 0, 1), ("presence_penalty", -2, 2), ("frequency_penalty", -2, 2)];
    private static readonly (string Name, long Least, long Most)[] Wholes = [("max_output_tokens", 1, int.MaxValue), ("max_tool_calls", 1, int.MaxValue), ("top_logprobs", 0, 20)];

    // Refused where they say something.
    private static readonly (string Name, string Why)[] Unserved =
    [
        ("conversation", "Conversations are not kept as objects here. Go on from a response with `previous_response_id`, or send the items."),
        ("prompt", "Prompts are not kept under ids here. Name a feature in `model`: its prompt is its own."),
        ("messages", "Turns are sent as `input` here; POST /v1/chat/completions takes them as they are."),
        ("context_management", "The context is not compacted by itself here. Leave it out, and POST /v1/responses/compact when it is time."),
    ];

    private static readonly HashSet<string> Included = [Encrypted, Probabilities];

    // Tell of hosted tools, which are refused by themselves; alone they ask for nothing.
    private static readonly string[] IncludedOfTools = ["file_search_call.", "web_search_call.", "code_interpreter_call.", "computer_call_output.", "message.input_image."];

    public const string Encrypted = "reasoning.encrypted_content";
    public const string Probabilities = "message.output_text.logprobs";

    private const int MostMetadata = 16, LongestKey = 64, LongestValue = 512;

    public static Problem? Judge(JsonObject body) =>
        Kinds(body) ?? Ranges(body) ?? Refused(body) ?? Include(body) ?? Metadata(body) ?? Storing(body);

    private static Problem? Kinds(JsonObject body) =>
        Kind(body, Texts, "a text", static node => node.Text() is not null)
        ?? Kind(body, Flags, "true or false", static node => node.Flag() is not null)
        ?? Kind(body, Objects, "an object", static node => node is JsonObject)
        ?? Kind(body, Lists, "a list", static node => node is JsonArray);

    private static Problem? Kind(JsonObject body, string[] names, string what, Func<JsonNode, bool> holds)
    {
        var wrong = names.FirstOrDefault(name => body[name] is { } said && !holds(said));
        return wrong is null ? null : Nodes.Wrong(wrong, $"`{wrong}` must be {what}.");
    }

    private static Problem? Ranges(JsonObject body)
    {
        foreach (var (name, least, most) in Numbers)
            if (body[name] is { } said && !(said.Number() is { } number && number >= least && number <= most)) return Nodes.Wrong(name, $"`{name}` must be a number from {least} to {most}.");
        foreach (var (name, least, most) in Wholes)
            if (body[name] is { } said && !(said.Whole() is { } number && number >= least && number <= most)) return Nodes.Wrong(name, $"`{name}` must be a whole number from {least}{(most < int.MaxValue ? $" to {most}" : "")}.");
        return null;
    }

    private static Problem? Refused(JsonObject body)
    {
        foreach (var (name, why) in Unserved)
            if (body[name] is { } said && said is not JsonArray { Count: 0 }) return Nodes.Wrong(name, $"`{name}`: {why}");
        return body["truncation"].Text() is null or "disabled" or "auto" ? null : Nodes.Wrong("truncation", "`truncation` must be disabled or auto.");
    }

    private static Problem? Include(JsonObject body)
    {
        foreach (var said in body["include"] as JsonArray ?? [])
        {
            var name = said.Text() ?? "";
            if (!Included.Contains(name) && !IncludedOfTools.Any(tool => name.StartsWith(tool, StringComparison.Ordinal)))
                return Nodes.Wrong("include", $"`include` knows {string.Join(" and ", Included)}, not {Phrases.Quote(said?.TextOrJson() ?? "null")}.");
        }

        return null;
    }

    private static Problem? Metadata(JsonObject body)
    {
        if (body["metadata"] is not JsonObject metadata) return null;
        var holds = metadata.Count <= MostMetadata && metadata.All(pair => pair.Key.Length <= LongestKey && pair.Value.Text() is { Length: <= LongestValue });
        return holds ? null : Nodes.Wrong("metadata", $"`metadata` holds at most {MostMetadata} pairs of texts, keys of at most {LongestKey} and values of at most {LongestValue} characters.");
    }

    private static Problem? Storing(JsonObject body) => body["background"].Flag() is true && body["store"].Flag() is false
        ? Nodes.Wrong("store", "`background` needs `store`: nobody could come back for the answer. Leave `store` out, or `background`.")
        : null;

    /// <summary>The body as an object without repeated members; what is wrong with it otherwise.</summary>
    public static (Problem? Problem, JsonObject? Body) Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return (null, (JsonObject)JsonNode.Parse(json.Span, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 256 })!);
        }
        catch (JsonException repeated)
        {
            return (new Problem(ProblemKind.JsonMalformed, repeated.Message), null);
        }
    }
}
