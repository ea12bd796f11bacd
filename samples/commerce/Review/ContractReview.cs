using Headway;

namespace Commerce.Review;

/// <summary>A supplier's contract, read clause by clause: split, assessed side by side, put before legal with its risks, and reported with who decided and why.</summary>
internal sealed class ContractReview(Reviews reviews) : Workflow<SupplierContract, string>
{
    private const int AtOnce = 8;
    private static readonly TimeSpan LegalHas = TimeSpan.FromDays(3);

    protected override async Task<string> RunAsync(SupplierContract contract, WorkflowContext flow)
    {
        var clauses = await flow.Step("split", _ => Task.FromResult(Clause.Split(contract)));
        if (clauses.Count == 0) throw new WorkflowFailedException("no-clauses", "The contract has no numbered clauses: each begins with a line such as `4.2 Payment terms`.");

        var done = 0;
        var assessments = await flow.Each("clause", clauses, async (clause, apart) =>
        {
            var assessment = await AssessAsync(clause, apart);
            flow.Progress(++done, clauses.Count, "clauses");
            return assessment;
        }, AtOnce);

        var report = ReviewReport.Of(contract, assessments);
        await flow.Step("put before legal", stop => reviews.WriteAsync(flow.Job, report, stop));
        var legal = await flow.Approval("legal", LegalHas);
        var decided = ReviewReport.Decided(report, legal);
        await flow.Step("file", stop => reviews.WriteAsync(flow.Job, decided, stop));
        return legal.Granted ? decided : throw new WorkflowFailedException("contract-rejected", $"{legal.By}: {legal.Reason ?? "no reason given"}");
    }

    /// <summary>A clause that cannot be assessed does not end the review of the others: the report says which it is and why, and legal decides knowing it.</summary>
    private static async Task<Assessment> AssessAsync(Clause clause, WorkflowContext flow)
    {
        try
        {
            return await flow.Call<Assessment>("assess-clause", clause);
        }
        catch (WorkflowFailedException failed)
        {
            return new Assessment(clause.Number, clause.Heading, clause.Page, [], failed.Code);
        }
    }
}
