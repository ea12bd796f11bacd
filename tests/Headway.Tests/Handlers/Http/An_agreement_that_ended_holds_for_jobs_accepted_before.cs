using Headway.Jobs;
using Headway.Tests.Jobs;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Handlers.Http;

public sealed class An_agreement_that_ended_holds_for_jobs_accepted_before
{
    [Theory]
    [InlineData("{ http: URL, allowedData: [public, internal] }", JobState.Dead)]
    [InlineData("{ http: URL, group: { upTo: 3, within: 5ms } }", JobState.Dead)]
    [InlineData("{ http: URL, allowedData: [phi], headers: { X-New: \"1\" } }", JobState.Succeeded)]
    internal async Task What_the_file_no_longer_allows_is_not_sent(string handler, JobState state)
    {
        await using var service = await Service.StartAsync(context => context.Response.WriteAsJsonAsync(1));
        await using var node = await Node.StartAsync(File("phi", "{ http: URL, allowedData: [phi] }", service), _ => { });
        var job = await node.AcceptedAsync(node.Call("check") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) });

        await node.RestartAsync(File("internal", handler, service));
        await node.Engine.Database.WriteAsync(new Change("UPDATE queue SET due = 1"));
        var ended = await node.EndOfAsync(job.Id);

        ended.State.ShouldBe(state);
        if (state is JobState.Succeeded) return;
        service.Calls.ShouldBeEmpty();
        ended.Error!.Code.ShouldBe("data-not-allowed");
        ended.Error.Message.ShouldContain("takes that back since");
        (await node.AuditOfAsync(job.Id)).ShouldNotContain("disclosed");
    }

    private static string File(string data, string handler, Service service) => $$"""
        features:
          check:
            contract: { mode: async, caller: leaves, deliverWithin: 10m, data: {{data}} }
            handler: {{handler.Replace("URL", service.Url.ToString(), StringComparison.Ordinal)}}
            retention: { payload: 30d, record: 30d }
        """;
}
