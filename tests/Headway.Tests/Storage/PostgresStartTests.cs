using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Headway.Tests.Storage;

/// <summary>Whoever starts a node on a server that does not serve it is told why, and what to do.</summary>
public sealed class PostgresStartTests
{
    [PostgresFact]
    public void No_server_is_there() =>
        Refused("postgres://headway:secret@127.0.0.1:9/headway", "storage-unavailable").ShouldBe("PostgreSQL cannot be reached: the network says ConnectionRefused. Start the server at 127.0.0.1:9, or correct the address.");

    [PostgresFact]
    public void The_password_is_wrong()
    {
        Run("postgres", "DO $$ BEGIN CREATE ROLE guarded LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        var address = PostgresCluster.Shared.NewDatabase();

        var told = Refused(address.Replace("headway@", "guarded:secret@", StringComparison.Ordinal), "storage-unavailable");

        told.ShouldStartWith($"PostgreSQL at 127.0.0.1:{PostgresCluster.Shared.Port} does not let user guarded in. Correct user and password in the address");
        told.ShouldNotContain("secret");
    }

    [PostgresFact]
    public void The_database_is_not_there() =>
        Refused($"postgres://headway@127.0.0.1:{PostgresCluster.Shared.Port}/nothing", "storage-unavailable")
            .ShouldBe($"PostgreSQL at 127.0.0.1:{PostgresCluster.Shared.Port} has no database nothing. Create it (CREATE DATABASE \"nothing\" OWNER \"headway\"), or correct the address.");

    [PostgresFact]
    public void The_user_may_not_create_tables()
    {
        Run("postgres", "DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");

        Refused(PostgresCluster.Shared.NewDatabase().Replace("headway@", "reader@", StringComparison.Ordinal), "storage-unavailable")
            .ShouldContain("GRANT CREATE ON SCHEMA public TO \"reader\"");
    }

    [PostgresFact]
    public void The_database_cannot_be_written()
    {
        var address = PostgresCluster.Shared.NewDatabase();
        Run("postgres", $"ALTER DATABASE {address.Split('/')[^1]} SET default_transaction_read_only = on");

        Refused(address, "storage-read-only").ShouldEndWith("Name the primary server, or end default_transaction_read_only.");
    }

    [PostgresFact]
    public async Task The_server_is_older_than_15()
    {
        // As an older one would say it, which cannot be installed beside.
        await using var proxy = new PostgresProxy(PostgresCluster.Shared.NewDatabase()) { ServerVersion = "14" };

        Refused(proxy.Address, "storage-unavailable").ShouldStartWith($"PostgreSQL at 127.0.0.1:{proxy.Port} is version 14, and Headway needs 15 or newer. Upgrade the server");
    }

    private static string Refused(string address, string code)
    {
        var error = Should.Throw<StorageException>(() => Database.Open(address, TimeProvider.System, NullLogger.Instance));
        error.Code.ShouldBe(code);
        return error.Message;
    }

    private static void Run(string database, string text)
    {
        using var connection = PostgresCluster.Connect($"postgres://127.0.0.1:{PostgresCluster.Shared.Port}/{database}");
        using var command = new NpgsqlCommand(text, connection);
        command.ExecuteNonQuery();
    }
}
