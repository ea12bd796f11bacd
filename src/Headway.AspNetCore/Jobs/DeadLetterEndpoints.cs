using System.Globalization;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features.Headers;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Running;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Jobs;

/// <summary>The jobs that will not be tried again by themselves, what they died of, and putting them back.</summary>
internal sealed class DeadLetterEndpoints(EngineHost host)
{
    public void Map(ApiRoutes routes) => routes
        .Get("/v1/dead-letters", ListAsync, Roles.Caller | Roles.Operator)
        .Get("/v1/dead-letters/groups", GroupsAsync, Roles.Caller | Roles.Operator)
        .Post("/v1/dead-letters/replay", ReplayAsync, Roles.Operator);

    private async Task ListAsync(HttpContext context)
    {
        if (Read(context, out var filter) is { } problem) await ProblemResponse.WriteAsync(context, problem);
        else await JobEndpoints.WritePageAsync(context, host.Engine, filter);
    }

    private async Task GroupsAsync(HttpContext context)
    {
        var problem = Read(context, out var filter);
        if (filter.After is not null) problem ??= new Problem(ProblemKind.FilterInvalid, "Groups have no cursor: the largest come first, as many as limit says. Narrow them with a filter.");
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var groups = await host.Engine.DeadGroupsAsync(Callers.Of(context), filter);
        var record = new DeadLetterGroupsRecord([.. groups.Take(filter.Limit).Select(JobWire.Of)], groups.Count > filter.Limit);
        await Json.WriteAsync(context, StatusCodes.Status200OK, record, HeadwayJson.Wire.DeadLetterGroupsRecord);
    }

    private async Task ReplayAsync(HttpContext context)
    {
        var (problem, ask) = await ReadAskAsync(context);
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        // Once begun, it is carried through: the caller's leaving must not leave it half done.
        switch (await host.Engine.ReplayDeadAsync(Callers.Of(context), ask!))
        {
            case ReplayAnswer.Done done:
                await Json.WriteAsync(context, StatusCodes.Status200OK, JobWire.Of(done.Report), HeadwayJson.Wire.ReplayRecord);
                break;
            case ReplayAnswer.Refused refused:
                await ProblemResponse.WriteAsync(context, EngineProblems.Of(refused.Refusal));
                break;
        }
    }

    private static async ValueTask<(Problem? Problem, ReplayAsk? Ask)> ReadAskAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var problem = Read(context, out var filter, "dryRun", "atMost") ?? ReadDryRun(query, out _) ?? ReadAtMost(query, out _) ?? ReadKey(context.Request.Headers, out _);
        if (query.ContainsKey("limit") || query.ContainsKey("cursor"))
            problem ??= new Problem(ProblemKind.FilterInvalid, "A replay has no pages: `atMost` bounds how many are replayed, and a repeat goes on with the rest.");
        if (problem is not null) return (problem, null);
        var (broken, change) = await ReplayBody.ReadAsync(context.Request, mostInput: null);
        if (broken is not null) return (broken, null);
        _ = ReadDryRun(query, out var dryRun);
        _ = ReadAtMost(query, out var atMost);
        _ = ReadKey(context.Request.Headers, out var key);
        return (null, new ReplayAsk { Filter = filter, Model = change.Model, DryRun = dryRun, AtMost = atMost, Key = key });
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

    private static Problem? ReadAtMost(IQueryCollection query, out int atMost)
    {
        atMost = ReplayAsk.MostAtOnce;
        if (query["atMost"] is []) return null;
        return query["atMost"] is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out atMost) && atMost is >= 1 and <= ReplayAsk.MostAtOnce
            ? null
            : new Problem(ProblemKind.FilterInvalid, $"atMost is a number from 1 to {ReplayAsk.MostAtOnce}.");
    }

    private static Problem? ReadKey(IHeaderDictionary headers, out string? key)
    {
        key = null;
        var values = headers["Idempotency-Key"];
        if (values.Count == 0) return null;
        if (values.Count > 1) return new Problem(ProblemKind.HeaderRepeated, "Idempotency-Key is given once.");
        return IdempotencyKey.TryParse(values[0]!, out key!) ? null : new Problem(ProblemKind.IdempotencyKeyInvalid, $"Idempotency-Key cannot be read. {IdempotencyKey.Rule}");
    }
}
