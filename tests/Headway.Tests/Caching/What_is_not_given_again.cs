using Headway.Access;
using Headway.Caching;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Tests.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Caching;

public sealed class What_is_not_given_again
{
    private const string Model = "models: { m: { provider: openai, baseUrl: \"{url}\", model: {model}, allowedData: [{data}] } }";
    private const string Features = """
        features:
          sync:   { contract: { mode: sync, caller: waits }, handler: { prompt: ask.hbs, models: [m] }, fallback: none, timeout: 20s, cache: { for: 10m } }
          async:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: { prompt: ask.hbs, models: [m] }, timeout: 20s, retry: { attempts: 1 }, cache: { for: 10m } }
          hybrid: { contract: { mode: hybrid, wait: 10s, caller: waits, deliverWithin: 1m }, handler: { prompt: ask.hbs, models: [m] }, timeout: 20s, retry: { attempts: 1 }, cache: { for: 10m } }
          stream: { contract: { mode: stream, caller: converses, output: prose }, handler: { prompt: ask.hbs, models: [m] }, fallback: none, timeout: 20s, cache: { for: 10m } }
        """;

    private static readonly string Whole = Scripts.Fixture("openai/stream");
    private Script _answer = Scripts.Events(Whole);

    public static TheoryData<string, string> Broken
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var mode in new[] { "sync", "async", "hybrid", "stream" })
            {
                foreach (var how in new[] { "length", "content-filter", "refusal", "cut" }) cases.Add(mode, how);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task An_answer_that_is_not_whole_or_none(string mode, string how)
    {
        await using var upstream = await ModelUpstream.StartAsync(context => _answer(context));
        await using var node = await StartAsync(upstream);
        _answer = Scripts.Events(how == "cut" ? Whole.Before("\"stop\"") : Scripts.Fixture($"openai/stream-{how}"));
        (await EndAsync(node, mode)).State.ShouldNotBe(JobState.Succeeded);
        await node.Engine.ListAsync(Caller.Local, new JobFilter());
        node.Number("SELECT count(*) FROM cached_answers").ShouldBe(0);

        _answer = Scripts.Events(Whole);
        var asked = upstream.Calls.Count;
        var made = await EndAsync(node, mode);
        (made.State, made.CachedFrom, upstream.Calls.Count).ShouldBe((JobState.Succeeded, null, asked + 1));
        (await EndAsync(node, mode)).CachedFrom.ShouldBe(made.Id);
        upstream.Calls.Count.ShouldBe(asked + 1);
    }

    [Fact]
    public async Task What_another_prompt_or_another_model_said()
    {
        const string mode = "sync";
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Whole));
        await using var node = await StartAsync(upstream);
        var made = await EndAsync(node, mode);

        await node.ReloadAsync("Answer well: {{n}}", "ask.hbs");
        (await EndAsync(node, mode)).CachedFrom.ShouldBeNull();
        await node.ReloadAsync(File(upstream, model: "other"));
        (await EndAsync(node, mode)).CachedFrom.ShouldBeNull();
        await node.ReloadAsync(File(upstream, model: "other", data: "internal, personal"));
        (await EndAsync(node, mode)).CachedFrom.ShouldBeNull();
        upstream.Calls.Count.ShouldBe(4);

        await node.ReloadAsync("Answer: {{n}}", "ask.hbs");
        await node.ReloadAsync(File(upstream));
        (await EndAsync(node, mode)).CachedFrom.ShouldBe(made.Id);
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("async")]
    public async Task What_was_begun_with_one_model_and_ended_with_another(string mode)
    {
        var go = new TaskCompletionSource();
        await using var upstream = await ModelUpstream.StartAsync(Scripts.StallAfter("", go.Task, Whole));
        await using var node = await StartAsync(upstream);
        var ending = EndAsync(node, mode);
        await upstream.ArrivedAsync(1);
        await node.ReloadAsync(File(upstream, model: "other"));
        go.SetResult();

        (await ending).State.ShouldBe(JobState.Succeeded);
        // Waits for the records of all that was answered so far.
        await node.Engine.ListAsync(Caller.Local, new JobFilter());
        node.Number("SELECT count(*) FROM cached_answers").ShouldBe(0);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task More_than_64_kilobytes(int more, bool kept)
    {
        var length = CachedAnswers.LargestBody - Envelope.Overhead + more;
        await using var node = await Node.StartAsync(
            "features: { write: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, cache: { for: 10m } } }",
            code => code.Add<Order, string>("write", (_, _, _) => Task.FromResult(new string('x', length))));
        var made = await EndAsync(node, "write");

        (await EndAsync(node, "write")).CachedFrom.ShouldBe(kept ? made.Id : null);
    }

    [Fact]
    public async Task What_has_expired_and_it_is_removed()
    {
        var time = new ManualTime();
        await using var node = await Node.StartAsync(
            "features: { write: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, cache: { for: 10m } } }",
            code => code.Add<Order, Order>("write", (order, _, _) => Task.FromResult(order)), time);
        for (var n = 0; n < 3; n++) await EndAsync(node, "write", $$"""{"id":"{{n}}"}""");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();

        (await node.Engine.Database.WriteAsync(new PruneHistory(now + 599_999, 2))).Answers.ShouldBe(0);
        var first = await node.Engine.Database.WriteAsync(new PruneHistory(now + 600_000, 2));
        var second = await node.Engine.Database.WriteAsync(new PruneHistory(now + 600_000, 2));

        ((first.Answers, first.More), (second.Answers, second.More)).ShouldBe(((2, true), (1, false)));
        node.Number("SELECT sum(size) FROM cached_sizes").ShouldBe(0);
    }

    private static string File(ModelUpstream upstream, string model = "m", string data = "internal") =>
        Model.Replace("{url}", upstream.BaseUrl.ToString(), StringComparison.Ordinal).Replace("{model}", model, StringComparison.Ordinal).Replace("{data}", data, StringComparison.Ordinal) + "\n" + Features;

    private static Task<Node> StartAsync(ModelUpstream upstream) => Node.StartAsync(File(upstream), _ => { }, files: new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{n}}" });

    private static async Task<Job> EndAsync(Node node, string feature, string json = """{"n":"1"}""") => await node.CallAsync(feature, json) switch
    {
        Answer.Done done => done.Job,
        Answer.Failed failed => failed.Job,
        Answer.Accepted accepted => await node.EndOfAsync(accepted.Job.Id),
        Answer.Streaming streaming => await node.EndOfAsync(streaming.Job.Id),
        var other => throw new InvalidOperationException(other.ToString()),
    };
}
