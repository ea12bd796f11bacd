using System.Globalization;
using Headway.Client;

namespace Headway.Server.Screen;

/// <summary>Deliveries, a row for each try, and one for what has not been tried.</summary>
internal static class DeliveryTable
{
    private static readonly string[] Names = ["DELIVERY", "ENDPOINT", "TYPE", "STATE", "TRY", "AT", "TOOK", "OUTCOME", "STATUS", "NEXT"];

    public static void Write(Terminal terminal, IReadOnlyList<DeliveryRecord> deliveries) => PlainTable.Write(terminal.Out, Names, deliveries.SelectMany(Rows));

    private static IEnumerable<string[]> Rows(DeliveryRecord delivery) => delivery.Attempts.Count == 0
        ? [Row(delivery, null)]
        : delivery.Attempts.Select(attempt => Row(delivery, attempt));

    private static string[] Row(DeliveryRecord delivery, DeliveryAttemptRecord? attempt) =>
    [
        delivery.Id,
        delivery.Endpoint,
        delivery.Type,
        delivery.State,
        attempt?.Number.ToString(CultureInfo.InvariantCulture) ?? "-",
        JobWords.Time(attempt?.At),
        attempt is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{attempt.TookMs} ms"),
        attempt?.Outcome ?? "",
        attempt?.Status?.ToString(CultureInfo.InvariantCulture) ?? "",
        JobWords.Time(delivery.Next),
    ];
}
