using Commerce.Review;

namespace Headway.Commerce.Tests.Review;

public sealed class PlaybookTests
{
    private readonly SupplierContract _contract = SampleContract.Make().Contract;
    private readonly IReadOnlyList<PlantedRisk> _planted = SampleContract.Make().Risks;

    [Fact]
    public void The_sample_contract_is_always_the_same_and_has_every_kind_of_risk()
    {
        SampleContract.Make().Contract.Pages.ShouldBe(_contract.Pages);
        _contract.Pages.Count.ShouldBe(90);
        _planted.Select(risk => risk.Kind).Distinct().Order().ShouldBe(Playbook.Entries.Select(entry => entry.Kind).Order());
    }

    [Fact]
    public void It_is_split_into_the_clauses_that_it_has_with_the_page_on_which_each_begins()
    {
        var clauses = Clause.Split(_contract);

        clauses.Select(clause => clause.Number).ShouldBe(Enumerable.Range(1, 90).SelectMany(page => Enumerable.Range(1, 4).Select(place => $"{page}.{place}")));
        clauses.ShouldAllBe(clause => clause.Number.StartsWith($"{clause.Page}.", StringComparison.Ordinal));
        clauses.ShouldAllBe(clause => clause.Text.EndsWith('.') && !clause.Text.Contains("Page ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sentence_that_a_page_ends_in_the_middle_of_is_read_as_one()
    {
        var clauses = Clause.Split(new SupplierContract("a contract", ["Preamble\n1.1 Liability\nThe Customer is liable for all\nPage 1 of 2", "losses without any limit.\n1.2 Term\nOne year.\nPage 2 of 2"]));

        clauses.ShouldBe([new Clause("1.1", "Liability", 1, "The Customer is liable for all losses without any limit."), new Clause("1.2", "Term", 2, "One year.")]);
        Playbook.In(clauses[0]).ShouldHaveSingleItem().Entry.Kind.ShouldBe("unlimited-liability");
    }

    [Fact]
    public void Each_planted_risk_is_found_in_its_clause_and_nothing_else_is()
    {
        var found = Clause.Split(_contract).SelectMany(clause => Playbook.In(clause).Select(risk => new PlantedRisk(risk.Entry.Kind, clause.Number, clause.Page, risk.Quote)));

        found.ShouldBe(_planted);
    }
}
