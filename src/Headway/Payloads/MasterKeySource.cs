using Microsoft.Extensions.Logging;

namespace Headway.Payloads;

/// <summary>Where a node looks for its master key: first what is configured, then the key file.</summary>
/// <param name="Configured">Base64 from HEADWAY_MASTER_KEY or the feature file; null or empty: none.</param>
/// <param name="KeyFile">Usually <see cref="Beside"/> the database.</param>
/// <param name="MayMake">Whether a new database may get a key file made for it. A node that serves the network wants a key that somebody keeps.</param>
internal sealed record MasterKeySource(string? Configured, string KeyFile, bool MayMake)
{
    public static string Beside(string databaseFile) => databaseFile + ".key";

    /// <param name="databaseIsSealed">The database has a master key already: making another would only hide that it is missing.</param>
    public MasterKey Find(bool databaseIsSealed, ILogger logger)
    {
        if (!string.IsNullOrWhiteSpace(Configured)) return MasterKey.Parse(Configured, MasterKey.Variable);
        if (File.Exists(KeyFile)) return MasterKey.ReadFile(KeyFile);
        if (databaseIsSealed)
        {
            throw new MasterKeyException(
                $"The database was sealed with a master key that is missing. Set {MasterKey.Variable}, or put the key file back at {KeyFile}; without it nothing in the database can be read.");
        }
        if (!MayMake)
            throw new MasterKeyException($"There is no master key. Make one with `openssl rand -base64 32`, keep a copy of it, and set it as {MasterKey.Variable}.");
        var made = MasterKey.CreateFile(KeyFile);
        logger.LogWarning("Made a master key in {KeyFile}. Keep a copy apart from the database: without it nothing in the database can be read.", KeyFile);
        return made;
    }
}
