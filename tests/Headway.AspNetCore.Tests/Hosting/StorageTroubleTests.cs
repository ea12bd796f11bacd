using System.Net;
using System.Text.Json;
using Headway.Storage;
using Headway.Storage.Sqlite;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Hosting;

public sealed class StorageTroubleTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    private static readonly string Large = $$"""{"gate":"never","note":"{{new string('x', 200_000)}}"}""";

    [Fact]
    public async Task A_full_disk_refuses_new_work_and_loses_none()
    {
        var before = await edge.Http.SendAsync(Call("later", "{}"));
        await edge.Host.Engine.Database.WriteAsync(new Say("PRAGMA max_page_count = 1"));

        var refused = await edge.Http.SendAsync(Call("later", Large));
        await refused.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "storage-full");
        refused.Headers.RetryAfter.ShouldNotBeNull();

        await edge.Host.Engine.Database.WriteAsync(new Say("PRAGMA max_page_count = 1073741823"));
        (await edge.Http.SendAsync(Call("later", Large))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await edge.Http.GetAsync(before.Headers.Location)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_full_disk_refuses_files()
    {
        byte[] png = [0x89, .. "PNG\r\n"u8, 0x1A, .. "\n"u8, .. new byte[250_000]];
        await edge.Host.Engine.Database.WriteAsync(new Say("PRAGMA max_page_count = 1"));

        var refused = await edge.Http.PostAsync("/v1/features/files", Content(png, "image/png"));

        await refused.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "storage-full");
        await edge.Host.Engine.Database.WriteAsync(new Say("PRAGMA max_page_count = 1073741823"));
        (await edge.Http.PostAsync("/v1/features/files", Content(png, "image/png"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_read_only_database_refuses_new_work_and_still_answers_questions()
    {
        await using var host = await HeadwayHost.StartAsync("features:\n  later: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code }\n",
            app => app.MapFeature("later", (JsonElement input, FeatureContext _, CancellationToken _) => Task.FromResult(input)));
        var before = await host.Http.SendAsync(Call("later", "{}", ("Headway-Start-At", "1h")));

        // From here on the writer cannot begin anything, not even the way back: the host that stops at the end of the test copes with that too.
        await host.Engine.Database.WriteAsync(new Say("PRAGMA query_only = 1"));

        await (await host.Http.SendAsync(Call("later", "{}"))).ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "storage-read-only");
        await (await host.Http.PostAsync($"{before.Headers.Location}/cancel", null)).ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "storage-read-only");
        (await host.Http.GetAsync(before.Headers.Location)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private sealed class Say(string pragma) : Write<bool>
    {
        protected override bool Apply(SqliteSession session)
        {
            session.Run(pragma);
            return true;
        }
    }
}
