using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Features;
using Headway.Jobs;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Jobs;

/// <summary>The jobs that will not be tried again by themselves, and putting them back.</summary>
internal sealed class DeadLetterEndpoints(EngineHost host)
{
    public void Map(ApiRoutes routes) => routes
        .Get("/v1/dead-letters", ListAsync)
        .Post("/v1/dead-letters/replay", ReplayAsync);

    private async Task ListAsync(HttpContext context)
    {
        if (Read(context, out var filter) is { } problem) await ProblemResponse.WriteAsync(context, problem);
        else await JobEndpoints.WritePageAsync(context, host.Engine, filter);
    }

    private async Task ReplayAsync(HttpContext context)
    {
        var problem = Read(context, out var filter, "dryRun") ?? ReadDryRun(context.Request.Query, out _);
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        _ = ReadDryRun(context.Request.Query, out var dryRun);
        var count = await host.Engine.ReplayDeadAsync(Callers.Of(context), filter, dryRun, CancellationToken.None);
        await Json.WriteAsync(context, StatusCodes.Status200OK, new ReplayRecord(count, dryRun), HeadwayJson.Wire.ReplayRecord);
    }

    private static Problem? Read(HttpContext context, out JobFilter filter, params ReadOnlySpan<string> also)
    {
        var problem = JobQuery.Read(context.Request.Query, out filter, also);
        if (filter.State is { } state and not Headway.Jobs.JobState.Dead)
            problem ??= new Problem(ProblemKind.FilterInvalid, $"state={Words.Of(state)} cannot be asked for here: every dead letter is dead.");
        filter = filter with { State = Headway.Jobs.JobState.Dead };
        return problem;
    }

    private static Problem? ReadDryRun(IQueryCollection query, out bool dryRun)
    {
        dryRun = query["dryRun"] is ["true"];
        return query["dryRun"] is [] or ["true"] or ["false"] ? null : new Problem(ProblemKind.FilterInvalid, "dryRun is true or false.");
    }
}
