using System.Net;
using Headway.Access;
using Headway.AspNetCore.Tests.Access;

namespace Headway.AspNetCore.Tests.Cli;

public sealed class KeysTests
{
    [Fact]
    public async Task Keys_are_made_listed_rotated_and_revoked()
    {
        await using var host = await HeadwayHost.StartAsync(KeyedHost.File, KeyedHost.Map);
        var first = await TypeAsync(host, null, "keys", "create", "root", "--role", "admin", "--all-tenants");
        first.Code.ShouldBe(0, first.Error);
        var root = first.Out.Trim();
        first.Error.ShouldContain("only time");

        (await TypeAsync(host, null, "jobs", "list")).Error.ShouldContain("(key-missing)");
        var made = await TypeAsync(host, root, "keys", "create", "backend", "--feature", "echo", "--expires", "90d", "--requests-per-minute", "60", "--max-priority", "5");
        var key = made.Out.Trim();
        var id = key[..15];
        var called = await TypeAsync(host, key, "call", "echo");
        called.Code.ShouldBe(0, called.Error);
        (await TypeAsync(host, null, "call", "echo", "--key", key)).Code.ShouldBe(0);
        (await TypeAsync(host, key, "call", "other")).Error.ShouldContain("(feature-forbidden)");

        var list = await TypeAsync(host, root, "keys", "list");
        list.Lines[0].Split('\t').ShouldBe(["KEY", "NAME", "TENANT", "ROLES", "FEATURES", "STATE", "LAST USED"]);
        list.Out.ShouldContain(id);
        list.Out.ShouldNotContain(key);
        (await TypeAsync(host, root, "consumers")).Out.ShouldContain($"{id} (backend)");
        var rotated = (await TypeAsync(host, root, "keys", "rotate", id, "--overlap", "0s")).Out.Trim();
        (await TypeAsync(host, key, "call", "echo")).Error.ShouldContain("(key-expired)");
        (await TypeAsync(host, rotated, "call", "echo")).Code.ShouldBe(0);
        (await TypeAsync(host, root, "keys", "revoke", id)).Out.ShouldBe($"{id} is revoked\n");
        (await TypeAsync(host, rotated, "call", "echo")).Error.ShouldContain("(key-revoked)");
    }

    [Fact]
    public async Task The_first_key_is_made_offline_and_the_server_listens_beyond_loopback()
    {
        var folder = Directory.CreateTempSubdirectory("headway-offline-").FullName;
        try
        {
            var file = Path.Combine(folder, "headway.yaml");
            await File.WriteAllTextAsync(file, "models: { fast: { provider: rehearsal, expose: true } }\nfeatures: {}\n");
            var database = Headway.Tests.Storage.TestDatabase.At(Path.Combine(folder, "headway.db"));
            var refused = await CommandLine.RunAsync(["keys", "create", "app", "--offline", "--file", file, "--database", database]);
            (refused.Code, refused.Out).ShouldBe((4, ""));
            refused.Error.ShouldContain("--role admin --all-tenants");
            var made = await CommandLine.RunAsync(["keys", "create", "root", "--role", "admin", "--all-tenants", "--offline", "--file", file, "--database", database]);
            made.Code.ShouldBe(0, made.Error);
            KeyText.IdOf(made.Out.Trim()).ShouldNotBeNull();

            using var stop = new CancellationTokenSource();
            var served = CommandLine.RunAsync(["serve", "--file", file, "--database", database, "--listen", "http://0.0.0.0:0"], stop: stop.Token);
            await stop.CancelAsync();
            // Whether it was up when it was told to stop, or not yet: it did not refuse the address.
            (await served).Error.ShouldNotContain("loopback only");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_server_with_keys_is_reached_beyond_loopback()
    {
        await using var host = await HeadwayHost.StartAsync(KeyedHost.File, KeyedHost.Map);
        using var made = await host.Http.PostAsync("/v1/admin/keys", new StringContent("""{"name":"root","roles":["admin"],"allTenants":true}"""));
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        AspNetCore.Hosting.Listening.Require(["http://0.0.0.0:8080"], host.Engine.Access.IsClosed);
        Should.Throw<HeadwayStartException>(() => AspNetCore.Hosting.Listening.Require(["http://0.0.0.0:8080"], isClosed: false)).Message.ShouldContain("keys create");
    }

    private static Task<CommandLine> TypeAsync(HeadwayHost host, string? key, params string[] words) => CommandLine.RunAsync(
        [.. words, "--server", host.Http.BaseAddress!.ToString()], environment: key is null ? null : new Dictionary<string, string> { ["HEADWAY_API_KEY"] = key });
}
