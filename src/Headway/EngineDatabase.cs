using Headway.Access;
using Headway.Features;
using Headway.Payloads;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway;

/// <summary>Opens what a node keeps its jobs in; whoever makes a key without a node does so, too.</summary>
internal static class EngineDatabase
{
    /// <summary>The database of a feature file, and its vault, in which the key of keys is there.</summary>
    /// <exception cref="StartupException">They cannot be opened.</exception>
    public static async Task<(Database Database, Vault Vault)> OpenAsync(EngineOptions options, FeatureFile file)
    {
        var logger = options.Logs.CreateLogger<Database>();
        Database? database = null;
        try
        {
            var address = options.Database ?? file.Server.Database ?? "sqlite:" + Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.File))!, "headway.db");
            database = Database.Open(address, options.Time, logger, options.Fault);
            // A database of a server lies beside nothing: its key file is beside the feature file.
            var keyFile = MasterKeySource.Beside(database.IsShared ? Path.GetFullPath(options.File) : Database.FileOf(address));
            var key = new MasterKeySource(options.Environment(MasterKey.Variable) ?? file.Server.MasterKey, keyFile, options.MayMakeMasterKey(file)) { Next = options.Environment(MasterKey.NextVariable) };
            var vault = await Vault.OpenAsync(database, key, logger).ConfigureAwait(false);
            await vault.ReadyAsync(DenialLog.NoTenant).ConfigureAwait(false);
            return (database, vault);
        }
        catch (Exception error) when (error is StorageException or MasterKeyException)
        {
            if (database is not null) await database.DisposeAsync().ConfigureAwait(false);
            throw new StartupException([error is StorageException storage ? $"{storage.Code}: {storage.Message}" : error.Message]);
        }
    }

    /// <summary>Keys of all tenants are told by one key, which is no tenant's and is wrapped by the master key as theirs are: it outlives a change of that.</summary>
    public static KeyMac MacOf(Vault vault) => text => vault.Mac(DenialLog.NoTenant, "api key", text);
}
