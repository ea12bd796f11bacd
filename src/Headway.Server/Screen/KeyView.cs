using System.Globalization;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Screen;

/// <summary>Keys as lines of a table, and one that was just made.</summary>
internal static class KeyView
{
    public static void Write(Terminal terminal, IReadOnlyList<KeyRecord> keys)
    {
        var now = terminal.Time.GetUtcNow();
        PlainTable.Write(terminal.Out, ["KEY", "NAME", "TENANT", "ROLES", "FEATURES", "STATE", "LAST USED"], keys.Select(key => Row(key, now)));
    }

    /// <summary>The text alone on the standard output, so that a script can take it; all else beside it.</summary>
    public static async Task WriteNewAsync(Terminal terminal, KeyRecord key, bool isJson)
    {
        if (isJson)
        {
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(key, HeadwayJson.Wire.KeyRecord));
            return;
        }

        await terminal.Error.WriteLineAsync(Printable.Of($"{key.Id} ({key.Name}): {TenantOf(key)}, {string.Join(", ", key.Roles)}. This is the only time that it is shown:"));
        await terminal.Out.WriteLineAsync(key.Key);
    }

    private static string[] Row(KeyRecord key, DateTimeOffset now) =>
    [
        key.Id,
        Printable.Of(key.Name),
        TenantOf(key),
        string.Join(", ", key.Roles),
        key.Features is null ? "all" : string.Join(", ", key.Features),
        key.Revoked is not null ? "revoked" : key.Expires <= now ? "expired" : key.Expires is { } end ? $"until {Day(end)}" : "good",
        key.LastUsed is { } used ? used.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) : "never",
    ];

    private static string TenantOf(KeyRecord key) => key.AllTenants ? $"{key.Tenant} and all" : key.Tenant;

    private static string Day(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
