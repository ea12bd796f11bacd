using System.Net;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

public sealed class RouteTests(EdgeHost edge) : IClassFixture<EdgeHost>
{
    [Fact]
    public async Task A_version_is_called_under_its_own_route()
    {
        (await (await edge.Http.SendAsync(Call("/v1/generate", "{}"))).Content.ReadAsStringAsync()).ShouldBe("version 1");
        (await edge.Http.SendAsync(Call("/v2/generate", "{}"))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_version_is_called_by_its_number_and_the_latest_without()
    {
        (await (await edge.Http.SendAsync(Call("generate@1", "{}"))).Content.ReadAsStringAsync()).ShouldBe("version 1");
        (await edge.Http.SendAsync(Call("generate", "{}"))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_version_on_its_way_out_says_so()
    {
        var answer = await edge.Http.SendAsync(Call("/v1/generate", "{}"));

        answer.Header("Deprecation").ShouldBe("@1796083200");
        answer.Header("Sunset").ShouldBe("Mon, 01 Mar 2027 00:00:00 GMT");
        answer.Header("Link").ShouldBe("</v2/generate>; rel=\"successor-version\"");
        (await edge.Http.SendAsync(Call("/v2/generate", "{}"))).Header("Deprecation").ShouldBeNull();
    }

    [Theory]
    [InlineData("GET", "/v1/features/echo", "POST")]
    [InlineData("DELETE", "/v1/jobs", "GET")]
    [InlineData("POST", "/v1/jobs/job_00000000000000000000000000000000", "GET")]
    [InlineData("GET", "/v1/jobs/job_00000000000000000000000000000000/cancel", "POST")]
    [InlineData("GET", "/v1/generate", "POST")]
    [InlineData("PUT", "/v2/generate", "POST")]
    public async Task A_wrong_method_is_told_the_right_one(string method, string path, string allowed)
    {
        var answer = await edge.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        await answer.ShouldBeProblemAsync(HttpStatusCode.MethodNotAllowed, "method-not-allowed");
        answer.Content.Headers.Allow.ShouldBe([allowed]);
    }

    [Fact]
    public async Task A_path_that_nothing_serves_is_a_problem()
        => await (await edge.Http.GetAsync("/v1/nothing/here")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "route-unknown");

    [Fact]
    public async Task Features_are_listed_with_their_contracts()
    {
        var features = (await (await edge.Http.GetAsync("/v1/features")).JsonAsync()).GetProperty("features").EnumerateArray().ToDictionary(feature => feature.GetProperty("name").GetString()!);

        features["echo"].GetProperty("versions")[0].GetProperty("mode").GetString().ShouldBe("sync");
        var generate = features["generate"].GetProperty("versions");
        generate.GetArrayLength().ShouldBe(2);
        generate[0].GetProperty("route").GetString().ShouldBe("/v1/generate");
        generate[0].GetProperty("sunset").GetString().ShouldBe("2027-03-01");
        features["either"].GetProperty("versions")[0].GetProperty("waitSeconds").GetDouble().ShouldBe(20);
    }

    [Fact]
    public async Task The_type_of_a_problem_leads_to_what_it_means()
    {
        var problem = await (await edge.Http.SendAsync(Call("echo", ""))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "body-empty");

        var meaning = await edge.Http.GetAsync(problem.GetProperty("type").GetString());

        (await meaning.JsonAsync()).GetProperty("title").GetString().ShouldBe(problem.GetProperty("title").GetString());
    }
}
