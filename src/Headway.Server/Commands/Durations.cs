using System.Globalization;

namespace Headway.Server.Commands;

internal static class Durations
{
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var unit = text.AsSpan().TrimStart("0123456789.");
        if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        double? seconds = unit switch { "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => null };
        if (seconds is null || number * seconds > TimeSpan.MaxValue.TotalSeconds / 2) return false;
        value = TimeSpan.FromSeconds(number * seconds.Value);
        return true;
    }
}
