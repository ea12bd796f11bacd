using Headway.Access;
using Headway.Budgets;
using Headway.Jobs;
using Headway.Upstream.Failing;

namespace Headway.Tests.Models.Failing;

/// <summary>What holds of every call, whatever its models did.</summary>
internal static class Honesty
{
    private static readonly string[] OfTheInput = ["model-context-length", "model-content-filter", "model-refused", "model-bad-request"];

    /// <param name="calls">What arrived upstream for it.</param>
    public static async Task HoldsAsync(Bench bench, Seen seen, IReadOnlyList<PlayedCall> calls, string at)
    {
        var job = (await bench.Node.Engine.FindAsync(Caller.Local, seen.Id)).ShouldNotBeNull(at);
        var rows = bench.CallsOf(seen.Id);
        IsSeenAsItWas(job, seen, calls, at);
        // Called: at most three times a model and attempt, and never again once the input was found to be at fault.
        rows.GroupBy(row => (row.Attempt, row.Call.Model)).ShouldAllBe(asked => asked.Count() <= 3, at);
        rows.SkipLast(1).ShouldAllBe(row => !OfTheInput.Contains(row.Call.ErrorCode), at);
        // Each call is disclosed by name.
        var disclosed = (await bench.Node.Engine.AuditAsync(Caller.Local, seen.Id)).Select(entry => entry.Recipient ?? "").ToArray();
        calls.ShouldAllBe(call => disclosed.Any(recipient => recipient.Contains(call.Model, StringComparison.Ordinal)), at);
        // Spent: what the upstream billed, or an estimate that says so; nothing is left out.
        Money.ToNano(job.Usage.Usd).ShouldBe(rows.Sum(row => Money.ToNano(row.Call.Usage.Usd)), at);
        foreach (var model in calls.GroupBy(call => call.Model))
        {
            var recorded = rows.Where(row => row.Call.Model == model.Key).Select(row => row.Call.Usage).ToArray();
            recorded.Length.ShouldBe(model.Count(), at);
            foreach (var (call, usage) in model.Zip(recorded))
            {
                if (call.Billed is { } billed) (usage.InputTokens, usage.OutputTokens, usage.Estimated).ShouldBe((billed.Input, billed.Output, false), at);
                else (usage.Estimated || usage.Usd == 0).ShouldBeTrue(at);
            }
        }
    }

    /// <summary>An answer is one model's whole answer and names it; what was shown is the beginning of one model's answer; the record says the same.</summary>
    private static void IsSeenAsItWas(Job job, Seen seen, IReadOnlyList<PlayedCall> calls, string at)
    {
        var replies = calls.Select(call => new Reply(call.Model)).ToArray();
        if (seen.Answer is not null) replies.ShouldContain(reply => reply.Text == seen.Answer && reply.Model == job.Model, at);
        else seen.Code.ShouldNotBeNull(at);
        if (seen.Shown.Length > 0) replies.ShouldContain(reply => reply.Text.StartsWith(seen.Shown, StringComparison.Ordinal), at);
        (job.State is JobState.Succeeded).ShouldBe(seen.Answer is not null, at);
        job.Error?.Code.ShouldBe(seen.Code, at);
        job.Error?.Code.ShouldNotBe("unhandled", at);
    }
}
