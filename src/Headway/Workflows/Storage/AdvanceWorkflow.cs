using Headway.Audit;
using Headway.Budgets;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Storage;
using Headway.Workflows.History;

namespace Headway.Workflows.Storage;

/// <summary>A workflow comes further, under the fence: what it got is journaled, what it asks for is noted, and its children are accepted, all or nothing.</summary>
/// <remarks>
/// Invariant: a line of the journal is durable before the workflow learns of it, and is written by one attempt only, because all of it is under the fence
/// and a number is taken once. So whatever runs the workflow from its top again gives it the same things in the same order.
/// </remarks>
internal sealed class AdvanceWorkflow(Fence fence, Advance advance) : Write<Advanced?>
{
    private static readonly Sql Held = Sql.At("Workflows/Storage/IsHeld");
    private static readonly Sql Take = Sql.At("Jobs/Waiting/TakeSignal");
    private static readonly Sql SetCode = Sql.At("Workflows/Storage/SetCode");
    private static readonly Sql ForgetCrashes = Sql.At("Workflows/Storage/ForgetCrashes");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(fence.Job), .. advance.Children.Count > 0 ? [Wakes.On(fence.Job)] : Array.Empty<Claim>(), .. advance.Children.SelectMany(child => child.Job.Claims)];

    internal override IEnumerable<string> Boundaries => [.. base.Boundaries, .. advance.Rows.Select(row => $"journal {StepReader.WordOf(row.Entry.Kind)} {row.Entry.Key}")];

    protected override async ValueTask<Advanced?> ApplyAsync(Session session)
    {
        if (await HeldAsync(session, fence).ConfigureAwait(false) is not { } asked) return null;
        if (advance.Code is { } code) session.Use(SetCode).Bind(1, code).Bind(2, fence.Job).Send();
        if (advance.ForgetsCrashes) session.Use(ForgetCrashes).Bind(1, fence.Job).Bind(2, fence.Lease).Bind(3, fence.Attempt).Send();
        var refused = await AcceptAsync(session).ConfigureAwait(false);
        foreach (var row in advance.Rows)
        {
            row.Append(session, fence.Job);
            if (row.Entry.Signal is { } signal) session.Use(Take).Bind(1, row.Entry.Ended).Bind(2, fence.Job).Bind(3, signal).Send();
        }
        foreach (var wait in advance.Asked) Waits.Add(session, fence.Job, wait);
        foreach (var key in advance.Over) Waits.Remove(session, fence.Job, key.Name, key.Occurrence);
        return new Advanced(refused, asked);
    }

    /// <summary>What people asked of the job that this attempt holds. Null: it holds it no more.</summary>
    public static async ValueTask<Asked?> HeldAsync(Session session, Fence fence)
    {
        using var held = session.Use(Held).Bind(1, fence.Job).Bind(2, fence.Lease).Bind(3, fence.Attempt);
        return await held.StepAsync().ConfigureAwait(false) ? (Asked)held.Int64(0) : null;
    }

    private async ValueTask<List<(JobId Child, BudgetRefusal Refusal)>> AcceptAsync(Session session)
    {
        var refused = new List<(JobId Child, BudgetRefusal Refusal)>();
        foreach (var child in advance.Children)
        {
            var verdict = await new AcceptJob(child.Job, child.Submitted).WithinAsync(session).ConfigureAwait(false);
            if (verdict is Acceptance.OverBudget over) refused.Add((child.Job.Origin.Id, over.Refusal));
            else Waits.Add(session, fence.Job, child.Wait);
        }
        return refused;
    }
}

/// <summary>One step forward of a workflow.</summary>
/// <param name="Rows">What it got, in the order in which it will learn of it.</param>
/// <param name="Over">What it waits for no longer.</param>
/// <param name="Asked">What it waits for from now on.</param>
/// <param name="ForgetsCrashes">Nodes died under it before: it has come further than that.</param>
internal sealed record Advance(IReadOnlyList<JournalRow> Rows, IReadOnlyList<StepKey> Over, IReadOnlyList<Wait> Asked, IReadOnlyList<NewChild> Children, bool ForgetsCrashes)
{
    /// <summary>The version of its code, told once; null: it is known.</summary>
    public int? Code { get; init; }
}

/// <summary>A job that a workflow starts.</summary>
/// <param name="Wait">How it waits: for the child's end, or, where it is only started, to be told that it is a job.</param>
internal sealed record NewChild(NewJob Job, AuditEvent Submitted, Wait Wait);

/// <param name="Refused">Children that a budget has no room for: they are no jobs.</param>
/// <param name="Asked">What people want of it by now.</param>
internal sealed record Advanced(IReadOnlyList<(JobId Child, BudgetRefusal Refusal)> Refused, Asked Asked);
