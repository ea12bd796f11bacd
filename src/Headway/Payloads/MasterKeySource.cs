using Microsoft.Extensions.Logging;

namespace Headway.Payloads;

/// <summary>Where a node looks for its master key: first what is configured, then the key file.</summary>
/// <param name="Configured">Base64 from HEADWAY_MASTER_KEY or the feature file; null or empty: none.</param>
/// <param name="KeyFile">Usually <see cref="Beside"/> the database.</param>
/// <param name="MayMake">Whether a new database may get a key file made for it. A node that serves the network wants a key that somebody keeps.</param>
internal sealed record MasterKeySource(string? Configured, string KeyFile, bool MayMake)
{
    /// <summary>Base64 from HEADWAY_NEXT_MASTER_KEY: the key that is to be in force next, or is already; null or empty: none.</summary>
    public string? Next { get; init; }

    /// <summary>Where a key file is made that is to take the place of the present one.</summary>
    public string NextKeyFile => KeyFile + ".next";

    public bool UsesFile => string.IsNullOrWhiteSpace(Configured);

    public static string Beside(string databaseFile) => databaseFile + ".key";

    /// <summary>Those that the node knows, the one for a new database first. Which of them is in force, the database says.</summary>
    /// <param name="databaseIsSealed">The database has a master key already: making another would only hide that it is missing.</param>
    public IReadOnlyList<MasterKey> Find(bool databaseIsSealed, ILogger logger)
    {
        List<MasterKey> known = [Present(databaseIsSealed, logger)];
        if (!string.IsNullOrWhiteSpace(Next)) known.Add(MasterKey.Parse(Next, MasterKey.NextVariable));
        if (UsesFile && File.Exists(NextKeyFile)) known.Add(MasterKey.ReadFile(NextKeyFile));
        return known;
    }

    /// <summary>A key file that is in force takes the place of the one before: whoever changed the key died before that.</summary>
    /// <returns>Where the former key is kept, because backups that were made under it can be read with it alone; null: nothing was to be done.</returns>
    public string? Settle(MasterKey inForce)
    {
        if (!UsesFile || inForce.File != NextKeyFile) return null;
        var former = File.Exists(KeyFile) ? $"{KeyFile}.former-{Convert.ToHexStringLower(MasterKey.ReadFile(KeyFile).Proof.AsSpan(0, 4))}" : null;
        if (former is not null && !File.Exists(former)) File.Copy(KeyFile, former);
        File.Move(NextKeyFile, KeyFile, overwrite: true);
        return former;
    }

    private MasterKey Present(bool databaseIsSealed, ILogger logger)
    {
        if (!UsesFile) return MasterKey.Parse(Configured!, MasterKey.Variable);
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
