using System.Net;
using System.Text.Json.Nodes;
using Headway.Client;
using Headway.Tests;

namespace Headway.AspNetCore.Tests.Access;

public sealed class TokenTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private Issuer _issuer = null!;
    private HeadwayHost _host = null!;
    private int _refused;

    public async ValueTask InitializeAsync()
    {
        _issuer = await Issuer.StartAsync();
        _host = await HeadwayHost.StartAsync(FileOf("""tenantClaim: org, rolesClaim: realm_access.roles, roles: { caller: app-user, admin: [ops, root], auditor: audit }, allTenants: root"""), KeyedHost.Map, time: _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    private string FileOf(string more) => $$"""server: { auth: { issuer: "{{_issuer.Address}}", audience: [headway, other], {{more}} } }""" + "\n" + KeyedHost.File;

    [Theory]
    [InlineData("RS256", "rsa-1")]
    [InlineData("PS256", "rsa-1")]
    [InlineData("ES256", "ec-1")]
    [InlineData("RS256", null)]
    public async Task A_token_of_the_issuer_says_who_calls_for_which_tenant(string algorithm, string? id)
    {
        using var http = With(_issuer.Token(_issuer.Claims(_time.GetUtcNow()), algorithm, id));
        var job = await http.AcceptAsync("later", "{}");

        var told = (await new HeadwayClient(http).AuditAsync(job))[0];
        (told.Actor, told.Tenant).ShouldBe(("user/ada", "a"));
        (await http.GetAsync("/v1/admin/keys")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Roles_and_tenants_come_from_claims()
    {
        using var admin = With(_issuer.Token(_issuer.Claims(_time.GetUtcNow(), ("org", "b"), ("realm_access", new JsonObject { ["roles"] = new JsonArray("ops") }))));
        await (await admin.PostJsonAsync("/v1/admin/keys", """{"name":"x","tenant":"a"}""")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "tenant-forbidden");
        // Nobody had a key; who may make any has a token.
        (await admin.PostJsonAsync("/v1/admin/keys", """{"name":"x"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        using var root = With(_issuer.Token(_issuer.Claims(_time.GetUtcNow(), ("realm_access", new JsonObject { ["roles"] = "root other" }))));
        (await new HeadwayClient(root).KeysAsync()).ShouldHaveSingleItem().Tenant.ShouldBe("b");
        using var nobody = With(_issuer.Token(_issuer.Claims(_time.GetUtcNow(), ("realm_access", null))));
        await (await nobody.GetAsync("/v1/jobs")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "role-missing");
    }

    [Fact]
    public async Task A_token_that_is_not_for_us_or_not_for_now_is_refused()
    {
        var now = _time.GetUtcNow();
        var seconds = now.ToUnixTimeSeconds();
        (string Why, JsonObject Claims)[] wrong =
        [
            ("another audience", _issuer.Claims(now, ("aud", "shop"))),
            ("no audience", _issuer.Claims(now, ("aud", null))),
            ("another issuer", _issuer.Claims(now, ("iss", _issuer.Address + "/"))),
            ("no issuer", _issuer.Claims(now, ("iss", null))),
            ("over", _issuer.Claims(now, ("exp", seconds - 61))),
            ("no end", _issuer.Claims(now, ("exp", null))),
            ("not yet", _issuer.Claims(now, ("nbf", seconds + 3_600))),
            ("nobody's", _issuer.Claims(now, ("sub", null))),
            ("no tenant", _issuer.Claims(now, ("org", null))),
            ("a tenant that is none", _issuer.Claims(now, ("org", "*"))),
            ("two tenants", _issuer.Claims(now, ("org", new JsonArray("a", "b")))),
        ];

        using var within = With(_issuer.Token(_issuer.Claims(now, ("exp", seconds - 30), ("nbf", seconds + 30), ("aud", new JsonArray("shop", "other")))));
        (await within.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var (why, claims) in wrong) await RefusedAsync(_issuer.Token(claims), why);
    }

    [Fact]
    public async Task A_token_that_is_not_signed_by_the_issuer_is_refused()
    {
        var claims = _issuer.Claims(_time.GetUtcNow());
        var good = _issuer.Token(claims);
        var parts = good.Split('.');
        _issuer.Publish(new JsonObject { ["kty"] = "oct", ["kid"] = "shared", ["k"] = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA" });
        (string Why, string Token)[] wrong =
        [
            ("none", _issuer.Token(claims, "none")),
            ("NONE", _issuer.Token(claims, "NONE", null)),
            ("key confusion", _issuer.Token(claims, "HS256")),
            ("a shared secret", _issuer.Token(claims, "HS256", "shared")),
            ("an algorithm that is not allowed", _issuer.Token(claims, "RS512")),
            ("the key of another kind", _issuer.Token(claims, "ES256", "rsa-1")),
            ("no signature", $"{parts[0]}.{parts[1]}."),
            ("claims of another", $"{parts[0]}.{_issuer.Token(_issuer.Claims(_time.GetUtcNow(), ("sub", "eve"))).Split('.')[1]}.{parts[2]}"),
            ("a part too many", good + ".x"),
            ("what we do not know", _issuer.Token(claims, header: new JsonObject { ["crit"] = new JsonArray("exp2"), ["exp2"] = 1 })),
            ("another kind", _issuer.Token(claims, type: "logout+jwt")),
            ("rubbish", "a.b.c"),
            ("huge", good + new string('A', 16 * 1024)),
        ];

        foreach (var (why, token) in wrong) await RefusedAsync(token, why);
        _issuer.Asked.ShouldBe(1);
        using var fine = With(_issuer.Token(claims, type: "at+jwt"));
        (await fine.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_that_is_not_known_is_asked_for_but_not_for_each_token()
    {
        using (var http = With(_issuer.Token(_issuer.Claims(_time.GetUtcNow())))) (await http.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        _issuer.Rotate("rsa-2");
        var rotated = _issuer.Token(_issuer.Claims(_time.GetUtcNow()), id: "rsa-2");

        await RefusedAsync(rotated, "asked a moment ago");
        for (var n = 0; n < 3; n++) await RefusedAsync(_issuer.Token(_issuer.Claims(_time.GetUtcNow()), id: "made up " + n), "made up");
        _issuer.Asked.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(30));
        using var again = With(rotated);
        (await again.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        _issuer.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task An_issuer_that_is_away_is_no_fault_of_the_token()
    {
        _issuer.IsDown = true;
        using var http = With(_issuer.Token(_issuer.Claims(_time.GetUtcNow())));
        using var answer = await http.GetAsync("/v1/jobs");
        await answer.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "issuer-unavailable");
        answer.Header("Retry-After").ShouldBe("20");
        _issuer.IsDown = false;
        _time.Advance(TimeSpan.FromSeconds(30));
        (await http.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_was_found_good_ends_with_the_token()
    {
        using var http = With(_issuer.Token(_issuer.Claims(_time.GetUtcNow(), ("exp", _time.GetUtcNow().ToUnixTimeSeconds() + 10))));
        (await http.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(69));
        (await http.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(2));
        await (await http.GetAsync("/v1/jobs")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "token-invalid");
    }

    [Fact]
    public async Task A_file_without_its_issuer_opens_no_door()
    {
        // By the clock of the machine, which the watcher of the file goes by.
        await using var host = await HeadwayHost.StartAsync(FileOf("tenantClaim: org, rolesClaim: realm_access.roles, roles: { caller: app-user }"), KeyedHost.Map);
        using var http = With(_issuer.Token(_issuer.Claims(DateTimeOffset.UtcNow)), host);
        (await http.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.ReloadAsync(KeyedHost.File)).Taken.ShouldBeTrue();

        (await host.Http.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await (await http.GetAsync("/v1/jobs")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "key-invalid");
    }

    private async Task RefusedAsync(string token, string why)
    {
        using var http = With(token);
        using var answer = await http.GetAsync("/v1/jobs");
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, why);
        (await answer.JsonAsync()).GetProperty("code").GetString().ShouldBe("token-invalid", why);
        // After some of a minute each is slowed; that is another test's.
        if (++_refused % AspNetCore.Access.Attempts.Free == 0) _time.Advance(TimeSpan.FromMinutes(1));
    }

    private HttpClient With(string token, HeadwayHost? host = null)
    {
        var http = new HttpClient { BaseAddress = (host ?? _host).Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }
}
