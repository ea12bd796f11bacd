using Headway.Models.Failover;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.Failover;

/// <summary>Parameters that one model of a chain knows and another does not.</summary>
public sealed class AdaptationTests : ChainCase
{
    [Theory]
    [InlineData("temperature", "seed", "top_p", "user")]
    public async Task A_model_that_knows_hardly_any_parameter_is_asked_no_more_often_than_any_other(params string[] hints)
    {
        var refusals = hints.Select(hint => Scripts.Whole(400, "application/json", $$$"""{"error":{"message":"no","type":"invalid_request_error","param":"{{{hint}}}","code":"unknown_parameter"}}""")).ToArray();
        await using var down = await ModelUpstream.StartAsync(Scripts.Whole(503, null, ""));
        await using var picky = await ModelUpstream.StartAsync([.. refusals, Scripts.Events(Stream)]);
        var request = Asking.Request(body: $$"""{"messages":[{"role":"user","content":"?"}],{{string.Join(",", hints.Select(hint => $"\"{hint}\":1"))}}}""");

        var reply = await AskAsync(Terms(), request, Asking.Define("fast", down.BaseUrl), Asking.Define("picky", picky.BaseUrl));

        picky.Calls.Count.ShouldBe(FailoverRule.MostCalls);
        reply.Failure.ShouldNotBeNull().Message.ShouldContain("does not know the parameter");
    }

    [Theory]
    [InlineData("seed", true)]
    [InlineData("logit_bias", false)]
    public async Task A_model_that_takes_over_is_spared_hints_that_it_does_not_know_and_never_more(string parameter, bool adapted)
    {
        var unknown = $$$"""{"error":{"message":"Unrecognized request argument supplied: {{{parameter}}}","type":"invalid_request_error","param":null,"code":null}}""";
        await using var down = await ModelUpstream.StartAsync(Scripts.Whole(503, null, ""));
        await using var picky = await ModelUpstream.StartAsync(Scripts.Whole(400, "application/json", unknown), Scripts.Events(Stream));

        var reply = await AskAsync(Terms(), With(parameter), Asking.Define("fast", down.BaseUrl), Asking.Define("picky", picky.BaseUrl));

        if (adapted)
        {
            reply.Answer.ShouldNotBeNull().Model.ShouldBe("picky");
            picky.Calls[0].Body.ShouldContain(parameter);
            picky.Calls[1].Body.ShouldNotContain(parameter);
            return;
        }
        reply.Failure.ShouldNotBeNull().Code.ShouldBe("model-unavailable");
        reply.Failure!.Message.ShouldContain($"does not know the parameter '{parameter}'");
        picky.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_parameter_that_the_first_model_does_not_know_is_the_callers_mistake()
    {
        var unknown = """{"error":{"message":"no","type":"invalid_request_error","param":"seed","code":"unknown_parameter"}}""";
        await using var picky = await ModelUpstream.StartAsync(Scripts.Whole(400, "application/json", unknown));

        var reply = await AskAsync(Terms(), With("seed"), Asking.Define("picky", picky.BaseUrl), Catalogs.Rehearsal("strong"));

        reply.Failure.ShouldNotBeNull().Code.ShouldBe("model-parameter-unsupported");
        picky.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_token_limit_under_the_wrong_name_is_ours_to_mend_for_the_first_model_too()
    {
        var unknown = """{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}""";
        await using var picky = await ModelUpstream.StartAsync(Scripts.Whole(400, "application/json", unknown), Scripts.Events(Stream));

        var reply = await AskAsync(Terms(), Asking.Request() with { MaxTokens = 300 }, Asking.Define("picky", picky.BaseUrl), Catalogs.Rehearsal("strong"));

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("picky");
        picky.Calls[1].Body.ShouldContain("\"max_completion_tokens\":300");
        picky.Calls[1].Body.ShouldNotContain("\"max_tokens\"");
    }

    [Fact]
    public async Task A_model_that_a_later_attempt_begins_with_is_spared_unknown_hints_too()
    {
        var unknown = """{"error":{"message":"no","type":"invalid_request_error","param":"seed","code":"unknown_parameter"}}""";
        await using var picky = await ModelUpstream.StartAsync(Scripts.Whole(400, "application/json", unknown), Scripts.Events(Stream));

        var reply = await AskAsync(Terms() with { FirstModel = 1 }, With("seed"), Catalogs.Rehearsal("fast"), Asking.Define("picky", picky.BaseUrl));

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("picky");
    }
}
