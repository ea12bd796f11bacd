using Headway.Features;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Stores a definition under its hash and names its pool; the numbers are what rows carry.</summary>
internal sealed class RegisterVersion(FeatureVersion version, long now) : Write<RegisteredVersion>
{
    private static readonly Sql InsertPool = Sql.At("Jobs/Storage/RegisterPool");
    private static readonly Sql FindPool = Sql.At("Jobs/Storage/FindPool");
    private static readonly Sql InsertDefinition = Sql.At("Jobs/Storage/RegisterDefinition");
    private static readonly Sql FindDefinition = Sql.At("Jobs/Storage/FindDefinition");

    protected override async ValueTask<RegisteredVersion> ApplyAsync(Session session)
    {
        var scope = await NumberedAsync(session, version.FullName).ConfigureAwait(false);
        var pool = version.PoolName == version.FullName ? scope : await NumberedAsync(session, version.PoolName).ConfigureAwait(false);
        session.Use(InsertDefinition)
            .Bind(1, version.DefinitionHash).Bind(2, version.Feature).Bind(3, version.Number).Bind(4, pool)
            .Bind(5, (long)version.Contract.Data).Bind(6, version.DefinitionJson).Bind(7, now)
            .Send();
        return new RegisteredVersion(version, await OneAsync(session.Use(FindDefinition).Bind(1, version.DefinitionHash)).ConfigureAwait(false), pool, scope);
    }

    private static async ValueTask<long> NumberedAsync(Session session, string pool)
    {
        session.Use(InsertPool).Bind(1, pool).Send();
        return await OneAsync(session.Use(FindPool).Bind(1, pool)).ConfigureAwait(false);
    }

    private static async ValueTask<long> OneAsync(Statement statement)
    {
        using (statement)
        {
            await statement.StepAsync().ConfigureAwait(false);
            return statement.Int64(0);
        }
    }
}

/// <summary>A feature version with the numbers the database knows it by.</summary>
/// <param name="Scope">Whose idempotency keys its calls have: one for all ways in which a version can be called.</param>
internal sealed record RegisteredVersion(FeatureVersion Version, long Definition, long Pool, long Scope);
