using System.Text.Json.Nodes;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Features.Headers;
using Headway.AspNetCore.Routing;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Models;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>`POST /v1/responses`: what is asked becomes a chat completion, and what comes of that a response. The engine sees a call as any other.</summary>
internal sealed class ResponsesEndpoint(EngineHost host, ChatEndpoint chat, Answers answers, ResponseStreams streams, ResponseSockets sockets, ResponseInputs inputs, NodeClock time)
{
    public void Map(ApiRoutes routes) => routes
        .OpenAi([(HttpMethods.Post, CreateAsync), (HttpMethods.Get, sockets.OpenAsync)], "/v1/responses")
        .OpenAi(HttpMethods.Post, "/v1/responses/input_tokens", CountAsync);

    private async Task CreateAsync(HttpContext context)
    {
        var (file, began) = (host.Engine.Features, time.GetTimestamp());
        var (problem, body, version) = await ModelRequestBody.ReadAsync(context, file);
        ResponseRequest? request = null;
        JobInput? input = null;
        if (problem is null) (problem, request) = ResponseRequest.Read(body!.Json);
        if (problem is null) (problem, version) = ServedBy(file, body!, request!);
        if (problem is null) (problem, input, _) = await inputs.OfAsync(context, body!, request!);
        Call CallOf(CallHeaders asked, Caller caller, JobInput input) => asked.Call(version!, caller, input) is var call && request!.Background | request.Stream ? call with { PreferAsync = true } : call;
        await chat.CallAsync(context, file, version, problem,
            (asked, caller) => CallOf(asked, caller, input!),
            (caller, answer) => WriteAsync(context, caller, request!, version!, answer, began),
            again: (asked, caller) => CallOf(asked, caller, ResponseInputs.Again(body!)));
    }

    /// <summary>Nothing is asked of a model: it is the estimate that budgets and limits go by.</summary>
    private async Task CountAsync(HttpContext context)
    {
        var (problem, body, _) = await ModelRequestBody.ReadAsync(context, host.Engine.Features);
        ResponseRequest? request = null;
        JobInput? input = null;
        long files = 0;
        if (problem is null) (problem, request) = ResponseRequest.Read(body!.Json);
        if (problem is null) (problem, input, files) = await inputs.OfAsync(context, body!, request!);
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        context.Response.ContentType = Json.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        var counted = new JsonObject { ["object"] = "response.input_tokens", ["input_tokens"] = Prices.InputTokens((JsonObject)JsonNode.Parse(input!.Json.Span)!, files) };
        await context.Response.BodyWriter.WriteAsync(counted.Bytes(), context.RequestAborted);
    }

    /// <summary>The version whose contract the request asks for: an exposed model answers as it is asked, a feature as it promises.</summary>
    public static (Problem? Problem, FeatureVersion Version) ServedBy(FeatureFile file, ModelRequestBody body, ResponseRequest request)
    {
        var version = body.Version;
        if (version.Handler is ModelHandlerDefinition { Model: var model } && file.Models[model].Kind is ModelKind.Embedding)
            return (new Problem(ProblemKind.ModeForbidden, $"{version.Feature} makes embeddings: POST /v1/embeddings, or name a model that chats.") { Param = "model" }, version);
        if (version.Handler is ModelHandlerDefinition)
            return (null, (request.Background ? body.Feature.Background : request.Stream ? body.Feature.Streamed : null) ?? version);
        var mode = version.Contract.Mode;
        if (request.MayShorten)
            return (Nodes.Wrong("truncation", $"{version.Feature} is a feature: what of a conversation its model is told is for its template to say. Leave `truncation` out, or name a model."), version);
        if (request.Background && mode is Mode.Sync or Mode.Stream)
            return (Nodes.Wrong("background", $"{version.FullName} is {Words.Of(mode)}: its caller waits for the answer. Leave `background` out, or declare a version with mode async or hybrid."), version);
        return !request.Store && mode is Mode.Async or Mode.Hybrid
            ? (Nodes.Wrong("store", $"{version.FullName} is {Words.Of(mode)}: its answer may come later, and nobody could come back for it. Leave `store` out."), version)
            : (null, version);
    }

    private Task WriteAsync(HttpContext context, Caller caller, ResponseRequest request, FeatureVersion version, Answer answer, long began) => answer switch
    {
        Answer.Done done => request.Stream ? streams.WriteAsync(context, request, version, done) : WriteDoneAsync(context, request, version, done, began),
        Answer.Streaming streaming => request.Stream
            ? streams.WriteAsync(context, caller, request, version, streaming.Job)
            : WriteWholeAsync(context, caller, request, version, streaming.Job),
        Answer.Accepted accepted => request.Stream
            ? WriteEventsAsync(context, caller, request, version, accepted.Job)
            : WriteLaterAsync(context, caller, request, version, accepted.Job),
        _ => answers.WriteAsync(context, caller, answer, began),
    };

    private Task WriteDoneAsync(HttpContext context, ResponseRequest request, FeatureVersion version, Answer.Done done, long? began)
    {
        var (problem, answer) = StoredResponse.AnswerOf(request, version, done.Job, done.Result, []);
        if (problem is not null) return ProblemResponse.WriteAsync(context, problem);
        CacheStatus.Tell(context.Response.Headers, done.Cache, holdsAnswer: true);
        return answers.WriteResultAsync(context, done.Job, new Result(ResponseResource.Of(request, done.Job, answer).Bytes(), Result.Json) { Model = done.Result.Model }, began);
    }

    /// <summary>A stream that is wanted whole: it is read to its end, so that it is not taken for abandoned.</summary>
    private async Task WriteWholeAsync(HttpContext context, Caller caller, ResponseRequest request, FeatureVersion version, Job job)
    {
        await foreach (var _ in host.Engine.AnswerEvents(caller, job.Id, context.RequestAborted))
        {
            // Its result is one.
        }

        var ended = await host.Engine.FindAsync(caller, job.Id);
        if (ended is { State: JobState.Succeeded } && host.Engine.ResultToGoOnFrom(caller, job.Id) is { } result)
            await WriteDoneAsync(context, request, version, new Answer.Done(ended, result), null);
        else
            await ProblemResponse.WriteAsync(context, ended?.Error is { } failure ? EngineProblems.Of(ended, failure) : Problem.Gone(job));
    }

    /// <summary>Of one that is under way; or, asked for again with its key, what is kept of it.</summary>
    private async Task WriteEventsAsync(HttpContext context, Caller caller, ResponseRequest request, FeatureVersion version, Job job)
    {
        var id = ResponseId.Of(job.Id);
        if (job.IsFinished && await StoredResponse.FindAsync(host.Engine, caller, id) is null) await ProblemResponse.WriteAsync(context, StoredResponse.Unknown(id));
        else await streams.WriteAsync(context, caller, request, version, job);
    }

    /// <summary>One that is under way; or, asked for again with its key, already there.</summary>
    private async Task WriteLaterAsync(HttpContext context, Caller caller, ResponseRequest request, FeatureVersion version, Job job)
    {
        var (problem, shown) = await new StoredResponse(request, () => version, job).ShowAsync(host.Engine, caller, context.RequestAborted, isItsCaller: !job.IsFinished);
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        if (!job.IsFinished) context.Response.Headers.RetryAfter = ProblemResponse.Seconds(JobPace.RetryAfter(job, time.GetUtcNow()));
        await answers.WriteResultAsync(context, job, new Result(shown!.Bytes(), Result.Json), null);
    }
}
