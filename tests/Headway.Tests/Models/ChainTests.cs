using System.Text;
using System.Text.Json.Nodes;
using Headway.Audit;
using Headway.Features;
using Headway.Models;
using Headway.Models.Failover;
using Headway.Tests.Handlers;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Models;

public sealed class ChainTests
{
    private static readonly string Stream = Scripts.Fixture("openai/stream");

    private readonly ManualTime _time = new(Attempts.Start);
    private readonly SeenDisclosures _disclosures = new();
    private readonly StringBuilder _shown = new();

    [Theory]
    [InlineData("rateLimited")]
    [InlineData("unavailable")]
    [InlineData("invalidOutput")]
    [InlineData("empty")]
    public async Task The_next_model_answers_where_one_fails(string failure)
    {
        var reply = await AskAsync(Terms(), Catalogs.Rehearsal("fast", Catalogs.Failing(failure)), Catalogs.Rehearsal("strong"));

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("strong");
        _disclosures.Opened.ShouldBe([new Disclosure("fast", "rehearsal"), new Disclosure("strong", "rehearsal")]);
    }

    [Fact]
    public async Task Once_output_was_shown_nothing_is_spliced_in()
    {
        var reply = await AskAsync(Terms(shows: true), Catalogs.Rehearsal("fast", Catalogs.Failing("cutStream")), Catalogs.Rehearsal("strong"));

        _shown.Length.ShouldBeGreaterThan(0);
        reply.Failure.ShouldNotBeNull().Code.ShouldBe("model-answer-cut");
        _disclosures.Opened.ShouldHaveSingleItem();
        reply.Usage.OutputTokens.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_cut_answer_that_nobody_saw_is_asked_again_of_the_next_and_both_are_paid()
    {
        var reply = await AskAsync(Terms(), Catalogs.Rehearsal("fast", Catalogs.Failing("cutStream")), Catalogs.Rehearsal("strong"));

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("strong");
        reply.Usage.OutputTokens.ShouldBeGreaterThan(reply.Answer!.Usage.OutputTokens);
    }

    [Theory]
    [InlineData(400, "error-context-length", "model-context-length")]
    [InlineData(422, null, "model-bad-request")]
    public async Task What_is_wrong_with_the_input_is_not_routed_around(int status, string? fixture, string code)
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(status, "application/json", fixture is null ? "{}" : Scripts.Fixture($"openai/{fixture}")));

        var reply = await AskAsync(Terms(), Asking.Define("fast", upstream.BaseUrl), Catalogs.Rehearsal("strong"));

