using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Features.Headers;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Headway.AspNetCore.Jobs;

/// <summary>What can be asked of jobs, and done to them.</summary>
internal sealed class JobEndpoints(EngineHost host, Answers answers, NodeClock time, IHostApplicationLifetime lifetime)
{
    /// <summary>Longer polls outlive the patience of proxies.</summary>
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(60);

    public void Map(ApiRoutes routes) => routes
        .Get("/v1/jobs", ListAsync, Roles.Readers | Roles.Auditor)
        .Get("/v1/jobs/{id}", ShowAsync, Roles.Readers | Roles.Auditor)
        .Get("/v1/jobs/{id}/result", ResultAsync, Roles.Caller | Roles.Operator)
        .Get("/v1/jobs/{id}/attempts", AttemptsAsync, Roles.Readers)
        .Get("/v1/jobs/{id}/audit", AuditAsync, Roles.Caller | Roles.Operator | Roles.Auditor)
        .Get("/v1/jobs/{id}/inputs", InputsAsync, Roles.Readers)
        .Get("/v1/jobs/{id}/inputs/{number}", InputAsync, Roles.Readers)
        .Post("/v1/jobs/{id}/replay", ReplayAsync, Roles.Operator);

    private async Task ListAsync(HttpContext context)
    {
        if (JobQuery.Read(context.Request.Query, out var filter) is { } problem) await ProblemResponse.WriteAsync(context, problem);
        else await WritePageAsync(context, host.Engine, filter);
    }

    public static async Task WritePageAsync(HttpContext context, Engine engine, JobFilter filter)
    {
        var page = await engine.ListAsync(Callers.Of(context), filter);
        var record = new JobPageRecord([.. page.Jobs.Select(job => JobWire.For(Callers.Of(context), job))], page.Next is { } next ? JobQuery.Cursor(next, filter) : null);
        await Json.WriteAsync(context, StatusCodes.Status200OK, record, HeadwayJson.Wire.JobPageRecord);
    }

