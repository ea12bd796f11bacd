using System.Globalization;
using System.Text.RegularExpressions;

namespace Headway.Features;

/// <summary>Durations as the file writes them: one number and one unit. A year has 365 days.</summary>
internal static partial class Duration
{
    public const string Pattern = @"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,3})?(ms|s|m|h|d|w|y)$";

    /// <summary>What the JSON Schema can hold of <see cref="LongestTimer"/>: as many digits as each unit may have.</summary>
    public const string TimerPattern =
        @"^((0|[1-9][0-9]{0,9})(\.[0-9]{1,3})?ms|(0|[1-9][0-9]{0,6})(\.[0-9]{1,3})?s|(0|[1-9][0-9]{0,4})(\.[0-9]{1,3})?m|(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?h|[1-4]?[0-9](\.[0-9]{1,3})?d|[0-7](\.[0-9]{1,3})?w|0(\.[0-9]{1,3})?y)$";

    /// <summary>A timer of .NET counts milliseconds in 32 bits, which is 49.7 days, and throws when it is asked for more.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    /// <summary>Longer is a slip of the pen, and would overflow sums of dates.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(100 * 365);

    // From the largest to the smallest, which is the order in which they are tried when writing.
    private static readonly (string Name, TimeSpan Length)[] Units =
    [
        ("y", TimeSpan.FromDays(365)), ("w", TimeSpan.FromDays(7)), ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var match = Written().Match(text);
        if (!match.Success)
            return false;

        var number = decimal.Parse(match.Groups[1].Value + match.Groups[2].Value, CultureInfo.InvariantCulture);
        var unit = Units.First(unit => unit.Name == match.Groups[3].Value).Length;
        var ticks = number * unit.Ticks;
        if (ticks > Longest.Ticks)
            return false;

        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>The shortest way to write it that reads back as the same, to the millisecond.</summary>
    public static string Write(TimeSpan duration)
    {
        var unit = Units.FirstOrDefault(unit => duration >= unit.Length && duration.Ticks % unit.Length.Ticks == 0);
        if (unit.Name is not null)
            return $"{duration.Ticks / unit.Length.Ticks}{unit.Name}";
        return duration < TimeSpan.FromSeconds(1)
            ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.###}ms")
            : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.###}s");
    }

    /// <summary>For a sentence: `3.9 s`, `250 ms`, `10 min`.</summary>
    public static string Say(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.#} ms"),
        { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.##} s"),
        { TotalMinutes: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0.#} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours:0.#} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalDays:0.#} days"),
    };

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant)]
    private static partial Regex Written();
}
