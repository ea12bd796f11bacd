using Headway.Models;
using Headway.Models.Failover;
using Headway.Tests.Handlers;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.Failover;

/// <summary>What a model does not know costs a call once.</summary>
public sealed class RefusedParametersTests : ChainCase
{
    private const string Unknown = """{"error":{"message":"no","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}""";

    [Fact]
    public async Task A_parameter_that_was_refused_is_left_out_of_the_next_calls_for_a_while()
    {
        await using var picky = await ModelUpstream.StartAsync(context => ((UpstreamCall)context.Items[typeof(UpstreamCall)]!).Body.Contains("\"max_tokens\"", StringComparison.Ordinal)
            ? Scripts.Whole(400, "application/json", Unknown)(context)
            : Scripts.Events(Stream)(context));
        using var catalog = Catalogs.Of(Time, Asking.Define("picky", picky.BaseUrl));
        var chain = new ModelChain(catalog, ["picky"]);

        for (var call = 0; call < 3; call++) await AnsweredAsync(chain);
        picky.Calls.Count.ShouldBe(4);

        Time.Advance(RefusedParameters.Kept);
        await AnsweredAsync(chain);
        picky.Calls.Count.ShouldBe(6);
    }

    [Fact]
    public async Task What_its_caller_says_is_not_left_out_of_the_call_of_the_first_model()
    {
        await using var picky = await ModelUpstream.StartAsync(Scripts.Whole(400, "application/json", Unknown.Replace("max_tokens", "seed", StringComparison.Ordinal)));
        using var catalog = Catalogs.Of(Time, Asking.Define("picky", picky.BaseUrl));
        catalog.HealthOf(catalog.Find("picky")!).Refused.Note("seed");

        var reply = await new ModelChain(catalog, ["picky"]).AskAsync(With("seed"), Terms(), CancellationToken.None);

        reply.Failure.ShouldNotBeNull().Code.ShouldBe("model-parameter-unsupported");
        picky.Calls.ShouldHaveSingleItem().Body.ShouldContain("seed");
    }

    [Fact]
    public void There_are_only_so_many_of_them_and_the_oldest_go_first()
    {
        var time = new ManualTime(Attempts.Start);
        var refused = new RefusedParameters(time);
        for (var number = 0; number < 3 * RefusedParameters.Most; number++)
        {
            refused.Note($"p{number}");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        refused.Known.Order().ShouldBe(Enumerable.Range(2 * RefusedParameters.Most, RefusedParameters.Most).Select(number => $"p{number}").Order());
        time.Advance(RefusedParameters.Kept);
        refused.Known.ShouldBeEmpty();
    }

    private async Task AnsweredAsync(ModelChain chain)
    {
        var terms = Terms() with { Until = Time.GetUtcNow().AddSeconds(30) };
        (await chain.AskAsync(Asking.Request() with { MaxTokens = 300 }, terms, CancellationToken.None)).Answer.ShouldNotBeNull();
    }
}
