using System.Text.Json.Nodes;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>A response that was stored: the job, and the request that it came of.</summary>
/// <param name="VersionOf">Reads the version that the job was accepted with: asked only where something is made of its result, so that a job whose definition is damaged can be cancelled and deleted all the same.</param>
internal sealed record StoredResponse(ResponseRequest Request, Func<FeatureVersion> VersionOf, Job Job)
{
    /// <exception cref="Storage.StorageException">It cannot be read any more.</exception>
    public FeatureVersion Version => VersionOf();

    /// <summary>Null: unknown to this caller's tenant, not stored, deleted, or removed by retention.</summary>
    public static async ValueTask<StoredResponse?> FindAsync(Engine engine, Caller caller, string? id)
    {
        if (!ResponseId.TryParse(id, out var job) || await engine.RequestAsync(caller, job) is not { } kept || !caller.MayCall(kept.Job.Feature)) return null;
        return ResponseRequest.Read(kept.Json).Request is { } request ? new StoredResponse(request, kept.VersionOf, kept.Job) : null;
    }

    public static Problem Unknown(string? id) => new(ProblemKind.ResponseUnknown,
        $"There is no response {Phrases.Quote(id ?? "")}. It was not stored (`store`), was deleted, or was removed by retention; or the id is wrong.");

    /// <summary>What came of a request, as its result says it.</summary>
    /// <param name="pieces">In which it was shown: a stream may think, speak and call in any order, of which its result knows nothing.</param>
    public static (Problem? Problem, ResponseAnswer Answer) AnswerOf(ResponseRequest request, FeatureVersion version, Job job, Result result, IReadOnlyList<JobEvent> pieces, bool? signed = null)
    {
        if (version.Handler is not ModelHandlerDefinition)
            return Completion.TextOf(result) is { } text ? (null, ResponseAnswer.OfText(job, text)) : (Completion.NotText(job, result), ResponseAnswer.None);
        return (null, pieces.Count > 0
            ? ResponseEvents.AnswerOf(request, version, job, pieces, signed)
            : ResponseAnswer.OfCompletion(job, JsonNode.Parse(result.Body.Span)!, signed ?? request.Includes(RequestRules.Encrypted)));
    }

    /// <summary>As it is now. Showing it is a delivery: of what came of it, or of what it was asked.</summary>
    /// <param name="isItsCaller">Who is shown it has just sent what it is asked.</param>
    public async Task<(Problem? Problem, JsonObject? Shown)> ShowAsync(Engine engine, Caller caller, CancellationToken stop, bool isItsCaller = false)
    {
        if (Job.State is not JobState.Succeeded)
        {
            return !isItsCaller && !await engine.TellRequestGivenAsync(caller, Job.Id)
                ? (Unknown(ResponseId.Of(Job.Id)), null)
                : (null, ResponseResource.Of(Request, Job, ResponseAnswer.None));
        }

        if (await engine.ResultAsync(caller, Job.Id, stop) is not ResultAnswer.Found found) return (Unknown(ResponseId.Of(Job.Id)), null);
        var (problem, answer) = AnswerOf(Request, Version, Job, found.Result, await engine.PiecesToGoOnFromAsync(caller, Job.Id));
        return problem is not null ? (problem, null) : (null, ResponseResource.Of(Request, Job, answer));
    }
}
