using System.Text.Json.Nodes;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>A response that was stored: the job, and the request that it came of.</summary>
internal sealed record StoredResponse(ResponseRequest Request, FeatureVersion Version, Job Job)
{
    /// <summary>Null: unknown to this caller's tenant, not stored, deleted, or removed by retention.</summary>
    public static async ValueTask<StoredResponse?> FindAsync(Engine engine, Caller caller, string? id)
    {
        if (!ResponseId.TryParse(id, out var job) || await engine.RequestAsync(caller, job) is not { } kept) return null;
        return ResponseRequest.Read(kept.Json).Request is { } request ? new StoredResponse(request, kept.Version, kept.Job) : null;
    }

    public static Problem Unknown(string? id) => new(ProblemKind.ResponseUnknown,
        $"There is no response {Phrases.Quote(id ?? "")}. It was not stored (`store`), was deleted, or was removed by retention; or the id is wrong.");

    /// <summary>What came of a request, as its result says it.</summary>
    public static (Problem? Problem, ResponseAnswer Answer) AnswerOf(ResponseRequest request, FeatureVersion version, Job job, Result result, bool? signed = null)
    {
        if (version.Handler is ModelHandlerDefinition) return (null, ResponseAnswer.OfCompletion(job, JsonNode.Parse(result.Body.Span)!, signed ?? request.Includes(RequestRules.Encrypted)));
        return Completion.TextOf(result) is { } text ? (null, ResponseAnswer.OfText(job, text)) : (Completion.NotText(job, result), ResponseAnswer.None);
    }

    /// <summary>As it is now. Showing one that has ended is a delivery: of what came of it, or of what it was asked.</summary>
    public async Task<(Problem? Problem, JsonObject? Shown)> ShowAsync(Engine engine, Caller caller, CancellationToken stop)
    {
        if (Job.State is not JobState.Succeeded)
        {
            return Job.IsFinished && !await engine.TellRequestGivenAsync(caller, Job.Id)
                ? (Unknown(ResponseId.Of(Job.Id)), null)
                : (null, ResponseResource.Of(Request, Job, ResponseAnswer.None));
        }

        if (await engine.ResultAsync(caller, Job.Id, stop) is not ResultAnswer.Found found) return (Unknown(ResponseId.Of(Job.Id)), null);
        var (problem, answer) = AnswerOf(Request, Version, Job, found.Result);
        return problem is not null ? (problem, null) : (null, ResponseResource.Of(Request, Job, answer));
    }
}
