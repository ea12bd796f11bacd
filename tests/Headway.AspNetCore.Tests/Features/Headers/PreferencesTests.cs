using Headway.AspNetCore.Features.Headers;

namespace Headway.AspNetCore.Tests.Features.Headers;

public sealed class PreferencesTests
{
    [Theory]
    [InlineData("wait=5", 5.0, false)]
    [InlineData("wait=0", 0.0, false)]
    [InlineData("Wait=5", 5.0, false)]
    [InlineData("wait = 5", 5.0, false)]
    [InlineData("wait=\"5\"", 5.0, false)]
    [InlineData("respond-async", null, true)]
    [InlineData("respond-async, wait=10", 10.0, true)]
    [InlineData("wait=10;x=y, respond-async", 10.0, true)]
    [InlineData("wait=10; x; y=\"a,b\" ; , respond-async", 10.0, true)]
    [InlineData("wait=3, wait=9", 3.0, false)]
    [InlineData("return=minimal", null, false)]
    [InlineData("handling=\"len\\\"ient\", wait=2", 2.0, false)]
    [InlineData("foo=\"\", ,wait=2,", 2.0, false)]
    [InlineData("", null, false)]
    [InlineData("wait=999999999999", 86_400.0, false)]
    public void Preferences_are_read(string text, double? seconds, bool respondAsync)
    {
        Preferences.TryParse(text, out var preferences).ShouldBeTrue();

        preferences.Wait.ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);
        preferences.RespondAsync.ShouldBe(respondAsync);
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("wait=")]
    [InlineData("wait=soon")]
    [InlineData("wait=-1")]
    [InlineData("wait=1.5")]
    [InlineData("wait=99999999999999999999999")]
    [InlineData("wait=\"5")]
    [InlineData("wait 5")]
    [InlineData("respond-async wait=5")]
    [InlineData("=5")]
    [InlineData("foo=\"a\"b")]
    [InlineData("foo;=1")]
    [InlineData("wärme")]
    public void Broken_ones_are_refused(string text) => Preferences.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void No_text_at_all_hangs_or_throws()
    {
        const string Letters = "wait=5\",;\\ \t-respondasync";
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Create(random.Next(24), random, static (span, chance) =>
            {
                foreach (ref var c in span) c = Letters[chance.Next(Letters.Length)];
            });
            Should.NotThrow(() => Preferences.TryParse(text, out _), text);
        }
    }
}
