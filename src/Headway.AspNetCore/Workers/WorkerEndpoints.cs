using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Headway.Access;
using Headway.AspNetCore.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Jobs.Workers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Headway.AspNetCore.Workers;

/// <summary>What processes in any language come for jobs by, and bring back what came of them. Any node that takes calls will do, and each request another.</summary>
internal sealed class WorkerEndpoints(EngineHost host, Entrance entrance, NodeClock time, IHostApplicationLifetime lifetime)
{
    private const string DefaultName = "worker";

    // A result and what stands around it.
    private const long MostOfResult = ResultSize.Largest + (1L << 20);
    private const long MostOfOutput = 4L << 20;
    private const long MostOfRest = 2L << 20;

    public void Map(ApiRoutes routes) => routes
        .Post("/v1/worker/claim", ClaimAsync, Roles.Worker)
        .Post("/v1/worker/renew", RenewAsync, Roles.Worker)
        .Post("/v1/worker/file", FileAsync, Roles.Worker)
        .Post("/v1/worker/append", AppendAsync, Roles.Worker)
        .Post("/v1/worker/progress", ProgressAsync, Roles.Worker)
        .Post("/v1/worker/complete", CompleteAsync, Roles.Worker)
        .Post("/v1/worker/fail", FailAsync, Roles.Worker)
        .Post("/v1/worker/release", ReleaseAsync, Roles.Worker);

    private async Task ClaimAsync(HttpContext context)
    {
        if (await WorkerBodies.ReadAsync<WorkerClaimRecord>(context, MostOfRest, WorkerBodies.Check) is not { } asked) return;
        // A node that stops answers those who wait at once: they come back to another.
        using var left = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var caller = Callers.Of(context);
        if (asked.Features.FirstOrDefault(name => !caller.MayCall(name.Split('@')[0])) is { } foreign)
        {
            await ProblemResponse.WriteAsync(context, entrance.Deny(context, KeyScope.Refuse(caller, foreign)));
            return;
        }

        var claims = host.Engine.Workers.Claims;
        var answer = await claims.ClaimAsync(new WorkerClaim(asked.Session is null ? null : SessionOf(context, asked.Session), asked.Worker ?? DefaultName, asked.Features, asked.Max, TimeSpan.FromSeconds(asked.Wait))
        {
            Jobs = asked.Jobs is null ? null : [.. asked.Jobs.Select(job => WorkerBodies.Attempt(job.Job, job.Attempt))],
            Tenant = caller.Everywhere ? null : caller.Tenant,
        }, left.Token);
        if (answer.Refusal is not null)
        {
            await RefuseAsync(context, answer.Refusal);
            return;
        }

        var given = answer.Value!;
        var arrived = false;
        try
        {
            await WriteAsync(context, new WorkerClaimedRecord(host.Engine.Workers.Badges.BadgeOf(given.Session, caller), given.Expires, claims.RenewEvery.TotalSeconds, [.. given.Jobs.Select(JobOf)]), HeadwayJson.Wire.WorkerClaimedRecord);
            // Whoever leaves from here on has it; if not, it says so itself by what it names.
            arrived = true;
        }
        finally
        {
            if (!arrived) await claims.ReturnAsync(given);
        }
    }

    private static WorkerJobRecord JobOf(GivenJob given)
    {
        var (work, claimed) = given.Held;
        using var input = JsonDocument.Parse(work.Input.Json);
        return new WorkerJobRecord
        {
            Job = claimed.Fence.Job.ToString(),
            Attempt = claimed.Fence.Attempt,
            Feature = work.Version.Feature,
            Version = work.Version.Number,
            Input = input.RootElement.Clone(),
            Files = work.Input.Files.Count == 0 ? null : [.. work.Input.Files.Select(file => new WorkerFileRecord(file.Name, file.MediaType, file.Length, Convert.ToHexStringLower(file.Sha256), file.FileName))],
            Tenant = work.Origin.Tenant,
            Subject = work.Subject,
            Deadline = given.Until,
            TraceParent = work.TraceParent,
        };
    }

    private async Task RenewAsync(HttpContext context)
    {
        if (await WorkerBodies.ReadAsync<WorkerRenewRecord>(context, MostOfRest, WorkerBodies.Check) is not { } asked) return;
        await AnswerAsync(context, await host.Engine.Workers.Renewals.RenewAsync(SessionOf(context, asked.Session), [.. asked.Jobs.Select(job => WorkerBodies.Attempt(job.Job, job.Attempt))]),
            renewed => new WorkerRenewedRecord(renewed.Expires, [.. renewed.Stop.Select(stop => new WorkerStopRecord(stop.Job.Job.ToString(), stop.Job.Attempt, stop.Reason))]), HeadwayJson.Wire.WorkerRenewedRecord);
    }

