using Clinic.Interactions;

namespace Headway.Clinic.Tests.Interactions;

public sealed class InteractionTableTests
{
    private readonly InteractionTable _table = InteractionTable.Load();

    [Fact]
    public void Every_interaction_names_drugs_or_groups_of_the_table_and_its_source()
    {
        var words = _table.Drugs.SelectMany(drug => drug.Words).ToHashSet();
        foreach (var item in _table.Interactions)
        {
            words.ShouldContain(item.One);
            words.ShouldContain(item.Other);
            item.Source.ShouldNotBeNullOrWhiteSpace();
            item.Advice.ShouldNotBeNullOrWhiteSpace();
        }
    }

    [Fact]
    public void No_pair_is_written_twice() =>
        _table.Interactions.Select(item => string.CompareOrdinal(item.One, item.Other) < 0 ? (item.One, item.Other) : (item.Other, item.One)).ShouldBeUnique();

    [Theory]
    [InlineData("warfarin", "ibuprofen", "Serious")]
    [InlineData("ibuprofen", "warfarin", "Serious")]
    [InlineData("sildenafil", "GTN", "Contraindicated")]
    [InlineData("Simvastatin", " clarithromycin ", "Contraindicated")]
    [InlineData("clopidogrel", "omeprazole", "Moderate")]
    public void A_pair_is_found_by_name_by_group_and_in_either_order(string one, string other, string severity) =>
        _table.Between(_table.Find(one)!, _table.Find(other)!).ShouldHaveSingleItem().Severity.ShouldBe(Enum.Parse<Severity>(severity));

    [Theory]
    [InlineData("paracetamol", "metformin")]
    [InlineData("clopidogrel", "pantoprazole")]
    public void A_pair_without_an_entry_has_none(string one, string other) => _table.Between(_table.Find(one)!, _table.Find(other)!).ShouldBeEmpty();

    [Theory]
    [InlineData("ibuprofin", "ibuprofen")]
    [InlineData("Warfarine", "warfarin")]
    [InlineData("St John's wort", null)]
    public void A_slip_of_the_pen_is_suggested_and_never_assumed(string written, string? meant)
    {
        _table.Find(written).ShouldBeNull();
        _table.Nearest(written).ShouldBe(meant);
    }
}
