using System.Net;
using System.Net.WebSockets;
using System.Text;
using Headway.Access;
using Headway.Client;
using Headway.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Headway.AspNetCore.Tests.Access;

public sealed class DeniedTests
{
    [Fact]
    public async Task Who_is_turned_away_is_audited_and_many_of_them_by_the_number()
    {
        var time = new ManualTime();
        await using var keyed = await KeyedHost.StartAsync(time: time);
        var caller = await keyed.ClientAsync("caller", "a");
        (await caller.GetAsync("/v1/admin/keys")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        for (var n = 0; n < 40; n++) (await keyed.Http.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await keyed.Host.Engine.Access.Denials.TellRestAsync();

        var denied = await DeniedAsync(keyed);
        denied.ShouldContain(row => row.Tenant == "a" && row.Outcome == "role-missing" && row.Purpose == "GET /v1/admin/keys" && row.Actor.StartsWith("hw_"));
        var missing = denied.Where(row => row.Tenant == "*").ToList();
        missing.ShouldAllBe(row => row.Actor == "unknown" && row.Purpose == "GET /v1/jobs" && row.Outcome.StartsWith("key-missing"));
        missing.Count.ShouldBe(Headway.Audit.Tellings<int, object>.PerSecond + 1);
        missing.Sum(row => row.Outcome.Split('×') is [_, var count] ? int.Parse(count) : 1).ShouldBe(40);
        (await keyed.Host.Engine.Database.ReadAsync(async session =>
        {
            using var all = session.Prepare("SELECT count(*) FROM audit_events WHERE action IN ('key-created', 'key-rotated', 'key-revoked')");
            await all.StepAsync();
            return all.Int64(0);
        })).ShouldBe(2);
    }

    [Fact]
    public async Task Guesses_are_slowed_and_refused_and_a_good_key_beside_them_is_not()
    {
        var time = new ManualTime();
        await using var keyed = await KeyedHost.StartAsync(time: time);
        var good = await keyed.ClientAsync("caller");
        var guess = keyed.With(KeyText.New(KeyText.NewId()));
        for (var n = 0; n < AspNetCore.Access.Attempts.Free; n++) (await guess.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        var timers = time.Timers;
        var held = guess.GetAsync("/v1/jobs");
        while (time.Timers <= timers) await Task.Yield();
        held.IsCompleted.ShouldBeFalse();
        (await good.GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        time.Advance(TimeSpan.FromMilliseconds(100));
        (await held).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Too_many_wrong_keys_from_an_address_are_refused_for_a_minute()
    {
        var time = new ManualTime();
        await using var keyed = await KeyedHost.StartAsync(time: time);
        var attempts = keyed.Host.Services.GetRequiredService<AspNetCore.Access.Attempts>();
        var (here, left) = (IPAddress.Loopback, new CancellationToken(canceled: true));
        for (var n = 0; n < AspNetCore.Access.Attempts.Most; n++)
        {
            // What is held is given up at once: it counts all the same.
            try
            {
                (await attempts.FailAsync(here, left)).ShouldBeNull();
            }
            catch (OperationCanceledException)
            {
            }
        }

        using var over = await keyed.With(KeyText.New(KeyText.NewId())).GetAsync("/v1/jobs");
        await over.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, "attempts-too-many");
        over.Header("Retry-After").ShouldNotBeNull();
        (await (await keyed.ClientAsync("caller")).GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await attempts.FailAsync(IPAddress.Parse("192.0.2.9"), left)).ShouldBeNull();
        time.Advance(TimeSpan.FromMinutes(1));
        (await attempts.FailAsync(here, left)).ShouldBeNull();
    }

    [Fact]
    public async Task On_routes_of_the_OpenAI_API_it_is_told_in_its_form()
    {
        await using var keyed = await KeyedHost.StartAsync();
        using var answer = await keyed.Http.PostJsonAsync("/v1/chat/completions", """{"model":"fast","messages":[]}""");
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var error = (await answer.JsonAsync()).GetProperty("error");
        (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()).ShouldBe(("authentication_error", "invalid_api_key"));
        answer.Header("WWW-Authenticate").ShouldNotBeNull();
    }

    [Fact]
    public async Task The_SDK_of_OpenAI_sends_its_key()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var (text, _) = await KeyedHost.KeyAsync(keyed.Admin, """{"name":"sdk"}""");
        var options = new OpenAI.OpenAIClientOptions { Endpoint = new Uri(keyed.Http.BaseAddress!, "/v1") };
        (await new OpenAI.Chat.ChatClient("fast", new System.ClientModel.ApiKeyCredential(text), options).CompleteChatAsync("hello")).Value.Content.ShouldNotBeEmpty();
        var refused = await Should.ThrowAsync<System.ClientModel.ClientResultException>(() => new OpenAI.Chat.ChatClient("fast", new System.ClientModel.ApiKeyCredential("sk-wrong"), options).CompleteChatAsync("hello"));
        refused.Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_WebSocket_takes_the_key_and_asks_for_it_with_each_call()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var (text, id) = await KeyedHost.KeyAsync(keyed.Admin, """{"name":"socket"}""");
        var address = new UriBuilder(keyed.Http.BaseAddress!) { Scheme = "ws", Path = "/v1/responses" }.Uri;
        using var nobody = new ClientWebSocket();
        await Should.ThrowAsync<WebSocketException>(() => nobody.ConnectAsync(address, TestContext.Current.CancellationToken));
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + text);
        await socket.ConnectAsync(address, TestContext.Current.CancellationToken);

        (await TalkAsync(socket)).ShouldContain("response.completed");
        await new HeadwayClient(keyed.Admin).RevokeKeyAsync(id);
        (await TalkAsync(socket)).ShouldContain("invalid_api_key");
    }

    /// <summary>All that comes up to the end, or to an error.</summary>
    private static async Task<string> TalkAsync(ClientWebSocket socket)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes("""{"type":"response.create","model":"fast","input":"hello"}"""), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var (all, buffer) = (new StringBuilder(), new byte[64 * 1024]);
        while (!all.ToString().Contains("response.completed") && !all.ToString().Contains("\"type\":\"error\""))
        {
            var got = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            all.Append(Encoding.UTF8.GetString(buffer, 0, got.Count));
        }

        return all.ToString();
    }

    [Fact]
    public async Task Consumers_are_told_by_version_with_when_they_last_called()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var old = await keyed.ClientAsync("caller", "a");
        var young = await keyed.ClientAsync("caller", "b");
        using (var first = await old.PostJsonAsync("/v1/generate", "{}"))
        {
            // RFC 9745: a date of structured fields; RFC 8594: an HTTP date.
            first.Header("Deprecation").ShouldBe("@1796083200");
            first.Header("Sunset").ShouldBe("Mon, 01 Mar 2027 00:00:00 GMT");
            first.Header("Link").ShouldBe("</v1/features/generate@2>; rel=\"successor-version\"");
        }

        for (var n = 0; n < 3; n++) await young.PostJsonAsync("/v1/features/generate", "{}");
        await old.PostJsonAsync("/v1/generate", "{}");

        var list = await new HeadwayClient(keyed.Admin).ConsumersAsync("generate");
        list.Consumers.Select(one => (one.Tenant, one.Version, one.Calls, one.Name)).ShouldBe([("a", 1, 2, "caller of a"), ("b", 2, 3, "caller of b")]);
        (list.Consumers[0].Sunset, list.Consumers[1].Sunset).ShouldBe((new DateOnly(2027, 3, 1), null));
        list.Consumers[0].LastCalled.ShouldBeGreaterThanOrEqualTo(list.Consumers[0].Since);
        var operatorOfA = await keyed.ClientAsync("operator", "a");
        (await new HeadwayClient(operatorOfA).ConsumersAsync()).Consumers.ShouldHaveSingleItem().Tenant.ShouldBe("a");
    }

    private sealed record Denied(string Tenant, string Actor, string Outcome, string Purpose);

    private static async Task<List<Denied>> DeniedAsync(KeyedHost keyed) => await keyed.Host.Engine.Database.ReadAsync(async session =>
    {
        var rows = new List<Denied>();
        using var all = session.Prepare("SELECT tenant, actor, outcome, purpose FROM audit_events WHERE action = 'denied'");
        while (await all.StepAsync()) rows.Add(new Denied(all.Text(0)!, all.Text(1)!, all.Text(2)!, all.Text(3)!));
        return rows;
    });
}
