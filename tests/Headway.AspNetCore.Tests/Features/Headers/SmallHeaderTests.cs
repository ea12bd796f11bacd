using System.Globalization;
using Headway.AspNetCore.Features.Headers;

namespace Headway.AspNetCore.Tests.Features.Headers;

public sealed class SmallHeaderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("\"abc\"", "abc")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("order 77/a", "order 77/a")]
    public void An_idempotency_key_is_plain_or_quoted(string text, string key)
    {
        IdempotencyKey.TryParse(text, out var read).ShouldBeTrue();
        read.ShouldBe(key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("\"abc")]
    [InlineData("\"")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\\n\"")]
    [InlineData("\"a\\\"")]
    [InlineData("schlüssel")]
    [InlineData("a\tb")]
    public void A_broken_idempotency_key_is_refused(string text) => IdempotencyKey.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void An_idempotency_key_has_255_characters_at_most()
    {
        IdempotencyKey.TryParse(new string('k', 255), out _).ShouldBeTrue();
        IdempotencyKey.TryParse(new string('k', 256), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("30s", "2026-03-01T12:00:30Z")]
    [InlineData("500ms", "2026-03-01T12:00:00.5Z")]
    [InlineData("5m", "2026-03-01T12:05:00Z")]
    [InlineData("2h", "2026-03-01T14:00:00Z")]
    [InlineData("3d", "2026-03-04T12:00:00Z")]
    [InlineData("2026-03-01T12:00:01Z", "2026-03-01T12:00:01Z")]
    [InlineData("2026-03-01T12:30:00.25+00:15", "2026-03-01T12:15:00.25Z")]
    [InlineData("2026-03-01T07:01-05:00", "2026-03-01T12:01:00Z")]
    public void A_moment_is_a_duration_or_a_time(string text, string expected)
    {
        Moment.TryParse(text, Noon, out var moment).ShouldBeTrue();
        moment.ShouldBe(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("-5s")]
    [InlineData("5")]
    [InlineData("5 s")]
    [InlineData("5fortnights")]
    [InlineData("s")]
    [InlineData("")]
    [InlineData("400d")]
    [InlineData("99999999999999999999d")]
    [InlineData("2026-03-01T12:00:00Z")]
    [InlineData("2025-03-01T12:00:00Z")]
    [InlineData("2028-03-01T12:00:00Z")]
    [InlineData("2026-03-01T13:00:00")]
    [InlineData("2026-03-02")]
    [InlineData("tomorrow")]
    public void A_moment_that_is_broken_past_or_too_far_is_refused(string text) => Moment.TryParse(text, Noon, out _).ShouldBeFalse();

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"ward":"Süd","tags":["a"]}""", true)]
    [InlineData("[]", false)]
    [InlineData("\"a\"", false)]
    [InlineData("{", false)]
    [InlineData("", false)]
    [InlineData("{} {}", false)]
    [InlineData("""{"a":1,"a":2}""", false)]
    [InlineData("""{"a":[[[[[[[[[1]]]]]]]]]}""", false)]
    public void Metadata_is_one_flat_enough_object(string text, bool valid) => Metadata.TryParse(text, out _).ShouldBe(valid);

    [Fact]
    public void Metadata_has_4_KiB_at_most()
    {
        Metadata.TryParse($$"""{"a":"{{new string('x', 4088)}}"}""", out _).ShouldBeTrue();
        Metadata.TryParse($$"""{"a":"{{new string('x', 4089)}}"}""", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    [InlineData("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false)]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false)]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false)]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false)]
    [InlineData("nonsense", false)]
    public void A_trace_parent_follows_W3C_trace_context(string text, bool valid) => TraceParent.IsValid(text).ShouldBe(valid);
}
