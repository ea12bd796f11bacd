using System.Text;
using System.Text.Json;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.Features;
using Headway.Handlers;

namespace Headway.AspNetCore.OpenAi;

/// <summary>What a conversation means to a feature, whose prompt and policy are its own.</summary>
/// <remarks>
/// One user turn that is a JSON object is the input. Any other text is the input `{"text": …, "messages": […]}`, so that a template can use what was just said
/// or all of it. What would change the form of the answer and cannot be kept is refused; sampling parameters belong to the feature and are left aside.
/// </remarks>
internal static class FeatureConversation
{
    public static Problem? Refuse(FeatureVersion version) => version.Contract.Mode is Mode.Sync or Mode.Stream
        ? null
        : new Problem(ProblemKind.ModeForbidden,
            $"{version.FullName} is {Words.Of(version.Contract.Mode)}: its answer may come later than a chat completion can wait. Call it by POST /v1/responses or /v1/features/{version.Feature}, or declare a version with mode sync or stream.")
        { Param = "model" };

    public static (Problem? Problem, JobInput? Input) InputOf(ReadOnlyMemory<byte> body, FeatureVersion version)
    {
        using var parsed = JsonDocument.Parse(body);
        var root = parsed.RootElement;
        if (Unkept(root) is { } unkept) return (Wrong(unkept, $"{version.Feature} is a feature: its answer has a form of its own, and `{unkept}` would change it. Leave it out, or name a model."), null);
        if (!root.TryGetProperty("messages", out var turns) || turns.ValueKind is not JsonValueKind.Array || turns.GetArrayLength() == 0)
            return (Wrong("messages", "`messages` must be a list of at least one turn."), null);
        var last = turns[turns.GetArrayLength() - 1];
        if (last.ValueKind is not JsonValueKind.Object || !last.TryGetProperty("role", out var role) || !Says(role, "user"))
            return (Wrong("messages", "The last turn must be the user's: it is what the feature is asked."), null);
        if (TextOf(last) is not { } text)
            return (Wrong("messages", $"A feature is asked in text here. Send images, sound and documents to POST /v1/features/{version.Feature} as multipart/form-data."), null);

        var isInput = text.AsSpan().TrimStart() is ['{', ..] && IsObject(text);
        if (isInput && turns.GetArrayLength() > 1) return (Wrong("messages", "A JSON object is the whole input of a feature: send it as the only turn."), null);
        var json = isInput ? Encoding.UTF8.GetBytes(text) : Said(text, turns);
        if (InputSchemas.Judge(version, json) is not { } broken) return (null, new JobInput { MediaType = Json.MediaType, Json = json });
        return (isInput ? broken : broken with { Detail = $"{version.FullName} takes an input of its own, and is not asked in words: send it as a JSON object in the only turn.", Param = "messages" }, null);
    }

    private static byte[] Said(string text, JsonElement turns)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("text", text);
            json.WritePropertyName("messages");
            turns.WriteTo(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static bool IsObject(string text)
    {
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(text);
        return JsonBody.Check(ref bytes) is null;
    }

    private static string? TextOf(JsonElement turn)
    {
        if (!turn.TryGetProperty("content", out var content)) return null;
        if (content.ValueKind is JsonValueKind.String) return content.GetString();
        if (content.ValueKind is not JsonValueKind.Array) return null;
        var text = new StringBuilder();
        foreach (var part in content.EnumerateArray())
        {
            if (part.ValueKind is not JsonValueKind.Object || !part.TryGetProperty("text", out var said) || said.ValueKind is not JsonValueKind.String) return null;
            text.Append(said.GetString());
        }

        return text.ToString();
    }

    /// <summary>The first parameter whose answer would not be one of this feature.</summary>
    private static string? Unkept(JsonElement root)
    {
        foreach (var name in (ReadOnlySpan<string>)["tools", "functions"])
            if (root.TryGetProperty(name, out var list) && list.ValueKind is JsonValueKind.Array && list.GetArrayLength() > 0) return name;
        foreach (var name in (ReadOnlySpan<string>)["audio", "response_format"])
            if (root.TryGetProperty(name, out var said) && said.ValueKind is JsonValueKind.Object && !(said.TryGetProperty("type", out var type) && Says(type, "text"))) return name;
        if (root.TryGetProperty("n", out var n) && n.ValueKind is JsonValueKind.Number && !(n.TryGetInt32(out var number) && number == 1)) return "n";
        return root.TryGetProperty("logprobs", out var logprobs) && logprobs.ValueKind is JsonValueKind.True ? "logprobs" : null;
    }

    private static bool Says(JsonElement value, string word) => value.ValueKind is JsonValueKind.String && value.ValueEquals(word);

    private static Problem Wrong(string param, string detail) => new(ProblemKind.InputInvalid, detail) { Param = param };
}
