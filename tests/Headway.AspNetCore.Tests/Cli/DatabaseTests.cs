using Headway.Tests.Storage;
using Npgsql;

namespace Headway.AspNetCore.Tests.Cli;

/// <summary>What the owner of a database of a server does for the nodes that do not own it.</summary>
public sealed class DatabaseTests
{
    [PostgresFact]
    public async Task The_owner_migrates_once_and_what_is_written_for_a_role_can_be_run_as_it_stands()
    {
        var address = PostgresCluster.Shared.NewDatabase();
        (await RunAsync("migrate", "--database", address)).Out.ShouldEndWith(" migrations applied.\n");
        (await RunAsync("migrate", "--database", address)).Out.ShouldBe("The tables are up to date.\n");

        var grants = await RunAsync("grants", "no \"one\"", "--database", address);
        grants.Code.ShouldBe(0);
        using var connection = PostgresCluster.Connect(address);
        using var run = new NpgsqlCommand("CREATE ROLE \"no \"\"one\"\"\" LOGIN; " + grants.Out, connection);
        run.ExecuteNonQuery();
    }

    [Fact]
    public async Task A_file_needs_neither()
    {
        foreach (var words in new[] { new[] { "migrate" }, ["grants", "node"] })
        {
            var refused = await RunAsync([.. words, "--database", "sqlite:headway.db"]);
            refused.Code.ShouldBe(2);
            refused.Error.ShouldStartWith("This is for postgres://");
            (await RunAsync(words)).Error.ShouldBe("Name the database with --database or HEADWAY_DATABASE.\n");
        }
    }

    private static Task<CommandLine> RunAsync(params string[] words) => CommandLine.RunAsync(["database", .. words]);
}
