using Headway.Audit;
using Headway.Features;
using Headway.Models;
using Headway.Tests.Handlers;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Models;

public sealed class ChainTests : ChainCase
{
    [Theory]
    [InlineData("rateLimited")]
    [InlineData("unavailable")]
    [InlineData("invalidOutput")]
    [InlineData("empty")]
    public async Task The_next_model_answers_where_one_fails(string failure)
    {
        var reply = await AskAsync(Terms(), Catalogs.Rehearsal("fast", Catalogs.Failing(failure)), Catalogs.Rehearsal("strong"));

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("strong");
        Disclosures.Opened.ShouldBe([new Disclosure("fast", "rehearsal"), new Disclosure("strong", "rehearsal")]);
    }

    [Fact]
    public async Task Once_output_was_shown_nothing_is_spliced_in()
    {
        var reply = await AskAsync(Terms(shows: true), Catalogs.Rehearsal("fast", Catalogs.Failing("cutStream")), Catalogs.Rehearsal("strong"));

        ShownText.Length.ShouldBeGreaterThan(0);
        reply.Failure.ShouldNotBeNull().Code.ShouldBe("model-answer-cut");
        Disclosures.Opened.ShouldHaveSingleItem();
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
        Disclosures.Opened.ShouldHaveSingleItem();
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
        Time.Advance(TimeSpan.FromMilliseconds(250));

        (await asked).Failure.ShouldNotBeNull().Code.ShouldBe("model-first-token-timeout");
        Disclosures.Opened.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_model_that_may_not_see_the_data_is_passed_over_and_sees_nothing()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Stream));
        var covered = Catalogs.Rehearsal("covered") with { AllowedData = new HashSet<DataClass> { DataClass.Phi } };

        var reply = await AskAsync(Terms() with { Data = DataClass.Phi }, Asking.Define("fast", upstream.BaseUrl), covered);

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("covered");
        upstream.Calls.ShouldBeEmpty();
        Disclosures.Opened.ShouldHaveSingleItem().Recipient.ShouldBe("covered");
    }

    [Fact]
    public async Task Nothing_leaves_when_the_disclosure_cannot_be_recorded()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Stream));
        Disclosures.IsBroken = true;

        await Should.ThrowAsync<IOException>(AskAsync(Terms(), Asking.Define("fast", upstream.BaseUrl)));

        upstream.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_is_looked_up_when_it_is_called()
    {
        var models = new Dictionary<string, ModelDefinition> { ["fast"] = Catalogs.Rehearsal("fast") };
        using var catalog = new ModelCatalog(() => models, Time, new Random(1), NullLoggerFactory.Instance);
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
        Disclosures.Opened.ShouldHaveSingleItem();
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
        Disclosures.Opened.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_pause_that_is_no_whole_number_of_milliseconds_is_waited_for_to_its_end()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(429, null, "", ("retry-after-ms", "150.4")), Scripts.Events(Stream));

        var asked = AskAsync(Terms(), Asking.Define("fast", upstream.BaseUrl));
        // The limits of the model are longer than a second: a shorter wait is the pause.
        while (!asked.IsCompleted && Time.Waits is not [{ Left.TotalSeconds: < 1 }]) await Task.Yield();
        Time.Waits.ShouldHaveSingleItem().Left.ShouldBe(TimeSpan.FromMilliseconds(151));
        Time.Advance(TimeSpan.FromMilliseconds(151));

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
    public async Task A_held_answer_that_is_cut_is_given_whole_by_the_next_model()
    {
        await using var cut = await ModelUpstream.StartAsync(Scripts.Events(Stream.Before("twice")));

        var reply = await AskAsync(Terms(shows: true) with { Hold = true }, Asking.Define("fast", cut.BaseUrl), Catalogs.Rehearsal("strong"));

        reply.Answer.ShouldNotBeNull().Model.ShouldBe("strong");
        ShownText.ToString().ShouldBe(reply.Answer!.Text);
        reply.Usage.OutputTokens.ShouldBeGreaterThan(reply.Answer.Usage.OutputTokens);
    }

    [Fact]
    public async Task A_held_answer_that_nobody_can_give_is_never_shown()
    {
        await using var cut = await ModelUpstream.StartAsync(Scripts.Events(Stream.Before("twice")));

        var reply = await AskAsync(Terms(shows: true) with { Hold = true, Until = Attempts.Start.AddMilliseconds(100) }, Asking.Define("fast", cut.BaseUrl));

        reply.Failure.ShouldNotBeNull().Code.ShouldBe("model-answer-cut");
        ShownText.Length.ShouldBe(0);
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
    public async Task A_model_that_is_down_is_passed_by_and_is_back_within_half_a_minute_of_its_recovery()
    {
        var up = false;
        await using var fast = await ModelUpstream.StartAsync(context => (Volatile.Read(ref up) ? Scripts.Events(Stream) : Scripts.Whole(503, null, ""))(context));
        using var catalog = Catalogs.Of(Time, Asking.Define("fast", fast.BaseUrl), Catalogs.Rehearsal("strong"));
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
            var reply = await chain.AskAsync(Asking.Request(), Terms() with { Until = Time.GetUtcNow().AddSeconds(30) }, CancellationToken.None);
            Time.Advance(TimeSpan.FromSeconds(1));
            return reply.Answer.ShouldNotBeNull().Model;
        }
    }
}
