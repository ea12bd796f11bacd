using System.Net;
using System.Text.Json;
using Headway.AspNetCore.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Hosting;

public sealed class ServingTests
{
    private const string OneRoute = "features:\n  echo: { contract: { mode: sync, caller: waits }, handler: code, route: /v1/echo }\n";

    [Fact]
    public async Task A_reload_moves_the_route_of_a_feature_without_a_restart()
    {
        await using var host = await EchoAsync(OneRoute);
        (await host.Http.SendAsync(Call("/v1/echo", "{}"))).StatusCode.ShouldBe(HttpStatusCode.OK);

        await host.ReloadAsync(OneRoute.Replace("/v1/echo", "/v2/echo"));

        (await host.Http.SendAsync(Call("/v2/echo", "{}"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await host.Http.SendAsync(Call("/v1/echo", "{}"))).ShouldBeProblemAsync(HttpStatusCode.NotFound, "route-unknown");
    }

    [Fact]
    public async Task The_hosts_own_fallback_keeps_what_features_do_not_declare()
    {
        await using var host = await EchoAsync(OneRoute.Replace("/v1/echo", "/say"), app => app.MapFallback(() => "the host's own page"));

        (await (await host.Http.GetAsync("/anything")).Content.ReadAsStringAsync()).ShouldBe("the host's own page");
        (await host.Http.SendAsync(Call("/say", "{}"))).Header("Headway-Job").ShouldNotBeNull();
    }

    [Fact]
    public async Task The_openapi_document_tells_every_route()
    {
        await using var host = await EchoAsync(OneRoute);
        var mapped = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.DisplayName?.Contains("openapi", StringComparison.OrdinalIgnoreCase) is not true)
            .Select(endpoint => endpoint.RoutePattern.RawText!).Where(pattern => !pattern.Contains("**") && !pattern.StartsWith("/openapi"));

        var document = await (await host.Http.GetAsync("/openapi/v1.json")).JsonAsync();

        document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ShouldBe([.. mapped, "/v1/echo"], ignoreOrder: true);
        var call = document.GetProperty("paths").GetProperty("/v1/features/{name}").GetProperty("post");
        call.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()).ShouldContain("Headway-Deadline");
        call.GetProperty("responses").GetProperty("400").GetProperty("description").GetString()!.ShouldContain("json-malformed");
        document.GetProperty("components").GetProperty("schemas").GetProperty("Job").GetProperty("properties").GetProperty("priority").GetProperty("type").GetString().ShouldBe("integer");
    }

    [Fact]
    public async Task A_node_is_ready_until_it_stops()
    {
        await using var host = await EchoAsync(OneRoute);
        (await host.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.Http.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var ready = await AskedWhileStoppingAsync(host, "/health/ready");

        ready.ShouldContain("503");
    }

    [Fact]
    public async Task Names_other_than_loopback_are_refused()
    {
        await using var host = await EchoAsync(OneRoute);
        var request = Call("echo", "{}");
        request.Headers.Host = "evil.example.com";

        await (await host.Http.SendAsync(request)).ShouldBeProblemAsync(HttpStatusCode.MisdirectedRequest, "host-refused");
    }

    [Theory]
    [InlineData("https://evil.example.com")]
    [InlineData("null")]
    public async Task Pages_of_other_origins_are_refused(string origin)
    {
        await using var host = await EchoAsync(OneRoute);

        await (await host.Http.SendAsync(Call("echo", "{}", ("Origin", origin)))).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "origin-refused");
    }

    [Fact]
    public async Task Pages_of_its_own_origin_are_answered()
    {
        await using var host = await EchoAsync(OneRoute);

        (await host.Http.SendAsync(Call("echo", "{}", ("Origin", host.Http.BaseAddress!.GetLeftPart(UriPartial.Authority))))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_fails_inside_is_a_500_with_a_trace_and_no_stack()
    {
        await using var host = await EchoAsync(OneRoute, app => new ApiRoutes(app, app.Services.GetRequiredService<Guard>()).Get("/broken", Break));

        var problem = await (await host.Http.GetAsync("/broken")).ShouldBeProblemAsync(HttpStatusCode.InternalServerError, "internal-error");

        problem.GetProperty("trace").GetString().ShouldNotBeNullOrWhiteSpace();
        problem.GetRawText().ShouldNotContain("secret cause");
    }

    [Fact]
    public async Task A_node_that_stops_answers_its_pollers_at_once_and_lets_work_end()
    {
        var (polled, working, go) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var host = await HeadwayHost.StartAsync("features:\n  slow: { contract: { mode: sync, caller: waits }, handler: code, timeout: 60s }\n  later: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code }\n", app =>
        {
            app.Use((context, next) =>
            {
                if (context.Request.Headers.ContainsKey("Prefer")) polled.TrySetResult();
                return next(context);
            });
            app.MapFeature("slow", async (JsonElement input, FeatureContext _, CancellationToken stop) =>
            {
                working.SetResult();
                await go.Task.WaitAsync(stop);
                return input;
            });
            app.MapFeature("later", (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input));
        });
        var accepted = await host.Http.SendAsync(Call("later", "{}", ("Headway-Start-At", "1h")));
        var call = host.Http.SendAsync(Call("slow", """{"kept":true}"""));
        var poll = host.Http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, accepted.Headers.Location), ("Prefer", "wait=60")));
        await Task.WhenAll(polled.Task, working.Task);

        var stopped = host.StopAsync();

        (await (await poll.WaitAsync(TimeSpan.FromSeconds(20))).JsonAsync()).GetProperty("state").GetString().ShouldBe("scheduled");
        go.SetResult();
        (await (await call).Content.ReadAsStringAsync()).ShouldBe("""{"kept":true}""");
        await stopped;
    }

    private static Task Break(HttpContext context) => throw new InvalidOperationException("secret cause");

    private static async Task<string> AskedWhileStoppingAsync(HeadwayHost host, string path)
    {
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        var told = new TaskCompletionSource<string>();
        using var registration = lifetime.ApplicationStopping.Register(() => told.SetResult(host.Http.GetAsync(path).GetAwaiter().GetResult().StatusCode.ToString("D")));
        await host.StopAsync();
        return await told.Task;
    }

    private static Task<HeadwayHost> EchoAsync(string file, Action<WebApplication>? map = null) => HeadwayHost.StartAsync(file, app =>
    {
        app.MapFeature("echo", (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input));
        map?.Invoke(app);
    });
}
