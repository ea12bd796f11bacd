using System.Text.Json;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

public sealed class CacheTests
{
    [Fact]
    public async Task A_hit_says_how_old_it_is_and_no_store_passes_it_by()
    {
        var made = 0;
        await using var host = await HeadwayHost.StartAsync(
            "features: { ask: { contract: { mode: sync, caller: waits }, handler: code, cache: { for: 10m } } }",
            app => app.MapFeature("ask", (JsonElement _, FeatureContext _, CancellationToken _) => Task.FromResult(++made)));

        var first = await host.Http.SendAsync(Call("ask", """{"a":1,"b":2}"""));
        var second = await host.Http.SendAsync(Call("ask", """{ "b":2, "a":1 }"""));
        var third = await host.Http.SendAsync(Call("ask", """{"a":1,"b":2}""", ("Cache-Control", "no-store")));
        var fourth = await host.Http.SendAsync(Call("ask", """{"a":1,"b":2}""", ("Cache-Control", "no-cache")));

        (first.Header("Age"), first.Header("Cache-Status")).ShouldBe((null, "headway; fwd=miss; stored"));
        int.Parse(second.Header("Age")!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(0);
        second.Header("Cache-Status")!.ShouldStartWith("headway; hit; ttl=");
        (await second.Content.ReadAsStringAsync()).ShouldBe("1");
        second.Header("Headway-Job").ShouldNotBe(first.Header("Headway-Job"));
        (await third.Content.ReadAsStringAsync(), third.Header("Cache-Status")).ShouldBe(("2", "headway; fwd=bypass"));
        (await fourth.Content.ReadAsStringAsync(), fourth.Header("Cache-Status")).ShouldBe(("3", "headway; fwd=request; stored"));
    }
}
