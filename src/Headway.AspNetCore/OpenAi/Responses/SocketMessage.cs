using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>A message of a caller: `response.create` with the fields of a request, but for those of HTTP alone.</summary>
/// <param name="Json">The same as the body of a request that is answered in events.</param>
internal sealed record SocketMessage(ReadOnlyMemory<byte> Json, string? Previous)
{
    private const string Create = "response.create";

    private static readonly string[] OfHttp = ["stream", "stream_options", "background"];

    public static (Problem? Problem, SocketMessage? Message) Read(ReadOnlyMemory<byte> text)
    {
        if (JsonBody.Check(ref text) is { } broken) return (broken, null);
        // Looked into once before: whether its texts and members can be read in one way only.
        if (JsonBody.Parse(text, out var parsed) is { } ambiguous) return (ambiguous, null);
        parsed!.Dispose();
        if (JsonNode.Parse(text.Span) is not JsonObject message) return (new Problem(ProblemKind.InputInvalid, $"A message must be a JSON object with `type`: {Create}."), null);
        if (message["type"].Text() != Create) return (Nodes.Wrong("type", $"`type` must be {Create}: nothing else is taken over a WebSocket."), null);
        if (OfHttp.FirstOrDefault(message.ContainsKey) is { } name)
            return (Nodes.Wrong(name, $"`{name}` has no meaning over a WebSocket, where every response comes in events. Leave it out, or POST /v1/responses."), null);
        message.Remove("type");
        message["stream"] = true;
        return (null, new SocketMessage(message.Bytes(), message["previous_response_id"].Text()));
    }
}
