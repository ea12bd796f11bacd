using System.Net;
using Headway.Client;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Access;

public sealed class RoleTests
{
    [Fact]
    public async Task Every_route_says_which_roles_may_call_it()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var routes = keyed.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();

        routes.Where(route => route.Metadata.GetMetadata<Routing.RequiredRoles>() is null).Select(route => route.DisplayName).ShouldBeEmpty();
        routes.Where(route => route.Metadata.GetMetadata<Routing.RequiredRoles>()!.Any is Headway.Access.Roles.None).Select(route => route.RoutePattern.RawText)
            .ShouldBe(["/health/live", "/health/ready", "/v1/callbacks/{token}"], ignoreOrder: true);
        foreach (var route in routes.Where(route => route.Metadata.GetMetadata<Routing.RequiredRoles>()!.Any is not Headway.Access.Roles.None))
        {
            var path = (route.RoutePattern.RawText!.StartsWith('/') ? "" : "/") + route.RoutePattern.RawText!.Replace("{**path}", "v1/generate").Replace("{**rest}", "x").Replace("{documentName}", "v1").Replace("{", "").Replace("}", "");
            (await keyed.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
        }
    }

    [Theory]
    [InlineData("caller", "move claim keys consumers replay rerun pause resume terminate")]
    [InlineData("operator", "call signal claim keys")]
    [InlineData("approver", "call result events audit journal costs dead move claim keys consumers replay rerun signal pause resume cancel terminate")]
    [InlineData("auditor", "call result events attempts inputs input steps journal dead move claim keys replay rerun signal pause resume cancel terminate")]
    [InlineData("worker", "call list show result events attempts audit inputs input steps journal costs dead move keys consumers replay rerun signal pause resume cancel terminate")]
    public async Task A_role_may_do_what_it_is_for_and_no_more(string role, string forbidden)
    {
        await using var keyed = await KeyedHost.StartAsync();
        var id = await (await keyed.ClientAsync("caller")).WaitingAsync();
        var client = await keyed.ClientAsync(role);

        var refused = new List<string>();
        foreach (var (what, method, path, body) in Deeds(id))
        {
            using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);
            if (body is not null) request.Content = Content(System.Text.Encoding.UTF8.GetBytes(body), "application/json");
            using var answer = await client.SendAsync(request, what == "events" ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead);
            if (answer.StatusCode is HttpStatusCode.Forbidden) refused.Add(what);
        }

