using System.Text.Json.Nodes;
using Headway.Features;

namespace Headway.Models;

/// <summary>A model that chats is asked `messages`, one that makes embeddings an `input`. Asked for the other thing it is not asked at all.</summary>
internal static class ModelKinds
{
    /// <summary>What makes `input` an embeddings request and not some value that a caller has named so.</summary>
    private static readonly HashSet<string> OfEmbeddings = ["input", "model", "encoding_format", "dimensions", "user"];

    /// <summary>Null: the request is for this kind of model.</summary>
    public static ModelFault? Refuse(ModelDefinition model, ModelRequest request) => model.Kind switch
    {
        ModelKind.Embedding when request.Body["input"] is null || request.Body.ContainsKey("messages") => Faults.WrongKind(model, "makes embeddings and cannot chat"),
        ModelKind.Chat when IsForEmbeddings(request.Body) => Faults.WrongKind(model, "chats and makes no embeddings"),
        _ => null,
    };

    public static bool IsForEmbeddings(JsonObject body) =>
        body.ContainsKey("input") && body.Count > 1 && body.All(member => OfEmbeddings.Contains(member.Key));
}
