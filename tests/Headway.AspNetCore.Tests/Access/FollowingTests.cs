using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.Access;

/// <summary>Whoever follows jobs over a WebSocket sees what its key sees, and only as long as the key is good.</summary>
public sealed class FollowingTests
{
    [Fact]
    public async Task A_key_for_some_features_follows_no_others()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var everything = await keyed.ClientAsync("caller");
        var (text, _) = await KeyedHost.KeyAsync(keyed.Admin, """{"name":"some","roles":["caller"],"features":["later"]}""");
        var theirs = await everything.WaitingAsync();
        using var socket = await OpenAsync(keyed, text);

        await SayAsync(socket, $$"""{"type":"subscribe","id":"1","job":"{{theirs}}"}""");
        (await NextAsync(socket))!["code"]!.GetValue<string>().ShouldBe("job-unknown");

        await SayAsync(socket, """{"type":"subscribe","id":"2","feature":"review","after":0}""");
        (await NextAsync(socket))!["type"]!.GetValue<string>().ShouldBe("subscribed");
        await SayAsync(socket, """{"type":"subscribe","id":"3","feature":"later","after":0}""");
        (await NextAsync(socket))!["type"]!.GetValue<string>().ShouldBe("subscribed");
        await keyed.With(text).AcceptAsync("later", "{}");
        var told = await NextAsync(socket);
        told!["id"]!.GetValue<string>().ShouldBe("3");
        told.ToJsonString().ShouldNotContain(theirs);
    }

    [Fact]
    public async Task A_key_that_is_revoked_follows_no_more()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var (text, id) = await KeyedHost.KeyAsync(keyed.Admin, """{"name":"laptop","roles":["caller"]}""");
        using var socket = await OpenAsync(keyed, text);
        await SayAsync(socket, """{"type":"subscribe","id":"1","feature":"later"}""");
        (await NextAsync(socket))!["type"]!.GetValue<string>().ShouldBe("subscribed");

        using var revoked = await keyed.Admin.PostJsonAsync($"/v1/admin/keys/{id}/revoke", "{}");
        revoked.StatusCode.ShouldBe(HttpStatusCode.OK, await revoked.Content.ReadAsStringAsync());

        // What it says next is refused, and who only listens is asked again within seconds.
        (await NextAsync(socket)).ShouldBeNull();
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task A_key_for_some_features_is_not_asked_what_is_told_of_all()
    {
        await using var keyed = await KeyedHost.StartAsync();
        var some = await keyed.ClientAsync("auditor operator", more: ""","features":["later"]""");

        foreach (var path in new[] { "/v1/admin/audit", "/v1/admin/audit/export", "/v1/admin/audit/disclosures?subject=a", "/v1/admin/gaps", "/v1/endpoints" })
            await (await some.GetAsync(path)).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "feature-forbidden");
        foreach (var path in new[] { "/v1/endpoints/app/recover", "/v1/deliveries/dlv_0195512f7b1c7c7e9a3b2f4d5e6f7a8b/replay" })
            await (await some.PostJsonAsync(path, "{}")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "feature-forbidden");
        // An endpoint is one for all tenants.
        await (await (await keyed.ClientAsync("operator")).PostJsonAsync("/v1/endpoints/app/enable", "{}")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "tenant-forbidden");
    }

    [Fact]
    public async Task Who_came_without_a_key_is_found_by_an_auditor_of_all_tenants_alone()
    {
        await using var keyed = await KeyedHost.StartAsync();
        (await keyed.With("hw_nonsense").GetAsync("/v1/jobs")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await keyed.Host.Engine.Access.Denials.TellRestAsync();
        await Until.IsSoAsync(async () => (await keyed.Admin.GetStringAsync("/v1/admin/audit?action=denied")).Contains("key-invalid", StringComparison.Ordinal));

        (await (await keyed.ClientAsync("auditor")).GetStringAsync("/v1/admin/audit?action=denied")).ShouldNotContain("key-invalid");
    }

    private static async Task<ClientWebSocket> OpenAsync(KeyedHost keyed, string key)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + key);
        await socket.ConnectAsync(new UriBuilder(keyed.Http.BaseAddress!) { Scheme = "ws", Path = "/v1/ws" }.Uri, CancellationToken.None);
        return socket;
    }

    private static Task SayAsync(ClientWebSocket socket, string message) => socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>Null: it was closed.</summary>
    private static async Task<JsonNode?> NextAsync(ClientWebSocket socket)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (buffer, length) = (new byte[256 * 1024], 0);
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(length), late.Token);
            if (got.MessageType is WebSocketMessageType.Close) return null;
            length += got.Count;
            if (got.EndOfMessage) return JsonNode.Parse(buffer.AsSpan(0, length));
        }
    }
}
