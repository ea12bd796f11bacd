using Headway.Access;
using Headway.AspNetCore.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features.Headers;
using Headway.Features;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Features;

/// <summary>A call of a feature: headers and body are read or refused, the engine answers.</summary>
internal sealed class FeatureEndpoint(EngineHost host, Entrance entrance, Answers answers, NodeClock time)
{
    public Task ByNameAsync(HttpContext context)
    {
        var file = host.Engine.Features;
        return FeatureLookup.Find(file, (string)context.Request.RouteValues["name"]!, out var version) is { } problem
            ? version is null ? ProblemResponse.WriteAsync(context, problem) : RefuseAsync(context, version, problem)
            : CallAsync(context, version!, file);
    }

    /// <summary>Paths that features declare for themselves. They are looked up per request, because a reload may have changed them.</summary>
    public Task ByRouteAsync(HttpContext context)
    {
        var file = host.Engine.Features;
        var path = context.Request.Path.Value ?? "";
        if (FeatureLookup.ByRoute(file, path) is not { } version)
            return ProblemResponse.WriteAsync(context, new Problem(ProblemKind.RouteUnknown, $"Nothing is served at {Phrases.Quote(path)}. /openapi/v1.json lists what is."));
        if (!HttpMethods.IsPost(context.Request.Method)) return Routing.Guard.RefuseMethodAsync(context, HttpMethods.Post);
        return FeatureLookup.Callable(version) is { } problem ? RefuseAsync(context, version, problem) : CallAsync(context, version, file);
    }

    private async Task CallAsync(HttpContext context, FeatureVersion version, FeatureFile file)
    {
        var began = time.GetTimestamp();
        if (KeyScope.Judge(Callers.Of(context), version.Feature) is { } forbidden)
        {
            await ProblemResponse.WriteAsync(context, entrance.Deny(context, forbidden));
            return;
        }

        Deprecation.Tell(context.Response.Headers, version, file.Features[version.Feature].Latest);
        if (CallHeaders.Read(context.Request.Headers, version, file, time.GetUtcNow(), out var asked) is { } broken)
        {
            await RefuseAsync(context, version, broken, asked);
            return;
        }

        var caller = Callers.Of(context);
        var shelf = new InputShelf(host.Engine, version, caller, asked.Subject, time.GetUtcNow());
        var answer = await AnswerAsync(context, caller, shelf, asked);
        if (answer is null) return;
        RateFields.Tell(context, host.Engine, caller);
        if (answer is not Answer.Refused) PreferenceApplied.Tell(context.Response.Headers, version.Contract, asked.Prefer, deferred: answer is Answer.Accepted);
        await answers.WriteAsync(context, caller, answer, began);
    }

    /// <summary>Null when the input was refused, and the caller has been told so.</summary>
    private async Task<Answer?> AnswerAsync(HttpContext context, Caller caller, InputShelf shelf, CallHeaders asked)
    {
        var becameJob = false;
        try
        {
            var input = await InputBody.ReadAsync(context.Request, shelf);
            if (input.Problem is { } refused)
            {
                await RefuseAsync(context, shelf.Feature, refused, asked, shelf.Job);
                return null;
            }

            var answer = await host.Engine.CallAsync(asked.Call(shelf.Feature, caller, input.Input!) with { Job = input.Job }, context.RequestAborted);
            becameJob = BecameJob(answer, shelf);
            return answer;
        }
        catch (BadHttpRequestException broken)
        {
            Note(context, shelf.Feature, Routing.Guard.KindOf(broken), asked, shelf.Job);
            throw;
        }
        finally
        {
            // Files lie in the store before there is a job; a refused call, or a repeat that got an earlier job, leaves none behind.
            if (!becameJob) await shelf.ForgetAsync();
        }
    }

    // Once the feature version is known, whoever is turned away leaves a trace, as every call does.
    private Task RefuseAsync(HttpContext context, FeatureVersion version, Problem problem, in CallHeaders asked = default, JobId? job = null)
    {
        Note(context, version, problem.Kind, asked, job);
        return ProblemResponse.WriteAsync(context, problem);
    }

    private void Note(HttpContext context, FeatureVersion version, ProblemKind kind, in CallHeaders asked, JobId? job) => host.Engine.NoteRefusal(
        new RefusedCall(version, Callers.Of(context), kind.Code) { Job = job, Subject = asked.Subject, TraceParent = asked.TraceParent });

    private static bool BecameJob(Answer answer, InputShelf shelf) => answer switch
    {
        Answer.Done done => done.Job.Id == shelf.Job,
        Answer.Failed failed => failed.Job.Id == shelf.Job,
        Answer.Accepted accepted => accepted.Job.Id == shelf.Job,
        Answer.Streaming streaming => streaming.Job.Id == shelf.Job,
        Answer.Abandoned => true,
        _ => false,
    };
}
