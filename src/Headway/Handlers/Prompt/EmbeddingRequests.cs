using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Models;

namespace Headway.Handlers.Prompt;

/// <summary>What an exposed model that makes embeddings is asked: the body of an embeddings request as it is, or any JSON as one text.</summary>
internal static class EmbeddingRequests
{
    /// <summary>Which kind of request an input is for is known before anything is disclosed.</summary>
    public static Failure? Refuse(ModelDefinition model, Attempt attempt, JsonNode? input) => (model.Kind, input) switch
    {
        (ModelKind.Embedding, JsonObject body) when body.ContainsKey("messages") =>
            PromptFailures.Kind(model.Name, "makes embeddings and cannot chat: send {\"input\": …}, or call a model that chats"),
        (ModelKind.Embedding, _) when attempt.Input.Files.Count > 0 => PromptFailures.Kind(model.Name, "makes embeddings of text and takes no files: send the text as JSON"),
        (ModelKind.Chat, JsonObject body) when ModelKinds.IsForEmbeddings(body) =>
            PromptFailures.Kind(model.Name, "chats and makes no embeddings: send {\"messages\": …}, or call a model of kind embedding"),
        _ => null,
    };

    public static ModelRequest Of(Attempt attempt, JsonNode? input) => new()
    {
        Body = input is JsonObject body && body["input"] is not null ? body : new JsonObject
        {
            ["input"] = input is JsonValue value && value.TryGetValue<string>(out var text) ? text : input?.ToJsonString() ?? "null",
        },
        Input = attempt.Input.Json,
        Stream = false,
        KeepsWire = attempt.Input.IsByWire,
        Attempt = attempt.Number,
        Labels = PromptHandlers.LabelsOf(attempt),
    };
}
