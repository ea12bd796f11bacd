using System.Net;
using System.Text.Json;
using Commerce.Review;
using Headway.Upstream;
using Headway.Upstream.Failing;

namespace Headway.Commerce.Tests;

/// <summary>The review of a contract of 90 pages, by the sample as it is started.</summary>
public sealed class ContractReviewTests : IDisposable
{
    private readonly ShopFolder _folder = new();

    [Fact]
    public async Task Every_planted_risk_is_reported_with_page_and_clause_and_with_who_decided_and_why()
    {
        await using var shop = await _folder.StartAsync();
        var job = await shop.AcceptedAsync("contract-review", await shop.Http.GetStringAsync("/sample-contract"));

        SampleProcess.WaitsForPerson(await shop.RestsAsync(job)).ShouldBeTrue(shop.Output);
        var draft = await shop.Http.GetStringAsync($"/reviews/{job}");
        CheckRisks(draft, SampleContract.Make().Risks);
        draft.ShouldContain("90 pages, 360 clauses, 11 risks, 0 clauses not assessed.");
        draft.ShouldNotContain("## Decision");

        (await shop.DecideAsync(job, "legal", granted: true, "Struck 13.1 and 28.2; the rest stands.")).ShouldBe(HttpStatusCode.Accepted);
        (await shop.EndsAsync(job)).GetProperty("state").GetString().ShouldBe("succeeded");
        var report = await shop.Http.GetStringAsync($"/v1/jobs/{job}/result");
        report.ShouldBe($"{draft}\n## Decision\n\nApproved by local: Struck 13.1 and 28.2; the rest stands.\n");
        _folder.ReadReview(job).ShouldBe(report);
    }

    [Fact]
    public async Task A_contract_that_legal_rejects_ends_as_rejected_and_its_report_says_why()
    {
        await using var shop = await _folder.StartAsync();
        var job = await shop.AcceptedAsync("contract-review", Short("The Customer is liable for all losses without any limit."));
        await shop.RestsAsync(job);

        await shop.DecideAsync(job, "legal", granted: false, "No unlimited liability.");

        var ended = await shop.EndsAsync(job);
        ended.GetProperty("state").GetString().ShouldBe("dead");
        ended.GetProperty("error").GetProperty("code").GetString().ShouldBe("contract-rejected");
        ended.GetProperty("error").GetProperty("message").GetString().ShouldBe("local: No unlimited liability.");
        _folder.ReadReview(job).ShouldEndWith("Rejected by local: No unlimited liability.\n");
    }

    [Fact]
    public async Task A_clause_whose_assessment_fails_is_reported_as_not_assessed()
    {
        var dialect = new OpenAiDialect();
        var reply = new Reply("gpt-5-mini");
        await using var upstream = await ModelUpstream.StartAsync(context => (((UpstreamCall)context.Items[typeof(UpstreamCall)]!).Body.Contains("exclusivity", StringComparison.Ordinal)
            ? Scripts.Whole(400, "application/json", dialect.Error(Complaint.Filtered))
            : Scripts.Whole(200, "application/json", dialect.Whole(reply, "It may cost the shop everything.", Finish.Stop, reply.Usage)))(context));
        await using var shop = await _folder.StartAsync(("LLM_URL", upstream.BaseUrl.ToString()));
        var job = await shop.AcceptedAsync("contract-review", Short("The Customer is liable for all losses without any limit.", "The Customer shall not buy goods from any other source.", "Late payments bear interest at the rate of the law."));

        SampleProcess.WaitsForPerson(await shop.RestsAsync(job)).ShouldBeTrue(shop.Output);

        var draft = await shop.Http.GetStringAsync($"/reviews/{job}");
        draft.ShouldContain("3 pages, 3 clauses, 1 risks, 1 clauses not assessed.");
        draft.ShouldContain("| High | unlimited-liability | 1.1 Terms | 1 | The Customer is liable for all losses without any limit. | It may cost the shop everything. |");
        draft.ShouldContain("- 2.1 Terms, page 2: `model-content-filter`");
    }

    [Fact]
    public async Task A_text_without_clauses_is_told_so()
    {
        await using var shop = await _folder.StartAsync();
        var job = await shop.AcceptedAsync("contract-review", """{"title":"a letter","pages":["Dear Sir or Madam"]}""");

        (await shop.EndsAsync(job)).GetProperty("error").GetProperty("code").GetString().ShouldBe("no-clauses");
    }

    [Fact]
    public async Task A_review_that_is_killed_in_the_middle_of_its_clauses_comes_to_the_same()
    {
        var contract = JsonSerializer.Serialize(SampleContract.Make().Contract, JsonSerializerOptions.Web);
        string? job = null;
        // Twice: a clause whose process died three times under it is `poison`, and would be reported as not assessed.
        foreach (var clauses in new[] { 60, 220 })
        {
            await using var shop = await _folder.StartAsync();
            job ??= await shop.AcceptedAsync("contract-review", contract);
            await shop.UntilAsync(async () => (await shop.StepsAsync(job)).Count(step => step.GetProperty("state").GetString() == "succeeded") > clauses);
            SampleProcess.WaitsForPerson(await shop.GetAsync($"/v1/jobs/{job}")).ShouldBeFalse("the clauses were assessed before it was killed");
            await shop.KillAsync();
        }

        await using var last = await _folder.StartAsync();
        SampleProcess.WaitsForPerson(await last.RestsAsync(job!)).ShouldBeTrue(last.Output);
        var draft = await last.Http.GetStringAsync($"/reviews/{job}");
        draft.ShouldContain("90 pages, 360 clauses, 11 risks, 0 clauses not assessed.");
        CheckRisks(draft, SampleContract.Make().Risks);
        // Each clause was called once and is in the journal once.
        var steps = (await last.StepsAsync(job!)).Where(step => step.GetProperty("kind").GetString() == "call").ToList();
        steps.Select(step => step.GetProperty("name").GetString()).Distinct().Count().ShouldBe(360);
        steps.Select(step => step.GetProperty("job").GetString()).Distinct().Count().ShouldBe(360);
        steps.Count.ShouldBe(360);
    }

    private static void CheckRisks(string report, IReadOnlyList<PlantedRisk> planted)
    {
        var rows = report.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(line => line.Split(" | ")).Select(cells => (Kind: cells[1], Clause: cells[2].Split(' ')[0], Page: cells[3], Words: cells[4]));
        rows.Order().ShouldBe(planted.Select(risk => (risk.Kind, risk.Clause, $"{risk.Page}", risk.Term)).Order());
    }

    /// <summary>A contract with a clause on each page.</summary>
    private static string Short(params string[] terms) =>
        JsonSerializer.Serialize(new { title = "a short contract", pages = terms.Select((term, index) => $"{index + 1}.1 Terms\n{term}\nPage {index + 1} of {terms.Length}") });

    public void Dispose() => _folder.Dispose();
}
