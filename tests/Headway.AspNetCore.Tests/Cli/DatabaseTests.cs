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

    [SqliteFact]
    public async Task The_master_key_of_a_file_is_changed_while_no_server_has_it_open()
    {
        await using var host = await HeadwayHost.StartAsync("features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code } }", app => app.MapFeature<string, string>("work", (text, _, _) => Task.FromResult(text)));
        var file = Path.Combine(Path.GetDirectoryName(host.File)!, "headway.db");
        var former = await File.ReadAllTextAsync(file + ".key");

        var refused = await RunAsync("rekey", "--database", "sqlite:" + file);
        (refused.Code, refused.Error[..15]).ShouldBe((4, "storage-in-use:"));
        (await RunAsync("rekey", "--database", "sqlite:no.db")).Error.ShouldBe("There is no database no.db.\n");
        (await File.ReadAllTextAsync(file + ".key")).ShouldBe(former);

        await host.StopAsync();
        (await RunAsync("rekey", "--database", "sqlite:" + file)).Out.ShouldMatch("^The next master key is in force; the keys of [0-9] tenants are wrapped with it.\nIt is in ");
        (await File.ReadAllTextAsync(file + ".key")).ShouldNotBe(former);
    }

    private static Task<CommandLine> RunAsync(params string[] words) => CommandLine.RunAsync(["database", .. words]);
}
