using Headway.Models;
using Headway.Models.Providers.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

public sealed class LimitsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("1s", 1)]
    [InlineData("6m0s", 360)]
    [InlineData("120ms", 0.12)]
    [InlineData("2m59.56s", 179.56)]
    [InlineData("1h2m3s", 3723)]
    [InlineData("7.66s", 7.66)]
    [InlineData("250us", 0.00025)]
    [InlineData("250µs", 0.00025)]
    [InlineData("1d2h", 86400)]
    [InlineData("0s", 0)]
    [InlineData("0", 0)]
    [InlineData("12", 12)]
    [InlineData(" 12.5 ", 12.5)]
    [InlineData("1772442030", 30)]
    [InlineData("1772442030000", 30)]
    [InlineData("1772441000", 0)]
    [InlineData("2026-03-02T09:00:30Z", 30)]
    [InlineData("Mon, 02 Mar 2026 09:00:30 GMT", 30)]
    [InlineData("2026-03-02T08:00:00Z", 0)]
    [InlineData("999999", 86400)]
    [InlineData("99999999999999999999999999", 86400)]
    [InlineData("", -1)]
    [InlineData(null, -1)]
    [InlineData("-1", -1)]
    [InlineData("soon", -1)]
    [InlineData("3w", -1)]
    [InlineData("1s later", -1)]
    [InlineData("s", -1)]
    public void A_reset_is_read_in_every_form_in_which_it_is_told(string? text, double seconds) =>
        OpenAiLimits.Reset(text, Now).ShouldBe(seconds < 0 ? null : TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("4999", 4999L)]
    [InlineData("0", 0L)]
    [InlineData("-1", null)]
    [InlineData("many", null)]
    [InlineData(null, null)]
    public void What_is_left_is_a_number_or_not_said(string? text, long? left) => OpenAiLimits.Remaining(text).ShouldBe(left);

    [Theory]
    [InlineData(200, "openai/whole")]
    [InlineData(429, "openai/error-rate-limit")]
    [InlineData(500, "openai/error-server")]
    public async Task Answers_and_failures_alike_tell_what_is_left(int status, string fixture)
    {
        await using var asking = await Asking.StartAsync(Scripts.Whole(status, "application/json", Scripts.Fixture(fixture),
            ("x-ratelimit-limit-requests", "5000"), ("x-ratelimit-remaining-requests", "4999"), ("x-ratelimit-reset-requests", "12ms"), ("x-ratelimit-remaining-tokens", "159976"), ("x-ratelimit-reset-tokens", "6m0s")));

        (await asking.AskAsync()).Limits.ShouldBe(new UpstreamLimits
        {
            RemainingRequests = 4999,
            RequestsReset = TimeSpan.FromMilliseconds(12),
            RemainingTokens = 159976,
            TokensReset = TimeSpan.FromMinutes(6),
        });
    }

    [Fact]
    public async Task A_server_that_says_nothing_of_limits_has_none()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        (await asking.AskAsync()).Limits.ShouldBeNull();
    }
}
