using FsCheck.Fluent;
using Headway.Features;

namespace Headway.Tests.Features;

public sealed class DurationTests
{
    private static readonly string[] Units = ["ms", "s", "m", "h", "d", "w", "y"];

    [Theory]
    [InlineData("300ms", 0.3)]
    [InlineData("2s", 2)]
    [InlineData("2.5s", 2.5)]
    [InlineData("10m", 600)]
    [InlineData("3d", 259_200)]
    [InlineData("6y", 189_216_000)]
    [InlineData("0s", 0)]
    public void Durations_are_one_number_and_one_unit(string text, double seconds)
    {
        Duration.TryParse(text, out var duration).ShouldBeTrue();
        duration.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public void What_is_written_reads_back_as_the_same() => Property.Holds(Prop.ForAll(
        Gen.Choose(0, int.MaxValue).Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds)).ToArbitrary(),
        duration => Duration.TryParse(Duration.Write(duration), out var read) && read == duration));

    [Fact]
    public void A_number_and_a_unit_always_read_and_grow_with_the_number() => Property.Holds(Prop.ForAll(
        (from number in Gen.Choose(0, 99) from unit in Gen.Elements(Units) select (number, unit)).ToArbitrary(),
        written => Duration.TryParse($"{written.number}{written.unit}", out var less)
            && Duration.TryParse($"{written.number + 1}{written.unit}", out var more) && less < more));

    [Fact]
    public void Anything_else_is_refused_and_nothing_throws() => Property.Holds(Prop.ForAll(
        ArbMap.Default.ArbFor<string>(),
        text => text is null || !Duration.TryParse(text, out var read) || Duration.TryParse(Duration.Write(read), out _)));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("5")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("+5s")]
    [InlineData("-5s")]
    [InlineData("05s")]
    [InlineData("1h30m")]
    [InlineData("1e3s")]
    [InlineData("999999999y")]
    [InlineData("٣s")]
    public void What_is_not_a_duration_is_refused(string text) => Duration.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(300, "300ms", "300 ms")]
    [InlineData(3_900, "3900ms", "3.9 s")]
    [InlineData(600_000, "10m", "10 min")]
    [InlineData(259_200_000, "3d", "3 days")]
    public void Durations_are_written_for_the_file_and_said_for_people(double milliseconds, string written, string said)
    {
        Duration.Write(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(written);
        Duration.Say(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(said);
    }
}
