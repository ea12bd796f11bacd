using System.Net.Http.Json;
using System.Text.Json;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.Cli;

public sealed class DeliveryCommandsTests : IAsyncDisposable
{
    private ModelUpstream _receiver = null!;
    private HeadwayHost _host = null!;

    private async Task StartAsync(params Script[] answers)
    {
        _receiver = await ModelUpstream.StartAsync(answers);
        _host = await HeadwayHost.StartAsync($$"""
            endpoints: { app: { webhook: "{{_receiver.Address}}hooks", secret: s, allowPrivate: true } }
            features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, delivery: [ endpoint: app ] } }
            """, app => app.MapFeature("work", (Dictionary<string, string> input, FeatureContext _, CancellationToken stop) => Task.FromResult(input)));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private Task<CommandLine> RunAsync(params string[] args) => CommandLine.RunAsync([.. args, "--server", _host.Http.BaseAddress!.ToString()]);

    [Fact]
    public async Task Deliveries_are_looked_at_and_sent_again_by_hand()
    {
        await StartAsync(Scripts.Whole(400, null, "no"), Scripts.Whole(200, null, "yes"));
        using var accepted = await _host.Http.PostAsJsonAsync("/v1/features/work", new { });
        var job = (await accepted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        await _receiver.ArrivedAsync(1);
        IReadOnlyList<string> lines;
        do lines = (await RunAsync("jobs", "deliveries", job)).Lines;
        while (lines is not [_, var row] || !row.Contains("refused", StringComparison.Ordinal));
        lines[0].ShouldBe("DELIVERY\tENDPOINT\tTYPE\tSTATE\tTRY\tAT\tTOOK\tOUTCOME\tSTATUS\tNEXT");
        var delivery = lines[1].Split('\t')[0];

        (await RunAsync("deliveries", "replay", delivery)).Out.ShouldStartWith($"{delivery} is sent again to app");
        await _receiver.ArrivedAsync(2);
        (await RunAsync("deliveries", "replay", "dlv_0")).Error.ShouldContain("delivery-unknown");
    }

    [Fact]
    public async Task Endpoints_are_looked_after_by_hand()
    {
        await StartAsync(Scripts.Whole(500, null, "no"), Scripts.Whole(200, null, "yes"));
        var host = _receiver.Address.GetLeftPart(UriPartial.Authority);
        (await RunAsync("endpoints", "list")).Lines.ShouldBe(["NAME\tSTATE\tHOST\tPENDING\tOLDEST\tDEAD\tFAILURES\tUNTIL", $"app\tactive\t{host}\t0\t\t0\t0\t"]);
        var failed = await RunAsync("endpoints", "test", "app");
        failed.Lines[1].Split('\t')[^3..^1].ShouldBe(["server-error", "500"]);
        failed.Code.ShouldNotBe(0);
        (await RunAsync("endpoints", "test", "app")).Code.ShouldBe(0);
        (await RunAsync("endpoints", "enable", "app")).Out.ShouldStartWith("app is active");
        (await RunAsync("endpoints", "recover", "app", "--since", "2026-03-01T12:00:00Z")).Out.ShouldStartWith("0 deliveries are sent again");
        (await RunAsync("endpoints", "test", "ap")).Error.ShouldContain("endpoint-unregistered");
    }
}
