using System.Globalization;

namespace Headway.Budgets;

/// <summary>Money as it is counted: whole billionths of a US dollar, so that sums are exact.</summary>
internal static class Money
{
    private const decimal NanoPerUsd = 1_000_000_000m;

    public static long ToNano(decimal usd) => (long)decimal.Round(usd * NanoPerUsd);

    public static decimal ToUsd(long nano) => nano / NanoPerUsd;

    public static string Text(long nano) => string.Create(CultureInfo.InvariantCulture, $"${ToUsd(nano):0.00####}");
}
