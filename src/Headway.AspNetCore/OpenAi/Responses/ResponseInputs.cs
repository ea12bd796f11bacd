using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.OpenAi.Files;
using Headway.Features;
using Headway.Handlers;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>What a request asks, with all that it goes on from, as the input of a job.</summary>
internal sealed class ResponseInputs(EarlierItems earlier, Summaries summaries, NamedFilesCheck named)
{
    /// <returns>Also how many bytes of text its files are thought to be, for an estimate.</returns>
    public async Task<(Problem? Problem, JobInput? Input, long FileBytes)> OfAsync(HttpContext context, ModelRequestBody body, ResponseRequest request)
    {
        var (broken, before) = await earlier.OfAsync(Callers.Of(context), request.Previous, body.Version);
        return broken is not null ? (broken, null, 0) : await OfAsync(context, body, request, before);
    }

    /// <param name="before">Items of the responses that it goes on from.</param>
    public async Task<(Problem? Problem, JobInput? Input, long FileBytes)> OfAsync(HttpContext context, ModelRequestBody body, ResponseRequest request, IReadOnlyList<JsonNode?> before)
    {
        var (problem, files) = named.Judge(context, body.Version, request, before, body.Json.Length);
        IReadOnlyList<JsonNode?> items = [];
        JobInput? input = null;
        if (problem is null) (problem, items) = await summaries.OpenAsync(Callers.Of(context), body.Version, [.. before, .. request.Items], before.Count);
        if (problem is null) (problem, input) = InputOf(body, request, items);
        return (problem, input, files);
    }

    private static (Problem? Problem, JobInput? Input) InputOf(ModelRequestBody body, ResponseRequest request, IReadOnlyList<JsonNode?> items)
    {
        ReadOnlyMemory<byte> json = request.Chat(items).Bytes();
        if (json.Length > body.Version.MaxInput) return (InputBody.TooLarge(body.Version), null);
        // Some of it stands a level deeper there than it came.
        if (JsonBody.Check(ref json) is not null) return (new Problem(ProblemKind.JsonMalformed, $"As a chat completion, what is asked is deeper than {JsonBody.DeepestLevel} levels. Send tools, schemas or thoughts that are less deep."), null);
        var mediaType = request.MayShorten ? JobInput.ByWireShortened : JobInput.ByWire;
        if (body.Version.Handler is not ModelHandlerDefinition)
        {
            var (problem, made) = FeatureConversation.InputOf(json, body.Version);
            if (problem is not null) return (problem with { Param = NameOf(problem.Param) }, null);
            (mediaType, json) = (made!.MediaType, made.Json);
        }

        // With its type, because a bare null becomes an empty request that is kept.
        return (null, new JobInput { MediaType = mediaType, Json = json, Said = body.Json, Request = request.Store ? body.Json : (ReadOnlyMemory<byte>?)null });
    }

    /// <summary>What was asked, without what it went on from: enough to know a repetition by.</summary>
    public static JobInput Again(ModelRequestBody body) => new()
    {
        MediaType = body.Version.Handler is ModelHandlerDefinition ? JobInput.ByWire : Json.MediaType,
        Json = body.Json,
        Said = body.Json,
    };

    // The same thing as this API calls it.
    private static string? NameOf(string? param) => param switch
    {
        "messages" => "input",
        "response_format" => "text.format",
        "logprobs" => "top_logprobs",
        _ => param,
    };
}
