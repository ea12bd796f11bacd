using System.Net;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Jobs;

public sealed class JobListTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        var accepted = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var answer = await edge.Http.SendAsync(Call("later", "{}", ("Headway-Subject", "pages")));
            accepted.Add((await answer.JsonAsync()).GetProperty("id").GetString()!);
        }

        var listed = new List<string>();
        var next = "";
        do
        {
            var page = await (await edge.Http.GetAsync($"/v1/jobs?subject=pages&limit=2{next}")).JsonAsync();
            page.GetProperty("jobs").GetArrayLength().ShouldBeInRange(1, 2);
            listed.AddRange(page.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetString()!));
            next = page.TryGetProperty("next", out var cursor) ? $"&cursor={cursor.GetString()}" : null;
        }
        while (next is not null);

        // Of two in one millisecond either may be the newer.
        listed.ShouldBe(accepted.OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_filter_narrows_the_list()
    {
        await edge.Http.SendAsync(Call("later", "{}", ("Headway-Subject", "filters"), ("Headway-Metadata", """{"ward":"7"}"""), ("Headway-Start-At", "2h")));

        (await CountAsync("subject=filters")).ShouldBe(1);
        (await CountAsync("subject=filters&feature=later")).ShouldBe(1);
        (await CountAsync("subject=filters&feature=echo")).ShouldBe(0);
        (await CountAsync("subject=filters&state=scheduled")).ShouldBe(1);
        (await CountAsync("subject=filters&state=dead")).ShouldBe(0);
        (await CountAsync("subject=filters&q=ward%3D7")).ShouldBe(1);
        (await CountAsync("subject=filters&q=ward%3D8")).ShouldBe(0);
        (await CountAsync("subject=filters&since=2026-01-01T00:00:00Z")).ShouldBe(1);
        (await CountAsync("subject=filters&error=timeout")).ShouldBe(0);
        (await CountAsync("subject=filters&model=fast")).ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"ward":"a\u0000b"}""")]
    [InlineData("""{"ward":"a\ud800b"}""")]
    [InlineData("""{"ward":["a",{"b\u0000":1}]}""")]
    public async Task Metadata_that_no_database_can_look_for_spoils_no_search(string metadata)
    {
        (await edge.Http.SendAsync(Call("later", "{}", ("Headway-Subject", "halves"), ("Headway-Metadata", metadata)))).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        (await CountAsync("subject=halves&q=ward%3Dx")).ShouldBe(0);
        (await CountAsync("model=%00")).ShouldBe(0);
    }

    [Theory]
    [InlineData("state=sleeping", "filter-invalid", "scheduled")]
    [InlineData("stat=dead", "filter-invalid", "Did you mean state?")]
    [InlineData("limit=0", "filter-invalid", "200")]
    [InlineData("limit=201", "filter-invalid", "200")]
    [InlineData("limit=many", "filter-invalid", "200")]
    [InlineData("since=lately", "filter-invalid", "since")]
    [InlineData("q=ward", "filter-invalid", "key=value")]
    [InlineData("feature=a&feature=b", "filter-invalid", "feature")]
    [InlineData("cursor=AAAA", "cursor-invalid", "next")]
    [InlineData("cursor=%00%ff", "cursor-invalid", "next")]
    public async Task A_broken_filter_is_refused(string query, string code, string hint)
    {
        var problem = await (await edge.Http.GetAsync($"/v1/jobs?{query}")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, code);

        problem.GetProperty("detail").GetString()!.ShouldContain(hint);
    }

    [Fact]
    public async Task A_cursor_is_good_for_its_own_filters_only()
    {
        await edge.Http.SendAsync(Call("later", "{}", ("Headway-Subject", "cursor")));
        await edge.Http.SendAsync(Call("later", "{}", ("Headway-Subject", "cursor")));
        var page = await (await edge.Http.GetAsync("/v1/jobs?subject=cursor&limit=1")).JsonAsync();

        var other = await edge.Http.GetAsync($"/v1/jobs?subject=another&limit=1&cursor={page.GetProperty("next").GetString()}");

        await other.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "cursor-invalid");
    }

    private async Task<int> CountAsync(string query)
    {
        var answer = await edge.Http.GetAsync($"/v1/jobs?{query}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, query);
        return (await answer.JsonAsync()).GetProperty("jobs").GetArrayLength();
    }
}
