using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Headway.AspNetCore.Tests.Cli;
using Headway.Tests;

namespace Headway.AspNetCore.Tests.Jobs;

public sealed class GapTests : IAsyncLifetime
{
    private const string File = "features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code } }";

    private readonly ManualTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private HeadwayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(File, app => app.MapFeature<string, string>("work", (text, _, _) => Task.FromResult(text)), time: _time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Jobs_that_are_late_are_listed_in_pages_with_what_they_wait_for()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            using var later = new HttpRequestMessage(HttpMethod.Post, "/v1/features/work") { Content = JsonContent.Create("x"), Headers = { { "Headway-Start-At", "1h" } } };
            ids.Add(JsonElement.Parse(await (await _host.Http.SendAsync(later)).Content.ReadAsStringAsync()).GetProperty("id").GetString()!);
        }
        await _host.Engine.Oversight.Reconciler.Queue.StepAsync(_time.GetUtcNow().AddMinutes(5).ToUnixTimeMilliseconds());

        var first = JsonElement.Parse(await _host.Http.GetStringAsync("/v1/admin/gaps?kind=overdue&limit=2"));
        var second = JsonElement.Parse(await _host.Http.GetStringAsync($"/v1/admin/gaps?kind=overdue&limit=2&cursor={first.GetProperty("next").GetString()}"));

        var gaps = first.GetProperty("gaps").EnumerateArray().Concat(second.GetProperty("gaps").EnumerateArray()).ToList();
        gaps.Select(gap => gap.GetProperty("job").GetString()).ShouldBe(ids, ignoreOrder: true);
        gaps[0].GetProperty("waitingFor").GetProperty("code").GetString().ShouldBe("start-time");
        second.TryGetProperty("next", out _).ShouldBeFalse();

        var listed = await CommandLine.RunAsync(["gaps", "list", "--server", _host.Http.BaseAddress!.ToString()]);
        listed.Lines[0].ShouldBe("KIND\tWHAT\tJOBS\tFOUND\tSTATE\tTEXT");
        listed.Lines.Count.ShouldBe(4);
        listed.Lines[1].ShouldMatch("^overdue\tjob_[0-9a-f]{32}\t1\t.*\topen\tIt was accepted and has not ended within deliverWithin. It was asked to start at .*$");
    }

    [Theory]
    [InlineData("kind=late", "filter-invalid", "kind=late is no kind of gap.")]
    [InlineData("all=yes", "filter-invalid", "all is true or false.")]
    [InlineData("limit=0", "filter-invalid", "limit is a number from 1 to 200.")]
    [InlineData("state=open", "filter-invalid", "\"state\" is not a filter.")]
    [InlineData("cursor=7", "cursor-invalid", "The cursor was not given out")]
    public async Task A_filter_that_is_broken_is_told(string query, string code, string detail)
    {
        var problem = await (await _host.Http.GetAsync("/v1/admin/gaps?" + query)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, code);
        problem.GetProperty("detail").GetString()!.ShouldContain(detail);
    }
}
