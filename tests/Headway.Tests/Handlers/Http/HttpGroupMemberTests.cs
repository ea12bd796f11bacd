using Headway.Audit;
using Headway.Handlers.Http;

namespace Headway.Tests.Handlers.Http;

/// <summary>Each member of a group has its own caller, its own timeout and its own record; the circuit has one for all.</summary>
public sealed class HttpGroupMemberTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Who_leaves_before_the_group_is_sent_is_not_in_it_and_nothing_of_theirs_is_disclosed()
    {
        await using var service = await GroupService.StartAsync();
        using var stop = new CancellationTokenSource();
        var gone = new Attempts();
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        var leaving = service.CallAsync(gone.Make(service.Version, "1"), stop.Token);
        var staying = service.CallAsync("2");

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => leaving);
        alone.Echo();
        await first;

        var request = await service.NextAsync();
        request.Inputs.ShouldBe(["2"]);
        request.Echo();
        (await staying).Text().ShouldBe("2");
        gone.Disclosures.Opened.ShouldBeEmpty();
    }

    [Fact]
    public async Task When_all_leave_before_they_are_sent_nothing_is_sent()
    {
        await using var service = await GroupService.StartAsync();
        using var stop = new CancellationTokenSource();
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        var leaving = service.CallAsync("1", stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => leaving);
        alone.Echo();
        await first;

        var next = service.CallAsync("2");
        var request = await service.NextAsync();
        request.Inputs.ShouldBe(["2"]);
        request.Echo();
        (await next).Text().ShouldBe("2");
        service.Service.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Who_times_out_after_the_group_was_sent_ends_in_time_and_the_others_get_theirs()
    {
        await using var service = await GroupService.StartAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1), service.Time);
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        var slow = service.CallAsync("1", timeout.Token);
        var staying = service.CallAsync("2");
        alone.Echo();
        await first;
        var request = await service.NextAsync();

        service.Time.Advance(TimeSpan.FromSeconds(1));

        await Should.ThrowAsync<OperationCanceledException>(() => slow);
        staying.IsCompleted.ShouldBeFalse();
        request.Echo();
        (await staying).Text().ShouldBe("2");
    }

    [Fact]
    public async Task When_the_last_member_leaves_the_request_is_ended_at_once_and_not_before()
    {
        await using var service = await GroupService.StartAsync();
        using var one = new CancellationTokenSource();
        using var two = new CancellationTokenSource();
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        Task[] calls = [service.CallAsync("1", one.Token), service.CallAsync("2", two.Token)];
        alone.Echo();
        await first;
        var request = await service.NextAsync();

        await one.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => calls[0]);
        request.Aborted.IsCompleted.ShouldBeFalse();
        await two.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => calls[1]);
        await request.Aborted.WaitAsync(Patience);
        request.Echo();

        // The queue goes on as if nothing had been.
        var next = service.CallAsync("3");
        (await service.NextAsync()).Echo();
        (await next).Text().ShouldBe("3");
    }

    [Fact]
    public async Task Each_member_is_disclosed_and_whose_record_fails_is_not_sent()
    {
        await using var service = await GroupService.StartAsync();
        var (good, broken) = (new Attempts(), new Attempts());
        broken.Disclosures.IsBroken = true;
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        var failing = service.CallAsync(broken.Make(service.Version, "1"));
        var going = service.CallAsync(good.Make(service.Version, "2"));
        alone.Echo();
        await first;

        await Should.ThrowAsync<IOException>(() => failing);
        var request = await service.NextAsync();
        request.Inputs.ShouldBe(["2"]);
        good.Disclosures.Opened.ShouldHaveSingleItem().ShouldBe(new Disclosure(service.Service.Url.GetLeftPart(UriPartial.Path), "http"));
        request.Echo();
        (await going).Text().ShouldBe("2");
    }

    [Fact]
    public async Task A_group_counts_once_for_the_circuit_and_while_it_is_open_nothing_is_sent_or_disclosed()
    {
        await using var service = await GroupService.StartAsync();
        // A group needs a call before it, which succeeds: so each round is one success and one failure, however many members fail.
        for (var round = 1; round <= HttpUpstream.FewestCalls / 2; round++)
        {
            var (request, calls) = await service.GroupAsync("1", "2", "3", "4");
            request.Say("", 503);
            foreach (var outcome in await Task.WhenAll(calls)) outcome.Failure().Code.ShouldBe("handler-unavailable", $"in round {round}");
        }

        var refused = new Attempts();
        (await service.CallAsync(refused.Make(service.Version))).Failure().Code.ShouldBe("handler-circuit-open");
        refused.Disclosures.Opened.ShouldBeEmpty();
        service.Service.Calls.Count.ShouldBe(HttpUpstream.FewestCalls);
    }

    [Fact]
    public async Task A_group_of_which_a_part_succeeds_is_no_sign_of_a_service_that_is_down()
    {
        await using var service = await GroupService.StartAsync();
        for (var round = 0; round < HttpUpstream.FewestCalls; round++)
        {
            var (request, calls) = await service.GroupAsync("1", "2", "3");
            request.Say("""{"predictions":[null,2,null],"errors":[{"index":0,"status":500},{"index":2,"status":503}]}""");
            (await calls[1]).Text().ShouldBe("2");
            await Task.WhenAll(calls);
        }
        service.Service.Calls.Count.ShouldBe(2 * HttpUpstream.FewestCalls);
    }

    [Fact]
    public async Task A_missing_header_variable_fails_all_of_the_group_before_anything_is_sent_or_disclosed()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        var definition = service.Definition(("Authorization", "Bearer ${HEADWAY_NO_SUCH_KEY}")) with { Group = new Headway.Features.GroupOptions(8, GroupService.Within) };

        (await service.CallAsync(service.Attempts.Make(Attempts.Version(definition)))).Failure().Code.ShouldBe("handler-header-missing");
        service.Calls.ShouldBeEmpty();
        service.Attempts.Disclosures.Opened.ShouldBeEmpty();
    }
}
