using System.Net;
using System.Text.Json;
using Headway.Storage;
using Headway.Tests.Storage;
using Headway.Upstream;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Hosting;

public sealed class StorageTroubleTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    private static readonly string Large = $$"""{"gate":"never","note":"{{new string('x', 200_000)}}"}""";

    [Fact]
    public async Task A_full_disk_refuses_new_work_and_loses_none()
    {
        var before = await edge.Http.SendAsync(Call("later", "{}"));
        await edge.Host.Engine.Database.WriteAsync(new Say(TestDatabase.Fill));

        var refused = await edge.Http.SendAsync(Call("later", Large));
        await refused.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "storage-full");
        refused.Headers.RetryAfter.ShouldNotBeNull();

        await edge.Host.Engine.Database.WriteAsync(new Say(TestDatabase.MakeRoom));
        (await edge.Http.SendAsync(Call("later", Large))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await edge.Http.GetAsync(before.Headers.Location)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_full_disk_refuses_files()
    {
        byte[] png = [0x89, .. "PNG\r\n"u8, 0x1A, .. "\n"u8, .. new byte[250_000]];
        await edge.Host.Engine.Database.WriteAsync(new Say(TestDatabase.Fill));

        var refused = await edge.Http.PostAsync("/v1/features/files", Content(png, "image/png"));

        await refused.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "storage-full");
        await edge.Host.Engine.Database.WriteAsync(new Say(TestDatabase.MakeRoom));
        (await edge.Http.PostAsync("/v1/features/files", Content(png, "image/png"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_read_only_database_refuses_new_work_and_still_answers_questions()
    {
        await using var host = await HeadwayHost.StartAsync("features:\n  later: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code }\n",
            app => app.MapFeature("later", (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input)));
        var before = await host.Http.SendAsync(Call("later", "{}", ("Headway-Start-At", "1h")));

        // From here on no writer can begin anything, not even the way back: the host that stops at the end of the test copes with that too. A file has one for all.
        foreach (var writer in Enum.GetValues<Writer>().Take(TestDatabase.IsPostgres ? int.MaxValue : 1)) await host.Engine.Database.WriteAsync(new Say(TestDatabase.MakeReadOnly, writer));

        await (await host.Http.SendAsync(Call("later", "{}"))).ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "storage-read-only");
        await (await host.Http.PostAsync($"{before.Headers.Location}/cancel", null)).ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "storage-read-only");
        (await host.Http.GetAsync(before.Headers.Location)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [PostgresFact]
    public async Task A_node_whose_server_is_gone_is_not_ready_and_tells_nobody_where_the_server_was()
    {
        using var server = PostgresCluster.Start(durable: false);
        await using var host = await HeadwayHost.OnAsync(server.NewDatabase(), "features: { later: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: { http: http://127.0.0.1:9/later } } }\n");
        (await host.Http.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);

        server.End();
        var refused = await host.Http.GetAsync("/health/ready");
        await refused.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "storage-unavailable");
        (await refused.Content.ReadAsStringAsync()).ShouldNotContain($"{server.Port}");
        (await host.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);

        server.Begin();
        await Until.IsSoAsync(async () => (await host.Http.GetAsync("/health/ready")).IsSuccessStatusCode);
    }

    private sealed class Say(string words, Writer by = Writer.Changes) : Write<bool>
    {
        internal override Writer Writer => by;

        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            await session.RunAsync(words);
            return true;
        }
    }
}
