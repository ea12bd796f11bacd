using System.Text.Json;

namespace Headway.AspNetCore.Tests.Hosting;

public sealed class StartTests
{
    private const string Valid = "features:\n  echo: { contract: { mode: sync, caller: waits }, handler: code }\n";

    [Fact]
    public async Task A_file_with_mistakes_is_told_with_every_place_and_no_stack()
    {
        var told = await RefusedAsync(Valid.Replace("caller: waits", "calls: waits") + "  other: { handler: code }\n");

        told.ShouldContain("headway.yaml:2:");
        told.ShouldContain("headway.yaml:3:");
        told.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Code_that_this_host_lacks_is_told_by_name()
    {
        var told = await RefusedAsync(Valid);

        told.ShouldContain("MapFeature(\"echo\"");
        told.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told()
    {
        var told = await RefusedAsync(null);

        told.ShouldContain("headway.yaml");
        told.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://192.0.2.7:0")]
    public async Task Without_keys_only_loopback_is_listened_on(string listen)
    {
        var told = (await Should.ThrowAsync<HeadwayStartException>(() => EchoAsync(Valid, listen))).ToString();

        told.ShouldContain(listen);
        told.ShouldContain("http://127.0.0.1:8080");
        told.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("http://localhost:0")]
    [InlineData("http://[::1]:0")]
    [InlineData("http://127.0.0.2:0")]
    public void Every_name_of_loopback_is_taken(string listen) => AspNetCore.Hosting.Listening.IsLoopback(listen).ShouldBeTrue();

    [Fact]
    public async Task Code_is_given_to_a_feature_once()
        => await Should.ThrowAsync<InvalidOperationException>(() => HeadwayHost.StartAsync(Valid, app =>
        {
            app.MapFeature("echo", (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input));
            app.MapFeature("echo", (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input));
        }));

    private static async Task<string> RefusedAsync(string? file)
        => (await Should.ThrowAsync<HeadwayStartException>(() => HeadwayHost.StartAsync(file))).ToString();

    private static Task<HeadwayHost> EchoAsync(string file, string? listen = null) => HeadwayHost.StartAsync(file,
        app => app.MapFeature("echo", (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input)), listen);
}