        // Pinning is for all tenants, which no key here is of.
        refused.ShouldBe([.. forbidden.Split(' '), "pin"], ignoreOrder: true);
    }

    // What cannot be undone comes last.
    private static IEnumerable<(string What, string Method, string Path, string? Body)> Deeds(string id) =>
    [
        ("call", "POST", "/v1/features/echo", "{}"), ("list", "GET", "/v1/jobs", null), ("show", "GET", $"/v1/jobs/{id}", null), ("result", "GET", $"/v1/jobs/{id}/result", null), ("events", "GET", $"/v1/jobs/{id}/events", null),
        ("attempts", "GET", $"/v1/jobs/{id}/attempts", null), ("audit", "GET", $"/v1/jobs/{id}/audit", null), ("inputs", "GET", $"/v1/jobs/{id}/inputs", null), ("input", "GET", $"/v1/jobs/{id}/inputs/1", null),
        ("steps", "GET", $"/v1/jobs/{id}/steps", null), ("journal", "GET", $"/v1/jobs/{id}/journal", null), ("costs", "GET", "/v1/costs", null), ("dead", "GET", "/v1/dead-letters", null),
        ("pin", "POST", "/v1/workflows/review/pin", """{"version":null}"""), ("move", "POST", "/v1/workflows/review/move", """{"from":1,"to":1}"""), ("claim", "POST", "/v1/worker/claim", """{"features":["scan"]}"""),
        ("keys", "GET", "/v1/admin/keys", null), ("consumers", "GET", "/v1/admin/consumers", null), ("replay", "POST", $"/v1/jobs/{id}/replay", null), ("rerun", "POST", $"/v1/jobs/{id}/rerun", null),
        ("signal", "POST", $"/v1/jobs/{id}/signals/other", "{}"), ("pause", "POST", $"/v1/jobs/{id}/pause", null), ("resume", "POST", $"/v1/jobs/{id}/resume", null), ("cancel", "POST", $"/v1/jobs/{id}/cancel", null), ("terminate", "POST", $"/v1/jobs/{id}/terminate", null),
    ];

    [Fact]
    public async Task An_auditor_sees_that_there_was_a_job_and_nothing_of_what_it_holds()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var caller = await keyed.ClientAsync("caller");
        using var accepted = await caller.PostJsonAsync("/v1/features/later", """{"fail":1}""", ("Headway-Subject", "patient/1"), ("Headway-Metadata", """{"ward":"secret-of-a"}"""));
        var id = (await accepted.JsonAsync()).GetProperty("id").GetString()!;
        (await caller.EndAsync(id)).Error!.Message.ShouldNotBeNullOrEmpty();
        var auditor = await keyed.ClientAsync("auditor");

        foreach (var path in new[] { $"/v1/jobs/{id}", "/v1/jobs" })
        {
            var seen = await auditor.GetStringAsync(path);
            seen.ShouldContain(id);
            seen.ShouldNotContain("secret-of-a");
            seen.ShouldNotContain("patient/1");
        }

        (await new HeadwayClient(auditor).AuditAsync(id)).Select(entry => entry.Action).ShouldContain("submitted");
    }

    [Fact]
    public async Task Only_an_approver_decides_and_the_attempt_of_another_is_audited()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var caller = await keyed.ClientAsync("caller");
        var approver = await keyed.ClientAsync("approver");
        var id = await caller.WaitingAsync();

        await (await caller.PostJsonAsync($"/v1/jobs/{id}/signals/legal", """{"granted":true}""")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "approval-forbidden");
        await (await approver.PostJsonAsync($"/v1/jobs/{id}/signals/note", "\"x\"")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "role-missing");
        (await caller.PostJsonAsync($"/v1/jobs/{id}/signals/note", "\"fine\"")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await approver.PostJsonAsync($"/v1/jobs/{id}/signals/legal", """{"granted":true}""")).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        (await caller.EndAsync(id)).State.ShouldBe(Headway.Client.JobState.Succeeded);
        var keys = await new HeadwayClient(keyed.Admin).KeysAsync();
        (await caller.GetStringAsync($"/v1/jobs/{id}/result")).ShouldBe($"True by {keys.Single(key => key.Roles.Contains("approver")).Id}: fine");
        (await new HeadwayClient(caller).AuditAsync(id)).Where(entry => entry.Action == "denied").Select(entry => entry.Outcome).ShouldBe(["approval-forbidden", "role-missing"], ignoreOrder: true);

        // Who was turned away before a job was in question is shown with none, though the event has an id that looks like one.
        (await caller.GetAsync("/v1/admin/keys")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await keyed.Host.Engine.Access.Denials.CloseAsync();
        var denied = await new HeadwayClient(await keyed.ClientAsync("auditor")).SearchAuditAsync(new AuditQuery { Action = "denied" }).ToListAsync();
        denied.Where(entry => entry.Purpose == "GET /v1/admin/keys").ShouldHaveSingleItem().ShouldSatisfyAllConditions(entry => entry.Job.ShouldBeNull(), entry => entry.Correlation.ShouldNotStartWith("job_"));
        denied.Where(entry => entry.Outcome == "approval-forbidden").ShouldHaveSingleItem().Job.ShouldBe(id);
    }

    [Fact]
    public async Task What_a_caller_sends_before_it_is_asked_decides_nothing()
    {
        await using var host = await HeadwayHost.StartAsync(KeyedHost.File, KeyedHost.Map);
        using var made = await host.Http.PostJsonAsync("/v1/admin/keys", """{"name":"root","roles":["admin"],"allTenants":true}""");
        using var admin = new HttpClient { BaseAddress = host.Http.BaseAddress };
        admin.DefaultRequestHeaders.Authorization = new("Bearer", (await made.JsonAsync()).GetProperty("key").GetString());
        var id = await admin.WaitingAsync();
        // As if it had come before the question: the door that refuses it now was not there for it then.
        var sent = await host.Engine.SignalAsync(Headway.Access.Caller.Local with { Roles = Headway.Access.Roles.Caller }, JobId.TryParse(id, out var job) ? job : default, "legal", """{"granted":true}"""u8.ToArray(), null, CancellationToken.None);
        sent.ShouldBe(Headway.Jobs.Waiting.Signalled.Kept);
        (await admin.PostJsonAsync($"/v1/jobs/{id}/signals/note", "\"fine\"")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await new HeadwayClient(admin).GetJobAsync(id)).State.ShouldBe(Headway.Client.JobState.Waiting);

        (await admin.PostJsonAsync($"/v1/jobs/{id}/signals/legal", """{"granted":false}""")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await admin.EndAsync(id)).State.ShouldBe(Headway.Client.JobState.Succeeded);
        (await admin.GetStringAsync($"/v1/jobs/{id}/result")).ShouldStartWith("False by ");
    }

    [Fact]
    public async Task A_worker_is_given_the_jobs_of_its_tenant_and_one_of_all_tenants_those_of_all()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var ofA = await (await keyed.ClientAsync("caller", "a")).AcceptAsync("scan", "{}");
        var ofB = await (await keyed.ClientAsync("caller", "b")).AcceptAsync("scan", "{}");

        var worker = await keyed.ClientAsync("worker", "b");
        var given = await ClaimAsync(worker);
        given.Jobs.ShouldBe([ofB]);
        var everywhere = await keyed.ClientAsync("worker", "b", ""","allTenants":true""");
        (await ClaimAsync(everywhere)).Jobs.ShouldBe([ofA]);
        // A session is its key's: another may not even end what it holds.
        await (await everywhere.PostJsonAsync("/v1/worker/complete", $$"""{"session":"{{given.Session}}","job":"{{ofB}}","attempt":1,"text":"x"}""")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "worker-session-unknown");
        (await worker.PostJsonAsync("/v1/worker/complete", $$"""{"session":"{{given.Session}}","job":"{{ofB}}","attempt":1,"text":"x"}""")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_worker_of_one_tenant_with_limits_is_given_its_jobs_too()
    {
        await using var keyed = await KeyedHost.StartAsync(KeyedHost.File + "\ntenants: { b: { limits: { running: 1 } } }\n");
        await (await keyed.ClientAsync("caller", "a")).AcceptAsync("scan", "{}");
        var caller = await keyed.ClientAsync("caller", "b");
        var first = await caller.AcceptAsync("scan", "{}");
        await caller.AcceptAsync("scan", "{}");

        (await ClaimAsync(await keyed.ClientAsync("worker", "b"))).Jobs.ShouldBe([first]);
    }

    [Fact]
    public async Task Who_reads_a_result_without_calling_has_viewed_it()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var caller = await keyed.ClientAsync("caller");
        var id = await caller.AcceptAsync("later", "{}");
        await caller.EndAsync(id);

        (await (await keyed.ClientAsync("operator")).GetAsync($"/v1/jobs/{id}/result")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await new HeadwayClient(caller).AuditAsync(id)).Select(entry => entry.Action).ShouldNotContain("delivered");
        (await caller.GetAsync($"/v1/jobs/{id}/result")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await new HeadwayClient(caller).AuditAsync(id)).Select(entry => entry.Action).TakeLast(2).ShouldBe(["viewed", "delivered"]);
    }

    private static async Task<(string Session, string[] Jobs)> ClaimAsync(HttpClient worker)
    {
        using var answer = await worker.PostJsonAsync("/v1/worker/claim", """{"features":["scan"],"max":10}""");
        var claimed = await answer.JsonAsync();
        return (claimed.GetProperty("session").GetString()!, [.. claimed.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("job").GetString()!)]);
    }
}