        reply.Failure.ShouldNotBeNull().Code.ShouldBe(code);
        upstream.Calls.Count.ShouldBe(1);
        _disclosures.Opened.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_key_that_is_refused_does_not_hide_that_another_model_may_be_asked_again()
    {
        await using var unauthorized = await ModelUpstream.StartAsync(Scripts.Whole(401, "application/json", Scripts.Fixture("openai/error-key")));
        await using var limited = await ModelUpstream.StartAsync(Scripts.Whole(429, "application/json", Scripts.Fixture("openai/error-rate-limit"), ("Retry-After", "9")));

        var reply = await AskAsync(Terms(), Asking.Define("limited", limited.BaseUrl), Asking.Define("unauthorized", unauthorized.BaseUrl));

        var failure = reply.Failure.ShouldNotBeNull();
        failure.Code.ShouldBe("model-rate-limited");
        failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(9));
        failure.Message.ShouldContain("'unauthorized' refused the key");
    }

    [Fact]
    public async Task The_shortest_pause_counts_only_where_every_model_names_one()
    {
        await using var soon = await ModelUpstream.StartAsync(Scripts.Whole(429, null, "", ("Retry-After", "3")));
        await using var late = await ModelUpstream.StartAsync(Scripts.Whole(503, null, "", ("Retry-After", "60")));
        await using var silent = await ModelUpstream.StartAsync(Scripts.Whole(500, null, ""));

        // Too little time is left to ask again.
        var brief = Terms() with { Until = Attempts.Start.AddMilliseconds(100) };
        var named = await AskAsync(brief, Asking.Define("soon", soon.BaseUrl), Asking.Define("late", late.BaseUrl));
        var mixed = await AskAsync(brief, Asking.Define("soon", soon.BaseUrl), Asking.Define("silent", silent.BaseUrl));

        named.Failure!.RetryAfter.ShouldBe(TimeSpan.FromSeconds(3));
        mixed.Failure!.RetryAfter.ShouldBeNull();
    }

    [Fact]
    public async Task A_later_attempt_starts_further_right_and_stays_at_the_last()
    {
        var models = new[] { Catalogs.Rehearsal("fast"), Catalogs.Rehearsal("strong") };

        (await AskAsync(Terms() with { FirstModel = 1 }, models)).Answer!.Model.ShouldBe("strong");
        (await AskAsync(Terms() with { FirstModel = 7 }, models)).Answer!.Model.ShouldBe("strong");
    }

    [Fact]
    public async Task No_further_model_is_asked_when_the_attempt_is_over()
    {
        var slow = Catalogs.Rehearsal("slow", Catalogs.Failing("timeout"));
        var asked = AskAsync(Terms() with { Until = Attempts.Start.AddMilliseconds(200) }, slow, Catalogs.Rehearsal("strong"));
        _time.Advance(TimeSpan.FromMilliseconds(250));

        (await asked).Failure.ShouldNotBeNull().Code.ShouldBe("model-first-token-timeout");
        _disclosures.Opened.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_model_that_may_not_see_the_data_is_passed_over_and_sees_nothing()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Stream));
        var covered = Catalogs.Rehearsal("covered") with { AllowedData = new HashSet<DataClass> { DataClass.Phi } };

        var reply = await AskAsync(Terms() with { Data = DataClass.Phi }, Asking.Define("fast", upstream.BaseUrl), covered);

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("covered");
        upstream.Calls.ShouldBeEmpty();
        _disclosures.Opened.ShouldHaveSingleItem().Recipient.ShouldBe("covered");
    }

    [Fact]
    public async Task Nothing_leaves_when_the_disclosure_cannot_be_recorded()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Stream));
        _disclosures.IsBroken = true;

        await Should.ThrowAsync<IOException>(AskAsync(Terms(), Asking.Define("fast", upstream.BaseUrl)));

        upstream.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_is_looked_up_when_it_is_called()
    {
        var models = new Dictionary<string, ModelDefinition> { ["fast"] = Catalogs.Rehearsal("fast") };
        using var catalog = new ModelCatalog(() => models, _time, new Random(1), NullLoggerFactory.Instance);
        var chain = new ModelChain(catalog, ["fast"]);

        (await chain.AskAsync(Asking.Request(), Terms(), CancellationToken.None)).Usage.Usd.ShouldBe(0);
        models = new() { ["fast"] = Catalogs.Rehearsal("fast") with { Price = new ModelPrice(1, 1) } };
        (await chain.AskAsync(Asking.Request(), Terms(), CancellationToken.None)).Usage.Usd.ShouldBeGreaterThan(0);
        models = [];
        (await chain.AskAsync(Asking.Request(), Terms(), CancellationToken.None)).Failure!.Code.ShouldBe("model-unknown");
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_chain()
    {
        using var left = new CancellationTokenSource();
        var asked = AskAsync(Terms(), Asking.Request(), left.Token, Catalogs.Rehearsal("slow", Catalogs.Failing("timeout")), Catalogs.Rehearsal("strong"));

        await left.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asked);
        _disclosures.Opened.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_model_alone_is_asked_again_after_the_pause_that_it_asks_for_and_not_before()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(429, null, "", ("Retry-After", "3")), Scripts.Events(Stream));

        var asked = AskAsync(Terms(), Asking.Define("fast", upstream.BaseUrl));
        var took = await PassTimeAsync(asked);

        took.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(3));
        took.ShouldBeLessThan(TimeSpan.FromSeconds(4));
        (await asked).Answer.ShouldNotBeNull().Model.ShouldBe("fast");
        upstream.Calls.Count.ShouldBe(2);
        _disclosures.Opened.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_pause_that_is_no_whole_number_of_milliseconds_is_waited_for_to_its_end()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(429, null, "", ("retry-after-ms", "150.4")), Scripts.Events(Stream));

        var asked = AskAsync(Terms(), Asking.Define("fast", upstream.BaseUrl));
        // The limits of the model are longer than a second: a shorter wait is the pause.
        while (!asked.IsCompleted && _time.Waits is not [{ Left.TotalSeconds: < 1 }]) await Task.Yield();
        _time.Waits.ShouldHaveSingleItem().Left.ShouldBe(TimeSpan.FromMilliseconds(151));
        _time.Advance(TimeSpan.FromMilliseconds(151));

        (await asked).Answer.ShouldNotBeNull().Model.ShouldBe("fast");
        upstream.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_model_that_fails_for_ever_is_asked_three_times()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(500, null, ""));

        var asked = AskAsync(Terms(), Asking.Define("fast", upstream.BaseUrl));
        (await PassTimeAsync(asked)).ShouldBeLessThan(TimeSpan.FromSeconds(1));

        (await asked).Failure.ShouldNotBeNull().Code.ShouldBe("model-unavailable");
        upstream.Calls.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_model_that_is_silent_beyond_half_of_the_time_makes_room_for_the_next()
    {
        await using var silent = await ModelUpstream.StartAsync(Scripts.Silence());
        await using var strong = await ModelUpstream.StartAsync(Scripts.Events(Stream));
        // The limit on the first token is 4 s.
        var asked = AskAsync(Terms() with { Until = Attempts.Start.AddSeconds(3) }, Asking.Define("silent", silent.BaseUrl), Asking.Define("strong", strong.BaseUrl));
        await silent.ArrivedAsync(1);

        _time.Advance(TimeSpan.FromMilliseconds(1499));
        strong.Calls.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        (await asked).Answer.ShouldNotBeNull().Model.ShouldBe("strong");
    }

    [Fact]
    public async Task An_answer_that_stalls_unseen_makes_room_for_the_next()
    {
        await using var stalls = await ModelUpstream.StartAsync(Scripts.StallAfter(Stream.Before("twice"), new TaskCompletionSource().Task));
        await using var strong = await ModelUpstream.StartAsync(Scripts.Events(Stream));

        // The limit on silence is 10 s, and the attempt has 5.
        var asked = AskAsync(Terms() with { Until = Attempts.Start.AddSeconds(5) }, Asking.Define("stalls", stalls.BaseUrl, firstToken: 1), Asking.Define("strong", strong.BaseUrl));
        while (!_time.Waits.Any(wait => wait.For == TimeSpan.FromSeconds(2.5))) await Task.Yield();
        _time.Advance(TimeSpan.FromSeconds(2.5));

        (await asked).Answer.ShouldNotBeNull().Model.ShouldBe("strong");
    }

    [Fact]
    public async Task Callers_with_little_time_do_not_take_a_model_from_all_others()
    {
        await using var slow = await ModelUpstream.StartAsync(Scripts.Silence());
        using var catalog = Catalogs.Of(_time, Asking.Define("slow", slow.BaseUrl), Catalogs.Rehearsal("strong"));
        var chain = new ModelChain(catalog, ["slow", "strong"]);

        for (var call = 1; call <= ModelHealth.OpensAfter + 1; call++)
        {
            var asked = chain.AskAsync(Asking.Request(), Terms() with { Until = _time.GetUtcNow().AddSeconds(1) }, CancellationToken.None);
            await slow.ArrivedAsync(call);
            _time.Advance(TimeSpan.FromSeconds(0.5));
            (await asked).Answer.ShouldNotBeNull().Model.ShouldBe("strong");
        }
    }

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

    [Fact]
    public async Task A_held_answer_that_is_cut_is_given_whole_by_the_next_model()
    {
        await using var cut = await ModelUpstream.StartAsync(Scripts.Events(Stream.Before("twice")));

        var reply = await AskAsync(Terms(shows: true) with { Hold = true }, Asking.Define("fast", cut.BaseUrl), Catalogs.Rehearsal("strong"));

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("strong");
        _shown.ToString().ShouldBe(reply.Answer!.Text);
        reply.Usage.OutputTokens.ShouldBeGreaterThan(reply.Answer.Usage.OutputTokens);
    }

    [Fact]
    public async Task A_held_answer_that_nobody_can_give_is_never_shown()
    {
        await using var cut = await ModelUpstream.StartAsync(Scripts.Events(Stream.Before("twice")));

        var reply = await AskAsync(Terms(shows: true) with { Hold = true, Until = Attempts.Start.AddMilliseconds(100) }, Asking.Define("fast", cut.BaseUrl));

        reply.Failure.ShouldNotBeNull().Code.ShouldBe("model-answer-cut");
        _shown.Length.ShouldBe(0);
    }

    [Fact]
    public async Task An_answer_that_breaks_its_schema_goes_back_to_the_model_with_what_is_wrong()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Stream), Scripts.Events(Scripts.Fixture("openai/stream-json")));

        var reply = await AskAsync(Terms() with { Judge = JsonOnly }, Asking.Define("fast", upstream.BaseUrl));

        reply.Answer.ShouldNotBeNull().Text.ShouldStartWith("{");
        upstream.Calls[1].Body.ShouldContain("\"role\":\"assistant\"");
        upstream.Calls[1].Body.ShouldContain("no object");
        reply.Usage.OutputTokens.ShouldBeGreaterThan(reply.Answer!.Usage.OutputTokens);
    }

    [Fact]
    public async Task A_second_broken_answer_goes_to_the_next_model()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Stream));
        await using var strong = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-json")));

        var reply = await AskAsync(Terms() with { Judge = JsonOnly }, Asking.Define("fast", upstream.BaseUrl), Asking.Define("strong", strong.BaseUrl));

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("strong");
        upstream.Calls.Count.ShouldBe(2);
        strong.Calls.ShouldHaveSingleItem().Body.ShouldNotContain("no object");
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
    public async Task A_model_whose_api_cannot_express_the_request_is_passed_by_and_sees_nothing()
    {
        await using var claude = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("anthropic/stream")));
        await using var other = await ModelUpstream.StartAsync(Scripts.Events(Stream));

        var reply = await AskAsync(Terms(), With("logit_bias"), Asking.Define("claude", claude.BaseUrl) with { Provider = "anthropic" }, Asking.Define("other", other.BaseUrl));

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("other");
        claude.Calls.ShouldBeEmpty();
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

    [Fact]
    public async Task A_model_that_is_down_is_passed_by_and_is_back_within_half_a_minute_of_its_recovery()
    {
        var up = false;
        await using var fast = await ModelUpstream.StartAsync(context => (Volatile.Read(ref up) ? Scripts.Events(Stream) : Scripts.Whole(503, null, ""))(context));
        using var catalog = Catalogs.Of(_time, Asking.Define("fast", fast.BaseUrl), Catalogs.Rehearsal("strong"));
        var chain = new ModelChain(catalog, ["fast", "strong"]);

        for (var second = 0; second < 60; second++) (await CallAsync()).ShouldBe("strong");
        fast.Calls.Count.ShouldBeLessThan(12);
        Volatile.Write(ref up, true);
        var seconds = 0;
        while (await CallAsync() != "fast") seconds++;

        seconds.ShouldBeLessThan(30);
        (await CallAsync()).ShouldBe("fast");

        async Task<string> CallAsync()
        {
            var reply = await chain.AskAsync(Asking.Request(), Terms() with { Until = _time.GetUtcNow().AddSeconds(30) }, CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(1));
            return reply.Answer.ShouldNotBeNull().Model;
        }
    }

    private static ModelRequest With(string parameter) => Asking.Request(body: $$"""{"messages":[{"role":"user","content":"?"}],"{{parameter}}":1}""");

    private static ModelFault? JsonOnly(ModelDefinition model, ModelAnswer answer) => answer.Text.StartsWith('{')
        ? null
        : Faults.Of(model, "output-invalid", FailureKind.InvalidOutput, "is no object") with { Repair = new Repair(answer.Text, "That is no object.") };

    /// <summary>Moves the clock by small steps whenever the chain does nothing but wait for it, until it has ended.</summary>
    /// <returns>How long that took by the clock.</returns>
    private async Task<TimeSpan> PassTimeAsync(Task asked)
    {
        var began = _time.GetUtcNow();
        while (!asked.IsCompleted)
        {
            // Beside a pause no timer runs; those of a call under way are more than one.
            if (_time.Timers == 1) _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
        return _time.GetUtcNow() - began;
    }

    private Task<ChainReply> AskAsync(ChainTerms terms, params ModelDefinition[] models) => AskAsync(terms, Asking.Request(), models);

    private Task<ChainReply> AskAsync(ChainTerms terms, ModelRequest request, params ModelDefinition[] models) => AskAsync(terms, request, CancellationToken.None, models);

    private async Task<ChainReply> AskAsync(ChainTerms terms, ModelRequest body, CancellationToken stop, params ModelDefinition[] models)
    {
        using var catalog = Catalogs.Of(_time, models);
        var request = body with { Input = Encoding.UTF8.GetBytes(new JsonObject { ["text"] = "The wound heals well." }.ToJsonString()) };
        return await new ModelChain(catalog, [.. models.Select(model => model.Name)]).AskAsync(request, terms, stop);
    }

    private ChainTerms Terms(bool shows = false) => new()
    {
        Until = Attempts.Start.AddSeconds(30),
        Data = DataClass.Internal,
        Disclosures = _disclosures,
        Show = shows ? Show : null,
        Shown = () => _shown.Length > 0,
    };

    private ValueTask Show(ModelPiece piece, CancellationToken stop)
    {
        _shown.Append(piece.Text);
        return ValueTask.CompletedTask;
    }
}
