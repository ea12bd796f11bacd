using System.Text.Json.Nodes;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Features.Headers;
using Headway.AspNetCore.OpenAi.Files;
using Headway.AspNetCore.Routing;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>`POST /v1/responses/compact`: a model sums up what was said, and the summary stands for it from then on.</summary>
internal sealed class CompactEndpoint(EngineHost host, ChatEndpoint chat, Answers answers, EarlierItems earlier, Summaries summaries, NamedFilesCheck named, NodeClock time)
{
    // The others are about the responses that follow.
    private static readonly HashSet<string> Counted =
        ["model", "input", "previous_response_id", "instructions", "reasoning", "max_output_tokens", "service_tier", "prompt_cache_key", "safety_identifier", "user"];

    public void Map(ApiRoutes routes) => routes.OpenAi(HttpMethods.Post, "/v1/responses/compact", CompactAsync);

    private async Task CompactAsync(HttpContext context)
    {
        var (file, began) = (host.Engine.Features, time.GetTimestamp());
        var (problem, body, version) = await ModelRequestBody.ReadAsync(context, file);
        var (request, earlierItems, told, input) = ((ResponseRequest?)null, (IReadOnlyList<JsonNode?>)[], (IReadOnlyList<JsonNode?>)[], (JobInput?)null);
        if (problem is null) problem = Refuse(file, body!);
        if (problem is null) (problem, request) = Read(body!);
        if (problem is null) (problem, earlierItems) = await earlier.OfAsync(Callers.Of(context), request!.Previous, version!);
        if (problem is null) problem = named.Judge(context, version!, request!, earlierItems, body!.Json.Length).Problem;
        if (problem is null) (problem, told) = await summaries.OpenAsync(Callers.Of(context), version!, [.. earlierItems, .. request!.Items], earlierItems.Count);
        if (problem is null) (problem, input) = InputOf(body!, request!.Chat(told), version!);
        string? subject = null;
        Call CallOf(CallHeaders asked, Caller caller, JobInput input)
        {
            subject = asked.Subject;
            return asked.Call(version!, caller, input);
        }

        await chat.CallAsync(context, file, version, problem,
            (asked, caller) => CallOf(asked, caller, input!),
            (caller, answer) => answer is Answer.Done done ? WriteAsync(context, caller, subject, version!, done, began) : answers.WriteAsync(context, caller, answer, began),
            again: (asked, caller) => CallOf(asked, caller, ResponseInputs.Again(body!)));
    }

    private static Problem? Refuse(FeatureFile file, ModelRequestBody body)
    {
        if (body.Version.Handler is not ModelHandlerDefinition { Model: var model } || file.Models[model].Kind is not ModelKind.Chat)
            return new Problem(ProblemKind.ModeForbidden, $"{body.Version.Feature} does not sum up: name an exposed model that chats.") { Param = "model" };
        return body.Stream ? Nodes.Wrong("stream", "A summary comes whole. Leave `stream` out.") : null;
    }

    private static (Problem? Problem, ResponseRequest? Request) Read(ModelRequestBody body)
    {
        var (broken, said) = RequestRules.Parse(body.Json);
        if (broken is not null) return (broken, null);
        var aside = said!.Select(member => member.Key).Where(name => !Counted.Contains(name)).ToList();
        foreach (var name in aside) said!.Remove(name);
        return ResponseRequest.Read(said!);
    }

    private static (Problem? Problem, JobInput? Input) InputOf(ModelRequestBody body, JsonObject conversation, FeatureVersion version)
    {
        ((JsonArray)conversation["messages"]!).Add(new JsonObject { ["role"] = "user", ["content"] = Summaries.Ask });
        ReadOnlyMemory<byte> json = conversation.Bytes();
        return json.Length > version.MaxInput ? (InputBody.TooLarge(version), null) : (null, new JobInput { MediaType = JobInput.ByWire, Json = json, Said = body.Json });
    }

    private async Task WriteAsync(HttpContext context, Caller caller, string? subject, FeatureVersion version, Answer.Done done, long began)
    {
        var job = done.Job;
        var said = ResponseAnswer.OfCompletion(job, JsonNode.Parse(done.Result.Body.Span)!, signed: false);
        var summary = string.Concat(said.Output.Where(item => item.Of("type").Text() == "message").SelectMany(item => (JsonArray)item!["content"]!).Select(part => part.Of("text").Text()));
        if (said.Incomplete is not null || string.IsNullOrWhiteSpace(summary))
        {
            var why = said.Incomplete is { } reason ? $"It was cut: {reason}." : "It said nothing, or refused.";
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SummaryMissing, $"{why} Send fewer items, or name another model.") { Job = job.Id });
            return;
        }

        var sealedSummary = await summaries.SealAsync(caller, subject, job, version.Contract.Data, summary, context.RequestAborted);
        var compacted = new JsonObject
        {
            ["id"] = ResponseId.Of(job.Id),
            ["object"] = "response.compaction",
            ["created_at"] = job.Created.ToUnixTimeSeconds(),
            ["output"] = new JsonArray(new JsonObject { ["id"] = ResponseId.OfOutput("cmp", job.Id, job.Attempt, 0), ["type"] = "compaction", ["encrypted_content"] = sealedSummary }),
            ["usage"] = ResponseResource.UsageOf(job, said.Usage),
        };
        CacheStatus.Tell(context.Response.Headers, done.Cache, holdsAnswer: true);
        await answers.WriteResultAsync(context, job, new Result(compacted.Bytes(), Result.Json) { Model = done.Result.Model }, began);
    }
}
