using System.Net;
using Headway.Tests.Storage;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

/// <summary>What the edge turns away leaves a trace as soon as the feature version is known.</summary>
public sealed class RefusalAuditTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task Broken_headers_inputs_and_bodies_are_told_and_unknown_features_are_not()
    {
        var broken = Call("echo", "{}");
        broken.Headers.Add("Headway-Priority", "high");
        (await edge.Http.SendAsync(broken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await edge.Http.SendAsync(Call("form", """{"age":-1}"""))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await edge.Http.SendAsync(Call("echo", "{"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await edge.Http.SendAsync(Call("files", new string(' ', 400 * 1024) + "{}"))).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await edge.Http.SendAsync(Call("nothing", "{}"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await edge.Http.SendAsync(Call("echo", "{}"))).StatusCode.ShouldBe(HttpStatusCode.OK);

        // A write that comes later is on disk later.
        await edge.Host.Engine.Database.WriteAsync(new Nothing());
        var told = edge.Host.Engine.Database.Read(session =>
        {
            var events = new List<string>();
            using var read = session.Prepare("SELECT d.feature || ' ' || a.outcome, a.address FROM audit_events a JOIN definitions d ON d.id = a.definition WHERE a.action = 'refused'");
            while (read.Step())
            {
                events.Add(read.Text(0)!);
                read.Text(1).ShouldBe("127.0.0.1");
            }
            return events;
        });
        told.ShouldBe(["echo priority-invalid", "form input-invalid", "echo json-malformed", "files input-too-large"], ignoreOrder: true);
    }

    private sealed class Nothing : Storage.Write<bool>
    {
        protected override ValueTask<bool> ApplyAsync(Storage.Session session) => ValueTask.FromResult(true);
    }
}
