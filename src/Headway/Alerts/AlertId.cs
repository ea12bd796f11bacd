using System.Globalization;

namespace Headway.Alerts;

/// <summary>Identity of an alert: a UUIDv7, so that ids sort by when it opened. Written as 32 hex digits after `alt_`.</summary>
internal readonly record struct AlertId(Guid Value)
{
    public const string Prefix = "alt_";

    /// <summary>As the database keeps it.</summary>
    public JobId Place => new(Value);

    public static AlertId New(DateTimeOffset now) => new(JobId.New(now).Value);

    public static bool TryParse(string? text, out AlertId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        if (!Guid.TryParseExact(text.AsSpan(Prefix.Length), "N", out var value)) return false;
        id = new AlertId(value);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Value:N}");
}
