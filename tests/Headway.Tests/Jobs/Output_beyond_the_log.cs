using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Upstream;

namespace Headway.Tests.Jobs;

public sealed class Output_beyond_the_log
{
    private const int Mebibyte = 1 << 20;

    [Fact]
    public async Task Of_a_model_ends_the_job_and_what_was_said_is_paid()
    {
        var piece = "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + new string('a', Mebibyte) + "\"},\"finish_reason\":null}]}\n\n";
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(string.Concat(Enumerable.Repeat(piece, 20))));
        await using var node = await Node.StartAsync($$"""
            models:
              m: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: m, price: { input: 1, output: 1 } }
            features:
              talk: { contract: { mode: stream, caller: converses, output: prose }, handler: { prompt: p.hbs, models: [m] }, timeout: 60s }
            """, _ => { }, files: new Dictionary<string, string> { ["p.hbs"] = "Go on." });

        var job = (await node.CallAsync("talk", "{}")).ShouldBeOfType<Answer.Streaming>().Job;
        (await node.EventsOfAsync(job.Id))[^1].Kind.ShouldBe("end");

        var ended = (await node.Engine.FindAsync(Caller.Local, job.Id)).ShouldNotBeNull();
        (ended.State, ended.Error?.Code).ShouldBe((JobState.Failed, "output-too-long"));
        ended.Usage.OutputTokens.ShouldBeGreaterThan(16 * Mebibyte / 4);
        ended.Usage.Usd.ShouldBeGreaterThan(4);
        upstream.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_code_ends_the_attempt_and_is_not_tried_again()
    {
        await using var node = await Node.StartAsync("""
            features:
              talk: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code, retry: { attempts: 3, backoff: 1s..1m } }
            """, code => code.Add<object, string>("talk", static (_, _, _) => Enumerable.Repeat(new string('a', Mebibyte), 20).ToAsyncEnumerable()));

        var job = await node.AcceptedAsync(node.Call("talk", "{}"));
        var ended = await node.EndOfAsync(job.Id);

        (ended.State, ended.Error?.Code, ended.Attempt).ShouldBe((JobState.Dead, "output-too-long", 1));
    }
}
