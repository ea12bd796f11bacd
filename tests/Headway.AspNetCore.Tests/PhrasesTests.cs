namespace Headway.AspNetCore.Tests;

public sealed class PhrasesTests
{
    [Theory]
    [InlineData("intake-triag", " Did you mean intake-triage?")]
    [InlineData("Intake-Triage", " Did you mean intake-triage?")]
    [InlineData("caht", " Did you mean chat?")]
    [InlineData("billing", "")]
    public void The_nearest_name_is_suggested_when_it_is_near(string text, string suggestion) => Phrases.Suggest(text, ["intake-triage", "chat"]).ShouldBe(suggestion);

    [Fact]
    public void Quotes_are_cut_short() => Phrases.Quote(new string('x', 5000)).Length.ShouldBeLessThan(100);
}
