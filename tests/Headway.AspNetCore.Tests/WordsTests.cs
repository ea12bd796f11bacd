using Headway.Features;

namespace Headway.AspNetCore.Tests;

public sealed class WordsTests
{
    [Fact]
    public void Values_read_as_the_feature_file_writes_them()
    {
        Words.Of(Mode.Hybrid).ShouldBe("hybrid");
        Words.Of(Audience.BackOffice).ShouldBe("back-office");
    }

    [Theory]
    [InlineData("intake-triag", " Did you mean intake-triage?")]
    [InlineData("Intake-Triage", " Did you mean intake-triage?")]
    [InlineData("caht", " Did you mean chat?")]
    [InlineData("billing", "")]
    public void The_nearest_name_is_suggested_when_it_is_near(string text, string suggestion) => Words.Suggest(text, ["intake-triage", "chat"]).ShouldBe(suggestion);

    [Fact]
    public void Quotes_are_cut_short() => Words.Quote(new string('x', 5000)).Length.ShouldBeLessThan(100);
}
