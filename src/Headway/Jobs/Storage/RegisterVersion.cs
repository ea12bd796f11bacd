using Headway.Features;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>Stores a definition under its hash and names its pool; the numbers are what rows carry.</summary>
internal sealed class RegisterVersion(FeatureVersion version, long now) : Write<RegisteredVersion>
{
    private static readonly Sql InsertPool = Sql.At("Jobs/Storage/RegisterPool");
    private static readonly Sql FindPool = Sql.At("Jobs/Storage/FindPool");
    private static readonly Sql InsertDefinition = Sql.At("Jobs/Storage/RegisterDefinition");
    private static readonly Sql FindDefinition = Sql.At("Jobs/Storage/FindDefinition");

    protected override RegisteredVersion Apply(SqliteSession session)
    {
        session.Use(InsertPool).Bind(1, version.FullName).Execute();
        var pool = One(session.Use(FindPool).Bind(1, version.FullName));
        session.Use(InsertDefinition)
            .Bind(1, version.DefinitionHash).Bind(2, version.Feature).Bind(3, version.Number).Bind(4, pool)
            .Bind(5, (long)version.Contract.Data).Bind(6, version.DefinitionJson).Bind(7, now)
            .Execute();
        return new RegisteredVersion(version, One(session.Use(FindDefinition).Bind(1, version.DefinitionHash)), pool);
    }

    private static long One(SqliteStatement statement)
    {
        using (statement)
        {
            statement.Step();
            return statement.Int64(0);
        }
    }
}

/// <summary>A feature version with the numbers the database knows it by.</summary>
internal sealed record RegisteredVersion(FeatureVersion Version, long Definition, long Pool);
