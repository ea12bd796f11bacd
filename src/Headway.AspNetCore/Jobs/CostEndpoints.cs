using System.Globalization;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Headway.Budgets;
using Headway.Client;
using Headway.Jobs.Running;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Jobs;

/// <summary>What models cost the caller's tenant, and how its budgets stand.</summary>
internal sealed class CostEndpoints(EngineHost host, NodeClock time)
{
    public void Map(ApiRoutes routes) => routes.Get("/v1/costs", CostsAsync, Needs).Get("/v1/budgets", BudgetsAsync, Needs);

    private static readonly RequiredRoles Needs = new(Roles.Caller | Roles.Operator | Roles.Auditor) { WholeTenant = true };

    private async Task CostsAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var by = query["by"].FirstOrDefault() ?? "feature";
        var now = time.GetUtcNow();
        var since = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        if (query["since"].FirstOrDefault() is { } text && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out since))
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.FilterInvalid, $"since is not a time: '{text}'. Write it as RFC 3339, such as 2026-03-01T00:00:00Z."));
        }
        else if (await host.Engine.CostsAsync(Callers.Of(context), by, since) is not { } costs)
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.FilterInvalid, $"by is not '{by}' but one of {string.Join(", ", Spending.Groupings)}."));
        }
        else
        {
            await Json.WriteAsync(context, StatusCodes.Status200OK, new CostListRecord(by, since, [.. costs.Select(Of)]), HeadwayJson.Wire.CostListRecord);
        }
    }

    private Task BudgetsAsync(HttpContext context) =>
        Json.WriteAsync(context, StatusCodes.Status200OK, new BudgetListRecord([.. host.Engine.Budgets(Callers.Of(context)).Select(Of)]), HeadwayJson.Wire.BudgetListRecord);

    private static CostRecord Of(CostRow row) => new(row.Name, row.Calls, new UsageRecord(row.Usage.InputTokens, row.Usage.OutputTokens), row.Usage.Usd);

    private static BudgetRecord Of(BudgetState state) => new()
    {
        Scope = state.Limit.Scope,
        Limit = Money.ToUsd(state.Limit.Nano),
        Spent = Money.ToUsd(state.Spent),
        MaybePaid = Money.ToUsd(state.MaybePaid),
        Reserved = Money.ToUsd(state.Reserved),
        Ends = state.Limit.Ends,
    };
}
