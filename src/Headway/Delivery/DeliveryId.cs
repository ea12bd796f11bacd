using System.Globalization;

namespace Headway.Delivery;

/// <summary>Identity of a delivery, and its `webhook-id`: a UUIDv7. Written as 32 hex digits after `dlv_`.</summary>
internal readonly record struct DeliveryId(Guid Value)
{
    public const string Prefix = "dlv_";

    /// <summary>As the database keeps it.</summary>
    public JobId Place => new(Value);

    public static DeliveryId New(DateTimeOffset now) => new(JobId.New(now).Value);

    public static bool TryParse(string? text, out DeliveryId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        if (!Guid.TryParseExact(text.AsSpan(Prefix.Length), "N", out var value)) return false;
        id = new DeliveryId(value);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Value:N}");
}
