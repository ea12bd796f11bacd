using Headway.Handlers;

namespace Headway.Tests.Handlers.Http;

/// <summary>What an answer to a group means to each of its members.</summary>
public sealed class HttpGroupAnswerTests
{
    [Theory]
    [InlineData("\"status\":422,\"detail\":\"The dose is missing.\"", "input-refused", false, null)]
    [InlineData("\"status\":404", "handler-refused", false, null)]
    [InlineData("\"status\":429,\"retryAfter\":7", "handler-rate-limited", true, 7)]
    [InlineData("\"status\":503,\"retryAfter\":99999999", "handler-unavailable", true, 86400)]
    [InlineData("\"status\":500,\"retryAfter\":7", "handler-error", true, null)]
    [InlineData("\"title\":\"oops\"", "handler-error", true, null)]
    public async Task An_error_of_one_member_is_its_own_and_means_what_its_status_means_to_a_single_call(string error, string code, bool retryable, int? retryAfter)
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", "2", "3");
        request.Say($$"""{"predictions":[10,null,30],"errors":[{"index":1,{{error}}}]}""");

        var failure = (await calls[1]).Failure();
        (await calls[0]).Text().ShouldBe("10");
        (await calls[2]).Text().ShouldBe("30");
        failure.Code.ShouldBe(code);
        failure.Retryable.ShouldBe(retryable);
        failure.RetryAfter.ShouldBe(retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        if (error.Contains("detail", StringComparison.Ordinal)) failure.Message.ShouldEndWith("The dose is missing.");
        failure.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_member_can_be_told_not_yet()
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", "2");
        request.Say("""{"predictions":[10,null],"errors":[{"index":1,"status":202,"retryAfter":30}]}""");

        (await calls[0]).Text().ShouldBe("10");
        (await calls[1]).ShouldBe(new Outcome.Snooze(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData("""{"predictions":[1,2],"errors":[{"index":1,"status":202}]}""", "`status` is none")]
    [InlineData("""{"predictions":[1]}""", "1 predictions")]
    [InlineData("""{"predictions":[1,2,3]}""", "3 predictions")]
    [InlineData("[1,2]", "without a list of `predictions`")]
    [InlineData("""{"prediction":[1,2]}""", "without a list of `predictions`")]
    [InlineData("""{"predictions":{"0":1,"1":2}}""", "without a list of `predictions`")]
    [InlineData("""{"predictions":[1,2],"errors":{"1":"no"}}""", "`errors` that are no list")]
    [InlineData("""{"predictions":[1,2],"errors":[{"status":422}]}""", "does not say whose it is")]
    [InlineData("""{"predictions":[1,2],"errors":[{"index":2,"status":422}]}""", "does not say whose it is")]
    [InlineData("""{"predictions":[1,2],"errors":[{"index":-1,"status":422}]}""", "does not say whose it is")]
    [InlineData("""{"predictions":[1,2],"errors":[{"index":0.5,"status":422}]}""", "does not say whose it is")]
    [InlineData("""{"predictions":[1,2],"errors":[{"index":1,"status":422},{"index":1,"status":503}]}""", "does not say whose it is")]
    [InlineData("""{"predictions":[1,2],"errors":[{"index":1,"status":200}]}""", "`status` is none")]
    [InlineData("""{"predictions":[1,2""", "not JSON")]
    public async Task An_answer_that_leaves_open_whose_part_is_whose_gives_nobody_anything(string answer, string says)
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", "2");
        request.Say(answer);

        foreach (var outcome in await Task.WhenAll(calls))
        {
            outcome.Failure().Code.ShouldBe("handler-answer-invalid");
            outcome.Failure().Retryable.ShouldBeTrue();
            outcome.Failure().Message.ShouldContain(says);
            outcome.Failure().Message.ShouldContain("/work");
        }
        service.Service.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_stream_is_no_answer_to_a_group()
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", "2");
        request.Say("data: Take\n\n", type: "text/event-stream");

        foreach (var outcome in await Task.WhenAll(calls)) outcome.Failure().Message.ShouldContain("take `group` from the handler");
    }

    [Theory]
    [InlineData(429, "handler-rate-limited")]
    [InlineData(503, "handler-unavailable")]
    public async Task A_service_that_wants_a_rest_is_left_alone_by_all_of_the_group(int status, string code)
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", "2");
        request.Say("", status, retryAfter: "7");

        foreach (var outcome in await Task.WhenAll(calls))
        {
            outcome.Failure().Code.ShouldBe(code);
            outcome.Failure().RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        }
        service.Service.Calls.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(302, "handler-redirected")]
    [InlineData(502, "handler-error")]
    public async Task What_cannot_be_the_fault_of_one_input_is_not_asked_again(int status, string code)
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", "2");
        request.Say("", status);

        foreach (var outcome in await Task.WhenAll(calls)) outcome.Failure().Code.ShouldBe(code);
        service.Service.Calls.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(400, "input-refused")]
    [InlineData(404, "handler-refused")]
    [InlineData(422, "input-refused")]
    [InlineData(500, "handler-error")]
    public async Task One_bad_input_for_which_all_were_refused_fails_alone(int status, string code)
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", "-2", "3");
        request.Say("", status);
        for (var single = 0; single < 3; single++)
        {
            var one = await service.NextAsync();
            if (one.Inputs.ShouldHaveSingleItem() == "-2") one.Say("", status);
            else one.Echo();
        }

        (await calls[0]).Text().ShouldBe("1");
        (await calls[1]).Failure().Code.ShouldBe(code);
        (await calls[2]).Text().ShouldBe("3");
    }

    [Fact]
    public async Task An_answer_beyond_the_cap_is_asked_for_piece_by_piece()
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", "2");
        request.Say(context =>
        {
            context.Response.ContentLength = ResultSize.Largest + 1;
            return context.Response.Body.FlushAsync(context.RequestAborted);
        });
        (await service.NextAsync()).Echo();
        (await service.NextAsync()).Echo();

        (await Task.WhenAll(calls)).Select(outcome => outcome.Text()).ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task A_connection_that_breaks_fails_each_member_and_may_be_tried_again()
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", "2");
        request.Say(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        foreach (var outcome in await Task.WhenAll(calls)) outcome.Failure().Kind.ShouldBe(FailureKind.Unavailable);
        service.Service.Calls.Count.ShouldBe(2);
    }
}
