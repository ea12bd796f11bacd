using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Events;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Features.Headers;
using Headway.AspNetCore.OpenAi.Files;
using Headway.AspNetCore.Routing;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi;

/// <summary>
/// `POST /v1/chat/completions` and `/v1/embeddings`: an exposed model is passed what its caller sends and answers as it would itself; a feature takes
/// its input from the conversation, and its result is put into the form of a completion.
/// </summary>
internal sealed class ChatEndpoint(EngineHost host, Answers answers, NamedFilesCheck named, NodeClock time)
{
    public void Map(ApiRoutes routes) => routes
        .OpenAi(HttpMethods.Post, "/v1/chat/completions", ChatAsync)
        .OpenAi(HttpMethods.Post, "/v1/embeddings", EmbedAsync);

    private async Task ChatAsync(HttpContext context)
    {
        var (file, began) = (host.Engine.Features, time.GetTimestamp());
        var (problem, body, version) = await ModelRequestBody.ReadAsync(context, file);
        if (problem is null) problem = IsExposed(body!.Version) ? RefuseKind(file, version!, ModelKind.Chat) : FeatureConversation.Refuse(body.Version);
        if (problem is null) problem = named.Judge(context, version!, body!.Json);
        var input = problem is not null ? default : IsExposed(body!.Version) ? (null, ByWire(body.Json)) : FeatureConversation.InputOf(body.Json, body.Version);
        await CallAsync(context, file, version, problem ?? input.Problem, (asked, caller) => asked.Call(VersionOf(body!), caller, input.Input!),
            (caller, answer) => WriteAsync(context, caller, body!, answer, began));
    }

    private async Task EmbedAsync(HttpContext context)
    {
        var (file, began) = (host.Engine.Features, time.GetTimestamp());
        var (problem, body, version) = await ModelRequestBody.ReadAsync(context, file);
        problem ??= RefuseKind(file, version!, ModelKind.Embedding);
        await CallAsync(context, file, version, problem, (asked, caller) => asked.Call(version!, caller, ByWire(body!.Json)), (caller, answer) => answers.WriteAsync(context, caller, answer, began));
    }

    /// <summary>Reads the headers, calls, and notes whoever is refused before.</summary>
    /// <param name="refuse">Tells of that. Null: as an error with a status.</param>
    /// <param name="again">The same call without what it went on from: with its key it gets the answer that it got while that was there. Null: nothing can be gone.</param>
    public async Task CallAsync(
        HttpContext context, FeatureFile file, FeatureVersion? version, Problem? problem, Func<CallHeaders, Caller, Call> make, Func<Caller, Answer, Task> write,
        Func<Problem, Task>? refuse = null, Func<CallHeaders, Caller, Call>? again = null)
    {
        var caller = Callers.Of(context);
        CallHeaders asked = default;
        var isGone = again is not null && problem?.Kind == ProblemKind.PreviousResponseUnknown;
        if (problem is null || isGone)
        {
            if (!context.Response.HasStarted) Deprecation.Tell(context.Response.Headers, version!, file.Features[version!.Feature].Latest);
            problem = CallHeaders.Read(context.Request.Headers, version!, file, time.GetUtcNow(), out asked) ?? problem;
        }

        if (isGone && problem!.Kind == ProblemKind.PreviousResponseUnknown && await host.Engine.AnswerAgainAsync(again!(asked, caller), context.RequestAborted) is { } given)
        {
            await write(caller, given);
            return;
        }

        if (problem is not null)
        {
            if (version is not null)
                host.Engine.NoteRefusal(new RefusedCall(version, caller, problem.Kind.Code) { Subject = asked.Subject, TraceParent = asked.TraceParent });
            await (refuse is null ? ProblemResponse.WriteAsync(context, problem) : refuse(problem));
            return;
        }

        var answer = await host.Engine.CallAsync(make(asked, caller), context.RequestAborted);
        RateFields.Tell(context, host.Engine, caller);
        await write(caller, answer);
    }

