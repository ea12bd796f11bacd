using System.Net;
using System.Text.Json;
using Headway.Access;
using Headway.Client;
using Headway.Tests;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Access;

public sealed class KeyTests
{
    [Fact]
    public async Task Without_keys_everybody_is_local_and_the_first_key_closes_the_door()
    {
        await using var host = await HeadwayHost.StartAsync(KeyedHost.File, KeyedHost.Map);
        (await host.Http.PostJsonAsync("/v1/features/echo", "{}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await host.Http.PostJsonAsync("/v1/admin/keys", """{"name":"app"}""")).ShouldBeProblemAsync(HttpStatusCode.Conflict, "key-first");
        await (await host.Http.PostJsonAsync("/v1/admin/keys", """{"name":"app","roles":["admin"]}""")).ShouldBeProblemAsync(HttpStatusCode.Conflict, "key-first");

        using var made = await host.Http.PostJsonAsync("/v1/admin/keys", """{"name":"root","roles":["admin"],"allTenants":true}""");
        made.StatusCode.ShouldBe(HttpStatusCode.Created);

        using var refused = await host.Http.PostJsonAsync("/v1/features/echo", "{}");
        await refused.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "key-missing");
        refused.Header("WWW-Authenticate").ShouldBe("Bearer realm=\"headway\"");
        foreach (var path in new[] { "/v1/jobs", "/openapi/v1.json", "/v1/problems", "/v1/nowhere", "/v1/generate", "/v1/models" }) (await host.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
        foreach (var path in new[] { "/health/live", "/health/ready" }) (await host.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        // Any name will do where a key is asked for.
        using var named = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        named.Headers.Host = "ai.example.com";
        (await host.Http.SendAsync(named)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_key_is_shown_once_and_kept_as_a_code_that_outlives_a_restart()
    {
        var host = await HeadwayHost.StartAsync(KeyedHost.File.Replace("handler: code", "handler: { http: http://127.0.0.1:9/x }"));
        using var made = await host.Http.PostJsonAsync("/v1/admin/keys", """{"name":"root","roles":["admin"],"allTenants":true}""");
        made.Header("Cache-Control").ShouldBe("no-store");
        var text = (await made.JsonAsync()).GetProperty("key").GetString()!;
        text.Length.ShouldBe(KeyText.Length);
        using var http = new HttpClient { BaseAddress = host.Http.BaseAddress };
        var listed = (await new HeadwayClient(http, text).KeysAsync()).ShouldHaveSingleItem();
        (listed.Key, listed.Name, listed.Roles, listed.AllTenants, listed.CreatedBy).ShouldBe((null, "root", listed.Roles, true, "local"));
        text.ShouldStartWith(listed.Id + "_");
        listed.LastUsed.ShouldNotBeNull();

        await using var again = await host.RestartAsync();
        using var later = new HttpClient { BaseAddress = again.Http.BaseAddress };
        (await new HeadwayClient(later, text).KeysAsync()).Count.ShouldBe(1);
        (await later.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic aHdfOng=")]
    [InlineData("Bearer hw_")]
    [InlineData("Bearer hw_000000000000_0000000000000000000000000000000000000000000000000")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.e30.")]
    public async Task What_is_no_key_gets_nobody_in(string authorization)
    {
        await using var keyed = await KeyedHost.StartAsync();
        using var request = Call("echo", "{}");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        (await keyed.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_key_with_another_secret_is_answered_as_one_that_is_not_there()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var (_, id) = await KeyedHost.KeyAsync(keyed.Admin, """{"name":"app"}""");

        using var known = await keyed.With(KeyText.New(id)).GetAsync("/v1/jobs");
        using var unknown = await keyed.With(KeyText.New(KeyText.NewId())).GetAsync("/v1/jobs");

        await known.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "key-invalid");
        (await known.Content.ReadAsStringAsync()).ShouldBe(await unknown.Content.ReadAsStringAsync());
        known.Header("WWW-Authenticate").ShouldBe("Bearer realm=\"headway\", error=\"invalid_token\"");
    }

    [Fact]
    public async Task A_rotated_key_has_two_texts_for_a_while()
    {
        var time = new ManualTime();
        await using var keyed = await KeyedHost.StartAsync(time: time);
        var (old, id) = await KeyedHost.KeyAsync(keyed.Admin, """{"name":"app"}""");
        var rotated = await new HeadwayClient(keyed.Admin).RotateKeyAsync(id, TimeSpan.FromHours(2));
        rotated.Key.ShouldNotBe(old);

        (await keyed.With(old).GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await keyed.With(rotated.Key).GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        time.Advance(TimeSpan.FromHours(2));
        await (await keyed.With(old).GetAsync("/v1/jobs")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "key-expired");
        (await keyed.With(rotated.Key).GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_revoked_key_and_one_that_expired_are_told_so()
    {
        var time = new ManualTime();
        await using var keyed = await KeyedHost.StartAsync(time: time);
        var (text, id) = await KeyedHost.KeyAsync(keyed.Admin, """{"name":"app"}""");
        var (brief, _) = await KeyedHost.KeyAsync(keyed.Admin, JsonSerializer.Serialize(new { name = "brief", expires = time.GetUtcNow().AddMinutes(5) }));
        var admin = new HeadwayClient(keyed.Admin);

        (await admin.RevokeKeyAsync(id)).Revoked.ShouldNotBeNull();
        time.Advance(TimeSpan.FromMinutes(6));

        await (await keyed.With(text).GetAsync("/v1/jobs")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "key-revoked");
        await (await keyed.With(brief).GetAsync("/v1/jobs")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "key-expired");
        (await admin.KeysAsync()).Select(key => key.Name).ShouldBe(["root"]);
        (await admin.KeysAsync(all: true)).Select(key => key.Name).ShouldBe(["brief", "app", "root"], ignoreOrder: true);
        await (await keyed.Admin.PostJsonAsync($"/v1/admin/keys/{id}/rotate", "{}")).ShouldBeProblemAsync(HttpStatusCode.Conflict, "key-over");
        await (await keyed.Admin.PostJsonAsync("/v1/admin/keys/hw_000000000000/revoke", "")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "key-unknown");
        var root = (await admin.KeysAsync()).Single().Id;
        (await Should.ThrowAsync<HeadwayException>(() => admin.RevokeKeyAsync(root))).Code.ShouldBe("key-last");
    }

    [Theory]
    [InlineData("""{"name":""}""")]
    [InlineData("""{"name":"x","roles":["king"]}""")]
    [InlineData("""{"name":"x","roles":[]}""")]
    [InlineData("""{"name":"x","tenant":"*"}""")]
    [InlineData("""{"name":"x","features":["ehco"]}""")]
    [InlineData("""{"name":"x","features":[]}""")]
    [InlineData("""{"name":"x","roles":["admin"],"features":["echo"]}""")]
    [InlineData("""{"name":"x","maxPriority":10}""")]
    [InlineData("""{"name":"x","requestsPerMinute":0}""")]
    [InlineData("""{"name":"x","expires":"2020-01-01T00:00:00Z"}""")]
    [InlineData("""{"name":"x","allTenants":true}""")]
    [InlineData("""{"name":"x","secret":"mine"}""")]
    [InlineData("""{"names":"x"}""")]
    [InlineData("""[]""")]
    public async Task A_key_that_cannot_be_had_is_refused_with_the_reason(string wish)
    {
        await using var keyed = await KeyedHost.StartAsync();
        await (await keyed.Admin.PostJsonAsync("/v1/admin/keys", wish)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "key-request-invalid");
    }

    [Fact]
    public async Task A_key_for_some_features_calls_and_sees_no_others()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var everything = await keyed.ClientAsync("caller");
        var some = await keyed.ClientAsync("caller operator worker", more: ""","features":["echo","fast","later"]""");
        var ours = await some.AcceptAsync("later", "{}");
        var theirs = await everything.WaitingAsync();
        using var response = await everything.PostJsonAsync("/v1/responses", """{"model":"fast","input":"x"}""");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await some.PostJsonAsync("/v1/features/echo", "{}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var (path, body) in new[] { ("/v1/features/other", "{}"), ("/v1/features/other@1", "{}"), ("/v1/generate", "{}"), ("/v1/features/review/jobs", "{}"), ("/v1/worker/claim", """{"features":["scan"]}"""), ("/v1/workflows/review/move", """{"from":1,"to":1}""") })
            await (await some.PostJsonAsync(path, body)).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "feature-forbidden");
        using var chat = await some.PostJsonAsync("/v1/chat/completions", """{"model":"other","messages":[]}""");
        chat.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await chat.JsonAsync()).GetProperty("error").GetProperty("type").GetString().ShouldBe("permission_error");
        foreach (var path in new[] { "", "/steps", "/journal", "/audit", "/inputs" }) await (await some.GetAsync($"/v1/jobs/{theirs}{path}")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "job-unknown");
        foreach (var path in new[] { "/v1/costs", "/v1/budgets", "/v1/workflows", "/v1/admin/consumers" }) (await some.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);

        (await some.GetAsync($"/v1/jobs/{ours}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await new HeadwayClient(some).ListJobsAsync().ToListAsync()).Select(job => job.Feature).Distinct().ShouldBe(["fast", "later", "echo"], ignoreOrder: true);
        (await new HeadwayClient(some).FeaturesAsync()).Select(feature => feature.Name).ShouldBe(["echo", "later", "fast"], ignoreOrder: true);
        (await (await some.GetAsync("/v1/models")).JsonAsync()).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ShouldNotContain("other");
    }

    [Fact]
    public async Task A_key_has_calls_a_minute_and_a_highest_priority_of_its_own()
    {
        var time = new ManualTime();
        await using var keyed = await KeyedHost.StartAsync(KeyedHost.File + "\ntenants: { default: { limits: { requestsPerMinute: 100 } } }\n", time);
        var slow = await keyed.ClientAsync("caller", more: ""","requestsPerMinute":2,"maxPriority":3""");
        using (var first = await slow.PostJsonAsync("/v1/features/echo", "{}"))
        {
            first.StatusCode.ShouldBe(HttpStatusCode.OK);
            first.Header("RateLimit-Policy").ShouldBe("\"tenant\";q=100;w=60, \"key\";q=2;w=60");
            first.Header("RateLimit")!.ShouldContain("\"key\";r=1;");
        }

        var id = await slow.AcceptAsync("later", "{}");
        using var over = await slow.PostJsonAsync("/v1/features/echo", "{}");
        await over.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, "key-rate-limit");
        over.Header("Retry-After").ShouldNotBeNull();
        (await new HeadwayClient(slow).GetJobAsync(id)).Priority.ShouldBe(3);
        (await (await keyed.ClientAsync("caller")).PostJsonAsync("/v1/features/echo", "{}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nodes_of_a_database_learn_of_each_others_keys()
    {
        if (!Headway.Tests.Storage.TestDatabase.IsPostgres) Assert.Skip("On PostgreSQL only.");
        await using var keyed = await KeyedHost.StartAsync();
        await using var beside = await keyed.Host.StartBesideAsync(KeyedHost.Map);
        var (text, id) = await KeyedHost.KeyAsync(keyed.Admin, """{"name":"app"}""");

        await beside.Engine.Access.Ring.LookAsync();
        using var there = new HttpClient { BaseAddress = beside.Http.BaseAddress };
        (await new HeadwayClient(there, text).FeaturesAsync()).ShouldNotBeEmpty();
        await new HeadwayClient(keyed.Admin).RevokeKeyAsync(id);
        await beside.Engine.Access.Ring.LookAsync();
        (await Should.ThrowAsync<HeadwayException>(() => new HeadwayClient(there, text).FeaturesAsync())).Code.ShouldBe("key-revoked");
    }
}
