using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Headway.AspNetCore.Tests.Cli;

namespace Headway.AspNetCore.Tests.Subjects;

/// <summary>Legal holds and erasures, as operators ask for them.</summary>
public sealed class SubjectTests : IAsyncLifetime
{
    private const string File = "features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code } }";

    private HeadwayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(File, app => app.MapFeature<string, string>("work", (text, _, _) => Task.FromResult(text)));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_subject_is_held_released_and_erased_by_hand()
    {
        var id = await EndedAsync("encounter/8812");

        (await RunAsync("subjects", "hold", "encounter/8812", "--reason", "case 2026/114")).Lines[1].ShouldMatch("^encounter/8812\t.*\tlocal\tcase 2026/114$");
        var refused = await RunAsync("subjects", "erase", "encounter/8812");
        (refused.Code, refused.Error).ShouldBe((4, "The subject is under a legal hold. Release it first: POST /v1/admin/holds/release. (legal-hold)\n"));
        (await RunAsync("subjects", "holds")).Lines.Count.ShouldBe(2);
        (await RunAsync("subjects", "release", "encounter/8812")).Lines.Count.ShouldBe(1);

        (await RunAsync("subjects", "erase", "encounter/8812")).Out.ShouldBe("1 jobs and 0 files erased, 1 keys destroyed\n");

        await (await _host.Http.GetAsync($"/v1/jobs/{id}/result")).ShouldBeProblemAsync(HttpStatusCode.Gone, "result-expired");
        (await _host.Http.GetStringAsync("/v1/jobs?subject=encounter/8812")).ShouldNotContain("encounter");
    }

    [Theory]
    [InlineData("/v1/admin/holds", """{"subject":"a"}""", "subject-request-invalid", "`reason` must be given")]
    [InlineData("/v1/admin/holds", """{"reason":"a"}""", "subject-request-invalid", "`subject` must be given")]
    [InlineData("/v1/admin/holds", """{"subject":7,"reason":"a"}""", "subject-request-invalid", "`subject` must be a string")]
    [InlineData("/v1/admin/holds/release", """{"subject":"a","reason":"b"}""", "subject-request-invalid", "\"reason\" is not a member of it")]
    [InlineData("/v1/admin/subjects/erase", "[]", "subject-request-invalid", "it must be a JSON object")]
    [InlineData("/v1/admin/subjects/erase", "{", "json-malformed", "Line 1")]
    [InlineData("/v1/admin/subjects/erase", "", "body-empty", "")]
    public async Task What_is_broken_is_told_with_its_cure(string path, string body, string code, string detail)
    {
        var problem = await (await _host.Http.PostAsync(path, new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")))).ShouldBeProblemAsync(HttpStatusCode.BadRequest, code);
        problem.GetProperty("detail").GetString()!.ShouldContain(detail);
    }

    [Fact]
    public async Task What_cannot_be_done_is_told()
    {
        await (await PostAsync("/v1/admin/holds/release")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "hold-unknown");
        await _host.Http.PostAsJsonAsync("/v1/admin/holds", new { subject = "a", reason = "b" });
        await (await _host.Http.PostAsJsonAsync("/v1/admin/holds", new { subject = "a", reason = "b" })).ShouldBeProblemAsync(HttpStatusCode.Conflict, "held-already");

        using var later = new HttpRequestMessage(HttpMethod.Post, "/v1/features/work") { Content = JsonContent.Create("x"), Headers = { { "Headway-Subject", "busy" }, { "Headway-Start-At", "1h" } } };
        (await _host.Http.SendAsync(later)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var busy = await (await PostAsync("/v1/admin/subjects/erase", "busy")).ShouldBeProblemAsync(HttpStatusCode.Conflict, "subject-busy");
        busy.GetProperty("detail").GetString()!.ShouldStartWith("1 jobs of the subject are under way.");
    }

    private Task<HttpResponseMessage> PostAsync(string path, string subject = "a") => _host.Http.PostAsJsonAsync(path, new { subject });

    private async Task<string> EndedAsync(string subject)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/features/work") { Content = JsonContent.Create("x"), Headers = { { "Headway-Subject", subject } } };
        var id = JsonElement.Parse(await (await _host.Http.SendAsync(request)).Content.ReadAsStringAsync()).GetProperty("id").GetString()!;
        using var wait = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{id}") { Headers = { { "Prefer", "wait=30" } } };
        (await (await _host.Http.SendAsync(wait)).Content.ReadAsStringAsync()).ShouldContain("succeeded");
        return id;
    }

    private Task<CommandLine> RunAsync(params string[] words) => CommandLine.RunAsync([.. words, "--server", _host.Http.BaseAddress!.ToString()]);
}
