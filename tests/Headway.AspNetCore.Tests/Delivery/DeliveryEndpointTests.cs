using System.Net;
using System.Text;
using Headway.Client;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.Delivery;

/// <summary>What is told of endpoints and deliveries over HTTP, and what is done with them.</summary>
public sealed class DeliveryEndpointTests : IAsyncDisposable
{
    private ModelUpstream _receiver = null!;
    private HeadwayHost _node = null!;

    private HeadwayClient Client => new(_node.Http);

    // The upstream of models takes any post.
    private async Task StartAsync()
    {
        _receiver = await ModelUpstream.StartAsync(Scripts.Whole(500, null, "down"), Scripts.Whole(200, null, "{}"));
        _node = await HeadwayHost.StartAsync($$"""
            endpoints: { app: { webhook: "{{_receiver.Address}}hooks/token", secret: s, allowPrivate: true } }
            features:
              work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
              ask: { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code }
            """, app =>
        {
            app.MapFeature("work", (Dictionary<string, string> input, FeatureContext _, CancellationToken stop) => Task.FromResult(input));
            app.MapFeature("ask", (Dictionary<string, string> input, FeatureContext _, CancellationToken stop) => Task.FromResult(input));
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private async Task<HttpResponseMessage> CallAsync(string feature, string endpoint)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/features/{feature}") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        call.Headers.Add("Headway-Endpoint", endpoint);
        return await _node.Http.SendAsync(call);
    }

    [Fact]
    public async Task A_delivery_is_told_with_each_try_and_sent_again()
    {
        await StartAsync();
        using var answer = await CallAsync("work", "app");
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = System.Text.Json.JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("id").GetString()!;
        await _receiver.ArrivedAsync(1);

        DeliveryRecord delivery;
        do delivery = (await Client.DeliveriesAsync(job)).SingleOrDefault() ?? new DeliveryRecord { Id = "", Endpoint = "", Type = "", State = "", Required = false, Created = default };
        while (delivery.Attempts.Count == 0 || delivery.Next is null);
        (delivery.State, delivery.Type, delivery.Channel, delivery.Required, delivery.Next is not null).ShouldBe(("pending", "job.succeeded", "webhook", false, true));
        delivery.Attempts[0].ShouldSatisfyAllConditions(attempt => attempt.Outcome.ShouldBe("server-error"), attempt => attempt.Status.ShouldBe(500), attempt => attempt.Number.ShouldBe(1));

        (await Client.ReplayDeliveryAsync(delivery.Id)).Id.ShouldBe(delivery.Id);
        do delivery = (await Client.DeliveriesAsync(job)).Single();
        while (delivery.State != "delivered");
        delivery.Attempts.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Endpoints_are_listed_tested_and_recovered()
    {
        await StartAsync();
        var endpoint = (await Client.EndpointsAsync()).ShouldHaveSingleItem();
        (endpoint.Name, endpoint.State, endpoint.Host, endpoint.Pending, endpoint.Dead).ShouldBe(("app", "active", _receiver.Address.GetLeftPart(UriPartial.Authority), 0, 0));

        var failed = await Client.TestEndpointAsync("app");
        (failed.State, failed.Type, failed.Job).ShouldBe(("dead", "test", null));
        (await Client.TestEndpointAsync("app")).State.ShouldBe("delivered");
        (await Client.EnableEndpointAsync("app")).State.ShouldBe("active");
        var recovery = await Client.RecoverEndpointAsync("app", DateTimeOffset.UtcNow.AddHours(1));
        (recovery.Count, recovery.More).ShouldBe((0, false));
    }

    [Theory]
    [InlineData("work", "ap", HttpStatusCode.BadRequest, "endpoint-unknown", "did you mean")]
    [InlineData("work", "https://evil.example/hook", HttpStatusCode.BadRequest, "endpoint-unknown", "never by addresses")]
    [InlineData("ask", "app", HttpStatusCode.BadRequest, "endpoint-forbidden", "its caller has the answer")]
    public async Task A_caller_names_an_endpoint_and_nothing_else(string feature, string endpoint, HttpStatusCode status, string code, string says)
    {
        await StartAsync();
        using var answer = await CallAsync(feature, endpoint);
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, body);
        System.Text.Json.JsonElement.Parse(body).GetProperty("code").GetString().ShouldBe(code);
        body.ShouldContain(says, Case.Insensitive);
    }

    [Theory]
    [InlineData("/v1/endpoints/none/test", "", HttpStatusCode.NotFound, "endpoint-unregistered")]
    [InlineData("/v1/endpoints/none/enable", "", HttpStatusCode.NotFound, "endpoint-unregistered")]
    [InlineData("/v1/endpoints/none/recover", """{"since":"2026-03-01T12:00:00Z"}""", HttpStatusCode.NotFound, "endpoint-unregistered")]
    [InlineData("/v1/endpoints/app/recover", """{"since":"yesterday"}""", HttpStatusCode.BadRequest, "recovery-invalid")]
    [InlineData("/v1/endpoints/app/recover", """{"until":"2026-03-01T12:00:00Z"}""", HttpStatusCode.BadRequest, "recovery-invalid")]
    [InlineData("/v1/deliveries/dlv_1/replay", "", HttpStatusCode.NotFound, "delivery-unknown")]
    [InlineData("/v1/deliveries/dlv_00000000000000000000000000000000/replay", "", HttpStatusCode.NotFound, "delivery-unknown")]
    public async Task What_is_not_there_or_not_right_is_told(string path, string body, HttpStatusCode status, string code)
    {
        await StartAsync();
        using var answer = await _node.Http.PostAsync(path, body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json"));
        answer.StatusCode.ShouldBe(status);
        System.Text.Json.JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("code").GetString().ShouldBe(code);
    }
}
