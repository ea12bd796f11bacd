using System.Collections.Concurrent;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>
/// Feature versions with the numbers the database knows them by. A version is registered before its first job; a job under way finds the
/// version it was accepted with, whatever the file says by now.
/// </summary>
internal sealed class Versions(Database database)
{
    private static readonly Sql ReadDefinition = Sql.At("Jobs/Storage/ReadDefinition");

    private readonly ConcurrentDictionary<FeatureVersion, Task<RegisteredVersion>> _current = new(ReferenceEquality.Instance);
    private readonly ConcurrentDictionary<long, RegisteredVersion> _byNumber = new();

    /// <summary>Durable when it returns.</summary>
    public async ValueTask<RegisteredVersion> RegisterAsync(FeatureVersion version)
    {
        var registered = _current.GetOrAdd(version, static (version, database) => database.WriteAsync(new RegisterVersion(version, database.Now)), database);
        try
        {
            var numbers = await registered.ConfigureAwait(false);
            _byNumber.TryAdd(numbers.Definition, numbers);
            return numbers;
        }
        catch (StorageException)
        {
            // The next call asks the disk again.
            _current.TryRemove(new KeyValuePair<FeatureVersion, Task<RegisteredVersion>>(version, registered));
            throw;
        }
    }

    /// <summary>The version a job was accepted with.</summary>
    /// <exception cref="StorageException">`storage-corrupt`: its definition is missing or cannot be read. It is this job's trouble, not that of others.</exception>
    public RegisteredVersion Pinned(long definition)
    {
        if (_byNumber.TryGetValue(definition, out var known)) return known;
        var (json, pool, scope) = database.Read(async session =>
        {
            using var read = session.Use(ReadDefinition).Bind(1, definition);
            return await read.StepAsync().ConfigureAwait(false) ? (read.Text(0)!, read.Int64(1), read.Int64(3)) : throw new StorageException("storage-corrupt", $"Definition {definition} is missing.");
        });
        return _byNumber.GetOrAdd(definition, new RegisteredVersion(Parse(definition, json), definition, pool, scope));
    }

    /// <summary>What is known of a version for a job that is only to be ended or told of, whether or not its definition can be read.</summary>
    /// <remarks>What nobody can read must neither keep a job alive nor decide that something is deleted.</remarks>
    public (DataClass Data, RetentionOptions Retention) Known(long definition)
    {
        try
        {
            var version = Pinned(definition).Version;
            return (version.Contract.Data, version.Retention);
        }
        catch (StorageException error) when (error.Code is "storage-corrupt")
        {
            return (database.Read(async session =>
            {
                using var read = session.Use(ReadDefinition).Bind(1, definition);
                return await read.StepAsync().ConfigureAwait(false) ? (DataClass)read.Int64(2) : DataClass.Phi;
            }), PinnedRetention.Unknown);
        }
    }

    private static FeatureVersion Parse(long definition, string json)
    {
        try
        {
            return FeatureDefinition.Parse(json);
        }
#pragma warning disable CA1031 // A damaged text can break the reader in any way.
        catch (Exception error)
#pragma warning restore CA1031
        {
            throw new StorageException("storage-corrupt", $"Definition {definition} cannot be read. Restore a copy of the database that holds it as it was.", error);
        }
    }

    /// <summary>After a reload: what is current no more need not be remembered by reference.</summary>
    public void Forget() => _current.Clear();
}

file sealed class ReferenceEquality : IEqualityComparer<FeatureVersion>
{
    public static readonly ReferenceEquality Instance = new();

    public bool Equals(FeatureVersion? x, FeatureVersion? y) => ReferenceEquals(x, y);

    public int GetHashCode(FeatureVersion version) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(version);
}
