using System.Text.Json;
using Headway.Handlers;
using Headway.Handlers.Http;

namespace Headway.Tests.Handlers.Http;

/// <summary>When calls go together, and who is in the request.</summary>
public sealed class HttpGroupTests
{
    [Fact]
    public async Task A_call_that_finds_nothing_under_way_goes_at_once_and_waits_for_no_clock()
    {
        await using var service = await GroupService.StartAsync();
        var alone = service.CallAsync("7");
        service.Time.Timers.ShouldBe(0);
        (await service.NextAsync()).Echo();
        (await alone).Text().ShouldBe("7");

        // The same after that: the clock stands still, and each arrives.
        for (var call = 0; call < 3; call++)
        {
            alone = service.CallAsync("8");
            (await service.NextAsync()).Echo();
            (await alone).Text().ShouldBe("8");
        }
    }

    [Fact]
    public async Task Calls_that_come_while_one_is_under_way_go_together_when_it_ends()
    {
        await using var service = await GroupService.StartAsync();
        var (request, calls) = await service.GroupAsync("1", """{"a":"ä"}""", "[3]");

        request.Inputs.ShouldBe(["1", """{"a":"ä"}""", "[3]"]);
        request.Say("""{"predictions":["eins",null,{"drei":3}],"deployed":"v2"}""");

        (await Task.WhenAll(calls)).Select(outcome => outcome.Text()).ShouldBe(["\"eins\"", "null", """{"drei":3}"""]);
        (await calls[0]).ShouldBeOfType<Outcome.Done>().Result.MediaType.ShouldBe(Result.Json);
    }

    [Fact]
    public async Task A_group_that_is_full_waits_no_longer()
    {
        await using var service = await GroupService.StartAsync(upTo: 3);
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        Task<Outcome>[] calls = [.. Enumerable.Range(1, 3).Select(input => service.CallAsync($"{input}"))];

        var full = await service.NextAsync();
        full.Inputs.ShouldBe(["1", "2", "3"]);
        service.Time.Timers.ShouldBe(0);
        full.Echo();
        (await Task.WhenAll(calls)).Select(outcome => outcome.Text()).ShouldBe(["1", "2", "3"]);
        first.IsCompleted.ShouldBeFalse();
        alone.Echo();
        await first;
    }

    [Fact]
    public async Task A_call_waits_for_others_at_most_as_long_as_the_file_says()
    {
        await using var service = await GroupService.StartAsync();
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        var second = service.CallAsync("1");
        service.Time.Advance(GroupService.Within / 2);
        var third = service.CallAsync("2");
        service.Service.Calls.Count.ShouldBe(1);

        service.Time.Advance(GroupService.Within / 2);

        var request = await service.NextAsync();
        request.Inputs.ShouldBe(["1", "2"]);
        request.Echo();
        (await second).Text().ShouldBe("1");
        (await third).Text().ShouldBe("2");
        alone.Echo();
        await first;
    }

    [Fact]
    public async Task The_service_learns_of_each_job_and_of_the_group()
    {
        await using var service = await GroupService.StartAsync();
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        var (one, two) = (new Attempts(), new Attempts());
        var calls = Task.WhenAll(
            service.CallAsync(one.Make(service.Version, "1", number: 2, subject: "encounter/8812", deadline: Attempts.Start.AddSeconds(9))),
            service.CallAsync(two.Make(service.Version, "2")));
        alone.Echo();
        await first;
        var request = await service.NextAsync();
        request.Echo();
        await calls;

        request.Headers["Headway-Group"].ShouldBe("2");
        request.Headers["Headway-Feature"].ShouldBe("sample@1");
        request.Headers["Headway-Tenant"].ShouldBe("default");
        request.Headers["Headway-Deadline"].ShouldBe("2026-03-02T09:00:30.000Z");
        request.Headers.Keys.ShouldNotContain("traceparent");
        alone.Headers["Headway-Group"].ShouldBe("1");
        alone.Headers.Keys.ShouldContain("traceparent");
        request.Jobs.ShouldBe([one.Job.ToString(), two.Job.ToString()]);
        using var body = JsonDocument.Parse(request.Body);
        body.RootElement.GetProperty("jobs")[0].GetRawText().ShouldBe(
            $$"""{"id":"{{one.Job}}","attempt":2,"subject":"encounter/8812","deadline":"2026-03-02T09:00:09.000Z","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}""");
    }

    [Fact]
    public async Task Tenants_and_versions_never_share_a_request()
    {
        await using var service = await GroupService.StartAsync();
        var other = service.Version with { Number = 2 };
        Task<Outcome>[] calls =
        [
            service.CallAsync("1"),
            service.CallAsync(new Attempts().Make(service.Version, "2", tenant: "acme")),
            service.CallAsync(new Attempts().Make(other, "3")),
        ];

        // All three are first of their own, so none waits for another.
        GroupRequest[] requests = [await service.NextAsync(), await service.NextAsync(), await service.NextAsync()];
        requests.Select(request => request.Inputs.ShouldHaveSingleItem()).ShouldBe(["1", "2", "3"], ignoreOrder: true);
        foreach (var request in requests) request.Echo();
        (await Task.WhenAll(calls)).Select(outcome => outcome.Text()).ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public async Task The_bodies_of_a_group_are_bounded_and_what_is_larger_goes_alone()
    {
        await using var service = await GroupService.StartAsync();
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        var half = $"\"{new string('a', HttpGroups.MostBytes / 2)}\"";
        var small = service.CallAsync("1");
        var large = service.CallAsync(half);
        var larger = service.CallAsync(half);

        // The second half did not fit: it opened the next group, and the one before it left.
        var before = await service.NextAsync();
        before.Inputs.ShouldBe(["1", half]);
        before.Echo();
        await Task.WhenAll(small, large);
        alone.Echo();
        await first;
        var after = await service.NextAsync();
        after.Inputs.ShouldBe([half]);
        after.Echo();
        (await larger).Text().ShouldBe(half);
    }

    [Fact]
    public async Task Files_cannot_be_put_together_and_go_as_they_do_without_groups()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        var version = Attempts.Version(service.Definition() with { Group = new Headway.Features.GroupOptions(8, GroupService.Within) });
        var file = new InputFile("scan", "a.png", "image/png", 3, new byte[32], _ => ValueTask.FromResult<Stream>(new MemoryStream([1, 2, 3])));

        (await service.CallAsync(service.Attempts.Make(version, files: [file]))).Text().ShouldBe("1");

        var seen = service.Calls.ShouldHaveSingleItem();
        seen.Headers["Content-Type"].ShouldStartWith("multipart/form-data");
        seen.Headers.Keys.ShouldNotContain("Headway-Group");
    }

    [Fact]
    public async Task The_last_of_several_attempts_goes_alone_so_that_no_job_dies_of_its_neighbours()
    {
        await using var service = await GroupService.StartAsync();
        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        var gathering = service.CallAsync(new Attempts().Make(service.Version, "1", number: service.Version.Retry.FewestOfService - 1));
        var last = service.CallAsync(new Attempts().Make(service.Version, "2", number: service.Version.Retry.FewestOfService));

        var request = await service.NextAsync();
        request.Inputs.ShouldBe(["2"]);
        request.Echo();
        (await last).Text().ShouldBe("2");
        alone.Echo();
        await first;
        (await service.NextAsync()).Echo();
        (await gathering).Text().ShouldBe("1");
    }
}
