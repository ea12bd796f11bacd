using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using Headway.Upstream;

namespace Headway.Commerce.Tests;

/// <summary>The other contracts of the same file.</summary>
public sealed class ShopTests : IDisposable
{
    private readonly ShopFolder _folder = new();

    [Fact]
    public async Task A_buyer_is_answered_as_a_stream()
    {
        await using var shop = await _folder.StartAsync();

        using var response = await PostAsync(shop, "/v1/features/order-support", ShopFolder.Input("chat-late-parcel"));

        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var events = await SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().Select(item => item.EventType).ToListAsync();
        events.Count(kind => kind == "delta").ShouldBeGreaterThan(1);
        events[^1].ShouldBe("end");
    }

    [Theory]
    [InlineData("/v1/generate", "sync", true)]
    [InlineData("/v2/generate", "hybrid", false)]
    public async Task A_product_text_is_served_under_its_old_contract_and_its_new_one(string route, string mode, bool isDeprecated)
    {
        await using var shop = await _folder.StartAsync();

        using var response = await PostAsync(shop, route, ShopFolder.Input("product-kettle"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        response.Headers.GetValues("Headway-Mode").ShouldBe([mode]);
        (await response.Content.ReadAsStringAsync()).ShouldContain("Brushed steel");
        response.Headers.Contains("Deprecation").ShouldBe(isDeprecated);
        response.Headers.Contains("Sunset").ShouldBe(isDeprecated);
    }

    private static Task<HttpResponseMessage> PostAsync(SampleProcess shop, string path, string json) => shop.Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    public void Dispose() => _folder.Dispose();
}
