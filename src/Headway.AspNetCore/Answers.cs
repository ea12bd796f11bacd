using System.Globalization;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Events;
using Headway.AspNetCore.Features;
using Headway.Client;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headway.AspNetCore;

/// <summary>The one place where what the engine answers becomes HTTP.</summary>
internal sealed class Answers(EngineHost host, NodeClock time)
{
    /// <param name="began">The timestamp at which the request reached us; what Headway itself cost is counted from it.</param>
    public Task WriteAsync(HttpContext context, Caller caller, Answer answer, long began) => answer switch
    {
        Answer.Done done => WriteDoneAsync(context, done, began),
        Answer.Accepted accepted => WriteAcceptedAsync(context, accepted),
        Answer.Streaming streaming => WriteStreamAsync(context, caller, streaming),
        Answer.Failed failed => WriteFailedAsync(context, failed.Job, failed.Failure),
        Answer.Refused refused => ProblemResponse.WriteAsync(context, EngineProblems.Of(refused.Refusal)),
        Answer.Abandoned => context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : ProblemResponse.WriteAsync(context, TakenAway),
        _ => throw new InvalidOperationException($"{answer.GetType().Name} has no HTTP answer"),
    };

    private Task WriteDoneAsync(HttpContext context, Answer.Done done, long began)
    {
        CacheStatus.Tell(context.Response.Headers, done.Cache, holdsAnswer: true);
        return WriteResultAsync(context, done.Job, done.Result, began);
    }

    // The caller is still there: somebody else has ended the job, and an empty 200 would pass for its result.
    public static readonly Problem TakenAway = new(ProblemKind.CallCancelled,
        "The work was cancelled by somebody else, or this node lost its right to it. The job says which: GET /v1/jobs lists it.");

    public async Task WriteResultAsync(HttpContext context, Job job, Result result, long? began)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = result.MediaType;
        response.ContentLength = result.Body.Length;
        var headers = response.Headers;
        headers.CacheControl = "no-store";
        Describe(headers, job);
        if ((result.Model ?? job.Model) is { } model) headers["Headway-Model"] = model;
        if (job.Usage.Usd > 0) headers["Headway-Cost"] = job.Usage.Usd.ToString("0.##########", CultureInfo.InvariantCulture);
        if (began is { } timestamp) headers["Headway-Overhead-Ms"] = Milliseconds(Overhead(job, time.GetElapsedTime(timestamp)));
        await response.BodyWriter.WriteAsync(result.Body, context.RequestAborted);
    }

    private Task WriteAcceptedAsync(HttpContext context, Answer.Accepted accepted)
    {
        var (job, headers) = (accepted.Job, context.Response.Headers);
        CacheStatus.Tell(headers, accepted.Cache, holdsAnswer: false);
        headers["Headway-Job"] = job.Id.ToString();
        headers["Headway-Mode"] = Words.Of(job.Mode);
        if (accepted.How is not Submission.New) headers["Headway-Submission"] = accepted.How is Submission.Existing ? "existing" : "replaced";
        headers.Location = JobWire.Address(job.Id);
        headers.RetryAfter = ProblemResponse.Seconds(JobPace.RetryAfter(job, time.GetUtcNow()));
        return Json.WriteAsync(context, StatusCodes.Status202Accepted, JobWire.Of(job), HeadwayJson.Wire.JobRecord);
    }

    private async Task WriteStreamAsync(HttpContext context, Caller caller, Answer.Streaming streaming)
    {
        var job = streaming.Job;
        CacheStatus.Tell(context.Response.Headers, streaming.Cache, holdsAnswer: true);
        Describe(context.Response.Headers, job);
        await EventStream.WriteAsync(context, host.Engine.AnswerEvents(caller, job.Id, context.RequestAborted), time, context.RequestAborted);
    }

    private static Task WriteFailedAsync(HttpContext context, Job job, Failure failure)
    {
        Describe(context.Response.Headers, job);
        return ProblemResponse.WriteAsync(context, EngineProblems.Of(job, failure));
    }

    public static void Describe(IHeaderDictionary headers, Job job)
    {
        headers["Headway-Job"] = job.Id.ToString();
        headers["Headway-Mode"] = Words.Of(job.Mode);
        if (job.Queued is { } queued) headers["Headway-Queue-Ms"] = Milliseconds(queued);
    }

    // What is left of the whole when waiting for a slot and the handler's own time are taken away.
    private static TimeSpan Overhead(Job job, TimeSpan whole)
    {
        var handler = job is { Started: { } started, Finished: { } finished } ? finished - started : TimeSpan.Zero;
        var left = whole - handler - (job.Queued ?? TimeSpan.Zero);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static StringValues Milliseconds(TimeSpan span) => span.TotalMilliseconds.ToString("0.0##", CultureInfo.InvariantCulture);
}
