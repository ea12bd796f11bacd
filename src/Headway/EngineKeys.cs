using Headway.Access;
using Headway.Features;

namespace Headway;

/// <summary>Makes a key in the database itself, where no node is there to be asked: the first one of a server that is to listen beyond loopback, or one for somebody who has lost the last.</summary>
internal static class EngineKeys
{
    /// <summary>Who whoever reaches the database is told as.</summary>
    private static readonly Caller Offline = Caller.Local with { Actor = "offline" };

    /// <param name="wish">Null: nothing is made.</param>
    /// <exception cref="StartupException">The feature file or the database cannot be opened, or a node has the file.</exception>
    public static async Task<(KeyRefusal Refusal, ApiKey? Key, string? Text)> CreateAsync(EngineOptions options, Func<FeatureFile, DateTimeOffset, KeyWish?> wish)
    {
        var reading = FeatureFileReader.Read(options.File, options.Environment);
        if (reading.File is not { } file) throw new StartupException([.. reading.Findings.Select(finding => finding.ToString())]);
        var (database, vault) = await EngineDatabase.OpenAsync(options, file).ConfigureAwait(false);
        await using (database.ConfigureAwait(false))
        {
            if (wish(file, database.Time.GetUtcNow()) is not { } wanted) return default;
            var mac = EngineDatabase.MacOf(vault);
            var ring = await KeyRing.OpenAsync(database, mac).ConfigureAwait(false);
            return await new KeyDesk(database, ring, mac, () => file.Server.Auth is not null).CreateAsync(Offline, wanted).ConfigureAwait(false);
        }
    }
}