    private Task WriteAsync(HttpContext context, Caller caller, ModelRequestBody body, Answer answer, long began)
    {
        CacheStatus.Tell(context.Response.Headers, (answer as Answer.Done)?.Cache ?? (answer as Answer.Streaming)?.Cache, holdsAnswer: true);
        return answer switch
        {
            Answer.Streaming streaming => body.Stream ? StreamAsync(context, caller, body, streaming.Job) : CollectAsync(context, caller, body, streaming.Job),
            Answer.Done done when !IsExposed(body.Version) => WriteDoneAsync(context, body, done, began),
            _ => answers.WriteAsync(context, caller, answer, began),
        };
    }

    private async Task WriteDoneAsync(HttpContext context, ModelRequestBody body, Answer.Done done, long began)
    {
        if (Completion.TextOf(done.Result) is not { } text)
        {
            await ProblemResponse.WriteAsync(context, Completion.NotText(done.Job, done.Result));
            return;
        }

        var completion = new Completion(done.Job, body.Version.Feature, time.GetUtcNow());
        if (body.Stream)
        {
            Answers.Describe(context.Response.Headers, done.Job);
            await EventStream.WriteAsync(context, completion.ChunksOf(text, body.IncludeUsage).ToAsyncEnumerable(), ChunkStream.Write, time, context.RequestAborted);
            return;
        }

        await answers.WriteResultAsync(context, done.Job, new Result(completion.Whole(text), Result.Json) { Model = done.Result.Model }, began);
    }

    /// <summary>The status waits for the first piece: a model that fails before it is an error as any other, which clients know how to meet.</summary>
    private async Task StreamAsync(HttpContext context, Caller caller, ModelRequestBody body, Job job)
    {
        var chunks = new ChunkStream(host.Engine, caller, body, time);
        await using var events = chunks.Open(job, context.RequestAborted);
        if (await chunks.FailureBeforeAsync(events, job) is { } failed)
        {
            await ProblemResponse.WriteAsync(context, failed);
            return;
        }

        Answers.Describe(context.Response.Headers, job);
        await EventStream.WriteAsync(context, IsExposed(body.Version) ? chunks.PassAsync(events, job) : chunks.MakeAsync(events, job), ChunkStream.Write, time, context.RequestAborted);
    }

    private async Task CollectAsync(HttpContext context, Caller caller, ModelRequestBody body, Job job)
    {
        var chunks = new ChunkStream(host.Engine, caller, body, time);
        await using var events = chunks.Open(job, context.RequestAborted);
        var (problem, text, ended) = await chunks.CollectAsync(events, job);
        if (problem is not null) await ProblemResponse.WriteAsync(context, problem);
        else await answers.WriteResultAsync(context, ended!, new Result(new Completion(ended!, body.Version.Feature, time.GetUtcNow()).Whole(text), Result.Json), null);
    }

    /// <summary>Either route has its own kind of model.</summary>
    private static Problem? RefuseKind(FeatureFile file, FeatureVersion version, ModelKind wanted) => version.Handler switch
    {
        ModelHandlerDefinition exposed when file.Models[exposed.Model].Kind == wanted => null,
        ModelHandlerDefinition when wanted is ModelKind.Chat => NotHere($"{version.Feature} makes embeddings: POST /v1/embeddings, or name a model that chats."),
        ModelHandlerDefinition => NotHere($"{version.Feature} chats and makes no embeddings. Name a model of kind embedding."),
        _ => NotHere($"{version.Feature} is a feature and makes no embeddings. Name a model of kind embedding."),
    };

    private static Problem NotHere(string detail) => new(ProblemKind.ModeForbidden, detail) { Param = "model" };

    private static bool IsExposed(FeatureVersion version) => version.Handler is ModelHandlerDefinition;

    // An exposed model is asked as its caller asks.
    private static FeatureVersion VersionOf(ModelRequestBody body) => body.Stream ? body.Feature.Streamed ?? body.Version : body.Version;

    private static JobInput ByWire(ReadOnlyMemory<byte> json) => new() { MediaType = JobInput.ByWire, Json = json };
}
