using System.Security.Cryptography;
using Headway.Payloads;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Payloads;

/// <summary>A folder of its own with a real database in it, gone after the test.</summary>
internal sealed class VaultDirectory(TimeProvider? time = null) : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-vault-").FullName;
    private string? _address;
    private Database? _database;

    public string Address => _address ??= TestDatabase.At(Path.Combine(_folder, "test.db"));
    public string KeyFile => MasterKeySource.Beside(Path.Combine(_folder, "test.db"));
    public Database Database => _database ??= Database.Open(Address, time ?? TimeProvider.System, NullLogger.Instance);

    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public Task<Vault> OpenVaultAsync(string? configured = null, bool mayMake = true) =>
        Vault.OpenAsync(Database, new MasterKeySource(configured, KeyFile, mayMake), NullLogger.Instance);

    public async Task CloseDatabaseAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        _database = null;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseDatabaseAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
