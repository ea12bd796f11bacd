using System.Runtime.InteropServices;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Waiting;
using Headway.Workflows;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headway.AspNetCore.Jobs;

/// <summary>What people do to jobs under way: cancel and terminate them, take them aside, let them go on, run them again from a step.</summary>
/// <remarks>Once begun, each is carried through: the caller's leaving must not leave it half done.</remarks>
internal sealed class SteeringEndpoints(EngineHost host, Answers answers, NodeClock time)
{
    // Around an input: the names, and that of a step.
    private const int LargestFrame = 4_096;

    public void Map(ApiRoutes routes) => routes
        .Post("/v1/jobs/{id}/cancel", context => EndAsync(context, atOnce: false), Roles.Caller | Roles.Operator)
        .Post("/v1/jobs/{id}/terminate", context => EndAsync(context, atOnce: true), Roles.Operator)
        .Post("/v1/jobs/{id}/pause", PauseAsync, Roles.Operator)
        .Post("/v1/jobs/{id}/resume", ResumeAsync, Roles.Operator)
        .Post("/v1/jobs/{id}/rerun", RerunAsync, Roles.Operator);

    private async Task EndAsync(HttpContext context, bool atOnce)
    {
        if (JobEndpoints.TryId(context, out var id) && await host.Engine.CancelAsync(Callers.Of(context), id, CancellationToken.None, atOnce) is { } job) await WriteAsync(context, job);
        else await JobEndpoints.WriteUnknownAsync(context);
    }

    private async Task PauseAsync(HttpContext context)
    {
        if (!JobEndpoints.TryId(context, out var id) || await host.Engine.PauseAsync(Callers.Of(context), id) is not var (job, verdict)) await JobEndpoints.WriteUnknownAsync(context);
        else if (verdict is Paused.Busy) await RefuseAsync(context, ProblemKind.JobRunning, $"{id} runs, and only a workflow can be paused while it does. Wait for its end, or cancel it.", job);
        else if (verdict is Paused.Cancelling) await RefuseAsync(context, ProblemKind.JobCancelling, $"{id} was cancelled and undoes what it did. It ends then; terminate it if it must end at once.", job);
        else if (verdict is Paused.Over) await OverAsync(context, id, job);
        else await WriteAsync(context, job);
    }

    private async Task ResumeAsync(HttpContext context)
    {
        if (!JobEndpoints.TryId(context, out var id) || await host.Engine.ResumeAsync(Callers.Of(context), id) is not var (job, verdict)) await JobEndpoints.WriteUnknownAsync(context);
        else if (verdict is Resumed.Over) await OverAsync(context, id, job);
        else await WriteAsync(context, job);
    }

    private async Task RerunAsync(HttpContext context)
    {
        var (caller, began) = (Callers.Of(context), time.GetTimestamp());
        if (!JobEndpoints.TryId(context, out var id) || host.Engine.VersionOf(caller, id) is not { } version)
        {
            await JobEndpoints.WriteUnknownAsync(context);
            return;
        }

        var problem = Features.Headers.CallHeaders.ReadIdempotencyKey(context.Request.Headers, out var key);
        var (broken, ask) = await ReadAsync(context.Request, version);
        problem ??= broken;
        if (problem is not null) await ProblemResponse.WriteAsync(context, problem);
        else if (await host.Engine.RerunAsync(caller, id, ask with { IdempotencyKey = key }, CancellationToken.None) is { } answer) await answers.WriteAsync(context, caller, answer, began);
        else await JobEndpoints.WriteUnknownAsync(context);
    }

    private static async ValueTask<(Problem? Problem, RerunAsk Ask)> ReadAsync(HttpRequest request, FeatureVersion version)
    {
        var ask = new RerunAsk(null, 1, null, null);
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is not true || request.ContentLength == 0) return (null, ask);
        var most = LargestFrame + version.MaxInput;
        var (problem, parsed) = await JsonBody.ReadDocumentAsync(request, most, () => new Problem(ProblemKind.InputTooLarge, $"The body of a rerun of this has at most {most} bytes."));
        if (problem is not null) return (problem, ask);
        using var document = parsed!;
        if (document.RootElement.ValueKind is not JsonValueKind.Object) return (Broken("it must be a JSON object"), ask);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "from" when member.Value.ValueKind is JsonValueKind.String:
                    ask = ask with { Step = member.Value.GetString() };
                    break;
                case "from":
                    return (Broken("`from` must be the name of a step, as GET /v1/jobs/{id}/steps tells it"), ask);
                case "occurrence" when member.Value.ValueKind is JsonValueKind.Number && member.Value.TryGetInt32(out var occurrence) && occurrence >= 1:
                    ask = ask with { Occurrence = occurrence };
                    break;
                case "occurrence":
                    return (Broken("`occurrence` must be a number from 1"), ask);
                case "input":
                    ask = ask with { Input = JsonMarshal.GetRawUtf8Value(member.Value).ToArray() };
                    break;
                default:
                    return (Broken($"{Phrases.Quote(member.Name)} is not a member of it"), ask);
            }
        }

        return (ask.Input is { } input ? InputSchemas.Judge(version, input) : null, ask);
    }

    private static Problem Broken(string what) => new(ProblemKind.RerunInvalid, $"The body of a rerun is {{\"from\":\"STEP\",\"occurrence\":1,\"input\":…}}, or a part of it, or nothing: {what}.");

    private static Task OverAsync(HttpContext context, JobId id, Job job) => RefuseAsync(context, ProblemKind.JobOver, $"{id} has ended. GET /v1/jobs/{id} says how.", job);

    private static Task RefuseAsync(HttpContext context, ProblemKind kind, string detail, Job job) => ProblemResponse.WriteAsync(context, new Problem(kind, detail) { State = Words.Of(job.State) });

    private static Task WriteAsync(HttpContext context, Job job) => Json.WriteAsync(context, StatusCodes.Status200OK, JobWire.Of(job), HeadwayJson.Wire.JobRecord);
}