    private async Task FileAsync(HttpContext context)
    {
        if (await WorkerBodies.ReadAsync<WorkerFileRequestRecord>(context, MostOfRest, WorkerBodies.Check) is not { } asked) return;
        var answer = await host.Engine.Workers.Files.FindAsync(SessionOf(context, asked.Session), WorkerBodies.Attempt(asked.Job, asked.Attempt), asked.Name);
        if (answer.Refusal is not null)
        {
            await RefuseAsync(context, answer.Refusal);
            return;
        }

        var file = answer.Value!;
        context.Response.ContentType = file.MediaType;
        context.Response.ContentLength = file.Length;
        context.Response.Headers.CacheControl = "no-store";
        await using var content = await file.Open(context.RequestAborted);
        await content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private async Task AppendAsync(HttpContext context)
    {
        if (await WorkerBodies.ReadAsync<WorkerAppendRecord>(context, MostOfOutput, WorkerBodies.Check) is not { } asked) return;
        IReadOnlyList<ReadOnlyMemory<byte>> deltas = asked.Texts is { } texts
            ? [.. texts.Select(text => (ReadOnlyMemory<byte>)OutputJson.Text(text))]
            : [.. asked.Values!.Select(value => (ReadOnlyMemory<byte>)OutputJson.Value(Encoding.UTF8.GetBytes(value.GetRawText())))];
        await AnswerAsync(context, await host.Engine.Workers.Output.AppendAsync(SessionOf(context, asked.Session), WorkerBodies.Attempt(asked.Job, asked.Attempt), asked.Id, deltas), next => new WorkerAppendedRecord(next), HeadwayJson.Wire.WorkerAppendedRecord);
    }

    private async Task ProgressAsync(HttpContext context)
    {
        if (await WorkerBodies.ReadAsync<WorkerProgressRecord>(context, MostOfRest, WorkerBodies.Check) is not { } asked) return;
        var progress = new Progress(asked.Done, asked.Total, asked.Note);
        await AnswerAsync(context, await host.Engine.Workers.Output.ProgressAsync(SessionOf(context, asked.Session), WorkerBodies.Attempt(asked.Job, asked.Attempt), asked.Id, progress), next => new WorkerAppendedRecord(next), HeadwayJson.Wire.WorkerAppendedRecord);
    }

    private async Task CompleteAsync(HttpContext context)
    {
        if (await WorkerBodies.ReadAsync<WorkerCompleteRecord>(context, MostOfResult, WorkerBodies.Check) is not { } asked) return;
        var result = asked.Text is { } text ? new Result(Encoding.UTF8.GetBytes(text), Result.Prose) { Model = asked.Model }
            : asked.Result.ValueKind is JsonValueKind.Undefined ? null
            : new Result(Encoding.UTF8.GetBytes(asked.Result.GetRawText()), Result.Json) { Model = asked.Model };
        await AnswerAsync(context, await host.Engine.Workers.Ends.CompleteAsync(SessionOf(context, asked.Session), WorkerBodies.Attempt(asked.Job, asked.Attempt), result, WorkerBodies.Facts(asked.Calls, asked.Disclosed, time.GetUtcNow())), Ended, HeadwayJson.Wire.WorkerEndedRecord);
    }

    private async Task FailAsync(HttpContext context)
    {
        if (await WorkerBodies.ReadAsync<WorkerFailRecord>(context, MostOfRest, WorkerBodies.Check) is not { } asked) return;
        var failure = new Failure
        {
            Code = asked.Code,
            Message = asked.Message,
            Kind = asked.Retryable ? FailureKind.Unavailable : FailureKind.Permanent,
            RetryAfter = asked.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Fingerprint = Failure.Print(asked.Code, "worker"),
        };
        await AnswerAsync(context, await host.Engine.Workers.Ends.FailAsync(SessionOf(context, asked.Session), WorkerBodies.Attempt(asked.Job, asked.Attempt), failure, WorkerBodies.Facts(asked.Calls, asked.Disclosed, time.GetUtcNow())), Ended, HeadwayJson.Wire.WorkerEndedRecord);
    }

    private async Task ReleaseAsync(HttpContext context)
    {
        if (await WorkerBodies.ReadAsync<WorkerReleaseRecord>(context, MostOfRest, WorkerBodies.Check) is not { } asked) return;
        await AnswerAsync(context, await host.Engine.Workers.Renewals.ReleaseAsync(SessionOf(context, asked.Session), asked.Jobs is null ? null : [.. asked.Jobs.Select(job => WorkerBodies.Attempt(job.Job, job.Attempt))]),
            released => new WorkerReleasedRecord(released), HeadwayJson.Wire.WorkerReleasedRecord);
    }

    // One that is another's is to the engine none at all.
    private string SessionOf(HttpContext context, string badge) => host.Engine.Workers.Badges.Read(badge, Callers.Of(context)) ?? "";

    // A job that is not over is queued again, at once or when it is due: the record does not say which.
    private static WorkerEndedRecord Ended(Headway.Jobs.JobState state) => new(state is Headway.Jobs.JobState.Scheduled ? "retried" : Words.Of(state));

    private static Task AnswerAsync<T, TRecord>(HttpContext context, WorkerAnswer<T> answer, Func<T, TRecord> record, JsonTypeInfo<TRecord> shape)
        => answer.Refusal is { } refusal ? RefuseAsync(context, refusal) : WriteAsync(context, record(answer.Value!), shape);

    private static Task WriteAsync<TRecord>(HttpContext context, TRecord record, JsonTypeInfo<TRecord> shape) => Json.WriteAsync(context, StatusCodes.Status200OK, record, shape);

    private static Task RefuseAsync(HttpContext context, WorkerRefusal refusal) => ProblemResponse.WriteAsync(context, new Problem(refusal.Kind switch
    {
        WorkerRefusalKind.SessionUnknown => ProblemKind.WorkerSessionUnknown,
        WorkerRefusalKind.SessionLost => ProblemKind.WorkerSessionLost,
        WorkerRefusalKind.AttemptLost => ProblemKind.AttemptLost,
        WorkerRefusalKind.OutputGap => ProblemKind.OutputGap,
        WorkerRefusalKind.OutputTooLong => ProblemKind.WorkerOutputTooLong,
        WorkerRefusalKind.ResultInvalid => ProblemKind.ResultInvalid,
        WorkerRefusalKind.FeatureUnknown => ProblemKind.FeatureUnknown,
        WorkerRefusalKind.FeatureNotForWorkers => ProblemKind.FeatureNotForWorkers,
        _ => ProblemKind.FileUnknown,
    }, refusal.Message));
}
