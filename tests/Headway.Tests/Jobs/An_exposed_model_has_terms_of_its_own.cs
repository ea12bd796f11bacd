using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Upstream;

namespace Headway.Tests.Jobs;

public sealed class An_exposed_model_has_terms_of_its_own
{
    private const string Body = """{"model":"any","messages":[{"role":"user","content":"What does she take?"}],"max_tokens":100}""";

    [Fact]
    public async Task A_budget_that_ends_refuses_its_own_calls_and_nobody_elses()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        await using var node = await StartAsync(upstream);

        var answers = new List<Answer>();
        // A call may cost near a cent and costs a quarter of one; the budget is six.
        while (answers.Count < 200 && answers.LastOrDefault() is not Answer.Refused) answers.Add(await node.CallAsync("frugal", Body));

        answers.SkipLast(1).ShouldAllBe(answer => answer is Answer.Done);
        answers.Count.ShouldBeGreaterThan(3);
        var refusal = answers[^1].ShouldBeOfType<Answer.Refused>().Refusal;
        (refusal.Code, refusal.Kind).ShouldBe(("budget-exhausted", RefusalKind.Limited));
        refusal.RetryAfter.ShouldNotBeNull();
        var paid = upstream.Calls.Count;
        (await node.CallAsync("frugal", Body)).ShouldBeOfType<Answer.Refused>();
        upstream.Calls.Count.ShouldBe(paid);
        // The budget is of calls under the model's own name: other names of the same model are not held by it.
        (await node.CallAsync("free", Body)).ShouldBeOfType<Answer.Done>();
        (await node.CallAsync("prompt", """{"n":"wound"}""")).ShouldBeOfType<Answer.Done>().Result.Model.ShouldBe("frugal");
    }

    [Fact]
    public async Task What_is_held_back_is_what_its_body_may_cost_and_no_more()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        await using var node = await StartAsync(upstream);

        // Two answers of 4,096 tokens may cost eight cents, one four; the budget is six.
        (await node.CallAsync("frugal", """{"messages":[{"role":"user","content":"?"}],"n":2}""")).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("budget-exhausted");
        (await node.CallAsync("frugal", """{"messages":[{"role":"user","content":"?"}],"max_completion_tokens":7000}""")).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("budget-exhausted");
        (await node.CallAsync("frugal", """{"messages":[{"role":"user","content":"?"}]}""")).ShouldBeOfType<Answer.Done>();
        (await node.CallAsync("frugal", """{"messages":[{"role":"user","content":"?"}],"max_tokens":5000}""")).ShouldBeOfType<Answer.Done>();
    }

    [Fact]
    public async Task Data_that_the_model_may_not_see_never_reaches_it()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        await using var node = await StartAsync(upstream);

        var failed = (await node.CallAsync("closed", Body)).ShouldBeOfType<Answer.Failed>();

        failed.Failure.Code.ShouldBe("data-not-allowed");
        failed.Failure.Message.ShouldContain("may not see phi data");
        upstream.Calls.ShouldBeEmpty();
        (await AuditAsync(node, failed.Job.Id)).ShouldAllBe(entry => entry.Data == "phi" && entry.Recipient == null);
    }

    [Fact]
    public async Task The_class_of_its_data_is_on_every_record_of_its_calls()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        await using var node = await StartAsync(upstream);

        var done = (await node.CallAsync("covered", Body)).ShouldBeOfType<Answer.Done>();

        var audit = await AuditAsync(node, done.Job.Id);
        audit.ShouldAllBe(entry => entry.Data == "phi");
        audit.ShouldContain(entry => entry.Recipient != null && entry.Recipient.Contains("covered"));
    }

    private static async Task<IReadOnlyList<AuditEntry>> AuditAsync(Node node, JobId job)
    {
        var audit = await node.Engine.AuditAsync(Caller.Local, job);
        audit.ShouldNotBeEmpty();
        return audit;
    }

    private static Task<Node> StartAsync(ModelUpstream upstream) => Node.StartAsync($$"""
        defaults: { retention: 30d }
        models:
          frugal: { {{Model(upstream)}}, expose: true, budget: { usdPerDay: 0.06 } }
          free: { {{Model(upstream)}}, expose: true }
          closed: { {{Model(upstream)}}, expose: true, data: phi }
          covered: { {{Model(upstream)}}, expose: true, data: phi, allowedData: [phi] }
        features:
          prompt: { contract: { mode: sync, caller: waits, output: prose }, handler: { prompt: ask.hbs, models: [frugal] }, fallback: none }
        """, _ => { }, files: new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{n}}" });

    private static string Model(ModelUpstream upstream) => $$"""provider: openai, baseUrl: "{{upstream.BaseUrl}}", apiKey: sk-1, model: gpt-5-mini, price: { input: 80, output: 10 }""";
}
