using ResearchAgent;
using ResearchAgent.Library;

namespace Headway.ResearchAgent.Tests.Library;

public sealed class ShelfTests
{
    private readonly Shelf _shelf = new(Path.Combine(AppContext.BaseDirectory, "corpus"));

    [Theory]
    [InlineData("heaviest storm since measuring began", "storms-3-cora")]
    [InlineData("urchins and wolffish", "ecology-4-urchins")]
    [InlineData("a levy on ferry tickets", "costs-1-building")]
    [InlineData("lobster catch", "ecology-1-lobster")]
    [InlineData("barges filled with stone", "history-2-first-reef")]
    public async Task The_document_that_is_about_it_is_found_first(string query, string source) =>
        (await _shelf.SearchAsync(new Search("anything", query), CancellationToken.None))[0].Source.ShouldBe(source);

    [Fact]
    public async Task A_topic_of_the_library_keeps_a_search_within_it()
    {
        var found = await _shelf.SearchAsync(new Search("costs", "storm"), CancellationToken.None);

        found.Count.ShouldBeGreaterThan(1);
        found.ShouldAllBe(passage => passage.Source.StartsWith("costs-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_read_around_is_the_rest_of_the_document_with_the_sentence_nearest_to_the_question()
    {
        var found = await _shelf.SearchAsync(new Search("costs", "repair of the reefs costs 190,000"), CancellationToken.None);

        var read = await _shelf.ReadAroundAsync(new Lead("What did repair cost after storm Bertil?", "costs", [found[0]]), CancellationToken.None);

        read.Select(passage => passage.Source).ShouldBe(["costs-2-repair", "costs-2-repair"]);
        read[0].Says.ShouldBe("The year after storm Bertil cost 340,000, the year after storm Cora 1.2 million.");
    }

    [Fact]
    public async Task What_no_document_says_is_not_found() => (await _shelf.SearchAsync(new Search("storms", "quantum chromodynamics"), CancellationToken.None)).ShouldBeEmpty();

    [Fact]
    public async Task A_draft_names_topics_of_the_library_that_touch_the_question()
    {
        var draft = await _shelf.DraftAsync("How well did the living wall hold in storms, and what did its repair cost?", CancellationToken.None);

        draft.Searches.Select(search => search.Topic).ShouldBeUnique();
        draft.Searches.Select(search => search.Topic).ShouldContain("storms");
        draft.Searches.Select(search => search.Topic).ShouldContain("costs");
    }

    [Fact]
    public async Task A_quotation_that_its_document_does_not_hold_is_dropped()
    {
        Passage held = new("costs-2-repair", "Repair of the reefs costs  190,000 crowns in a usual year", "so much"), invented = held with { Quote = "Repair of the reefs costs nothing" }, misplaced = held with { Source = "costs-1-building" };

        (await _shelf.HeldAsync([invented, held, misplaced], CancellationToken.None)).ShouldBe([held]);
    }
}