    private async Task ShowAsync(HttpContext context)
    {
        var request = context.Request;
        if (!TryId(context, out var id))
        {
            await WriteUnknownAsync(context);
            return;
        }

        var preferences = default(Preferences);
        var prefer = request.Headers["Prefer"];
        if (prefer.Count > 0 && !Preferences.TryParse(string.Join(',', prefer.ToArray()), out preferences))
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.PreferInvalid, $"Prefer cannot be read. {Preferences.Rule}"));
            return;
        }

        if (await FindAsync(context, id, preferences.Wait) is { } job) await WriteJobAsync(context, job);
        else await WriteUnknownAsync(context);
    }

    private async Task<Job?> FindAsync(HttpContext context, JobId id, TimeSpan? wait)
    {
        var caller = Callers.Of(context);
        if (wait is not { } asked || asked == TimeSpan.Zero) return await host.Engine.FindAsync(caller, id);
        var applied = asked < LongestPoll ? asked : LongestPoll;
        context.Response.Headers["Preference-Applied"] = $"wait={applied.TotalSeconds:0}";

        // A node that stops answers its pollers at once with what it knows; they come back to the one that replaces it.
        using var left = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            return await host.Engine.WaitAsync(caller, id, applied, left.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return await host.Engine.FindAsync(caller, id);
        }
    }

    private async Task WriteJobAsync(HttpContext context, Job job)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(JobWire.For(Callers.Of(context), job), HeadwayJson.Wire.JobRecord);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 8))}\"";
        var headers = context.Response.Headers;
        headers.ETag = tag;
        headers.CacheControl = "private, no-cache";
        if (!job.IsFinished) headers.RetryAfter = ProblemResponse.Seconds(JobPace.RetryAfter(job, time.GetUtcNow()));
        if (Matches(context.Request.Headers.IfNoneMatch, tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = Json.MediaType;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    private static bool Matches(IEnumerable<string?> tags, string tag)
        => tags.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries)).Any(one => one == "*" || one == tag || one == $"W/{tag}");

    private async Task ResultAsync(HttpContext context)
    {
        if (!TryId(context, out var id))
        {
            await WriteUnknownAsync(context);
            return;
        }

        var caller = Callers.Of(context);
        switch (await host.Engine.ResultAsync(caller, id, context.RequestAborted))
        {
            case ResultAnswer.Found found:
                await answers.WriteResultAsync(context, found.Job, found.Result, began: null);
                break;
            case ResultAnswer.Refused refused:
                await WriteNoResultAsync(context, id, refused.Refusal, await host.Engine.FindAsync(caller, id));
                break;
        }
    }

    private Task WriteNoResultAsync(HttpContext context, JobId id, Refusal refusal, Job? job)
    {
        var problem = EngineProblems.Of(refusal, job is null ? null : id);
        if (job is not null) problem = problem with { State = Words.Of(job.State) };
        if (job is { IsFinished: false }) problem = problem with { RetryAfter = problem.RetryAfter ?? JobPace.RetryAfter(job, time.GetUtcNow()) };
        return ProblemResponse.WriteAsync(context, problem);
    }

    private async Task AttemptsAsync(HttpContext context)
    {
        if (await KnownAsync(context) is not { } job) return;
        var attempts = await host.Engine.AttemptsAsync(Callers.Of(context), job.Id);
        await Json.WriteAsync(context, StatusCodes.Status200OK, new AttemptListRecord([.. attempts.Select(JobWire.Of)]), HeadwayJson.Wire.AttemptListRecord);
    }

    private async Task AuditAsync(HttpContext context)
    {
        if (await KnownAsync(context) is not { } job) return;
        var entries = await host.Engine.AuditAsync(Callers.Of(context), job.Id);
        await Json.WriteAsync(context, StatusCodes.Status200OK, new AuditListRecord([.. entries.Select(JobWire.Of)]), HeadwayJson.Wire.AuditListRecord);
    }

    // Once begun, replaying is carried through: the caller's leaving must not leave it half done.
    private async Task ReplayAsync(HttpContext context)
    {
        var caller = Callers.Of(context);
        if (!TryId(context, out var id) || host.Engine.VersionOf(caller, id) is not { } version)
        {
            await WriteUnknownAsync(context);
            return;
        }

        var began = time.GetTimestamp();
        var (problem, change) = await ReplayBody.ReadAsync(context.Request, version.MaxInput);
        if (change.Input is { } input) problem ??= InputSchemas.Judge(version, input);
        if (problem is not null) await ProblemResponse.WriteAsync(context, problem);
        else await answers.WriteAsync(context, caller, await host.Engine.ReplayAsync(caller, id, change), began);
    }

    private async Task InputsAsync(HttpContext context)
    {
        if (TryId(context, out var id) && await host.Engine.InputsAsync(Callers.Of(context), id) is { } inputs)
            await Json.WriteAsync(context, StatusCodes.Status200OK, new InputListRecord([.. inputs.Select(JobWire.Of)]), HeadwayJson.Wire.InputListRecord);
        else await WriteUnknownAsync(context);
    }

    private async Task InputAsync(HttpContext context)
    {
        if (await KnownAsync(context) is not { } job) return;
        var asked = (string?)context.Request.RouteValues["number"] ?? "";
        if (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || await host.Engine.ViewInputAsync(Callers.Of(context), job.Id, number) is not { } input)
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.InputUnknown, $"{job.Id} has no input {Phrases.Quote(asked)}, or none any more. GET /v1/jobs/{job.Id}/inputs lists them."));
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = input.MediaType;
        context.Response.ContentLength = input.Json.Length;
        await context.Response.BodyWriter.WriteAsync(input.Json, context.RequestAborted);
    }

    private async Task<Job?> KnownAsync(HttpContext context)
    {
        if (TryId(context, out var id) && await host.Engine.FindAsync(Callers.Of(context), id) is { } job) return job;
        await WriteUnknownAsync(context);
        return null;
    }

    public static bool TryId(HttpContext context, out JobId id) => JobId.TryParse((string?)context.Request.RouteValues["id"], out id);

    public static Task WriteUnknownAsync(HttpContext context) => ProblemResponse.WriteAsync(context, Unknown(context));

    public static Problem Unknown(HttpContext context) => new(ProblemKind.JobUnknown,
        $"No job has the id {Phrases.Quote((string?)context.Request.RouteValues["id"] ?? "")}. Ids are {JobId.Prefix} and 32 hex digits; records are removed when their retention ends.");
}
